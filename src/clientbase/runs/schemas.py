"""Shapes of runs."""

from enum import StrEnum
from typing import Any

from pydantic import Field

from clientbase.kit.schema import Code, Id, Instant, Int, Shape
from clientbase.models import Run


class State(StrEnum):
    """Where a run is."""

    QUEUED = "queued"
    RUNNING = "running"
    NEEDS_REVIEW = "needs_review"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = frozenset({State.SUCCEEDED, State.FAILED, State.CANCELLED})
"""States that a run never leaves."""


class RunProgress(Shape):
    """How far a run is; `total` is null until it is known."""

    total: Int | None = Field(default=None, ge=0)
    done: Int = Field(default=0, ge=0)
    created: Int = Field(default=0, ge=0)
    updated: Int = Field(default=0, ge=0)
    skipped: Int = Field(default=0, ge=0)
    rejected: Int = Field(default=0, ge=0)


class RunError(Shape):
    """Why a run failed."""

    code: str = Field(max_length=64, examples=["INTERNAL_ERROR"])
    detail: str = Field(max_length=1000)


class RunOut(Shape):
    """A run of long work."""

    id: Id
    kind: Code
    subject: str | None = Field(
        max_length=1000, description="What it is about: a segment's code, a file's id"
    )
    state: State
    progress: RunProgress
    created_at: Instant
    started_at: Instant | None
    finished_at: Instant | None
    error: RunError | None
    result: dict[str, Any] | None

    @property
    def ended(self) -> bool:
        """Whether nothing about it will change any more."""
        return self.state in ENDED

    @classmethod
    def of(cls, run: Run) -> "RunOut":
        """The shape of a row."""
        return cls(
            id=run.id,
            kind=run.kind,
            subject=run.subject,
            state=State(run.state),
            progress=RunProgress.model_validate(run.progress),
            created_at=run.created_at,
            started_at=run.started_at,
            finished_at=run.finished_at,
            error=None if run.error is None else RunError.model_validate(run.error),
            result=run.result,
        )


class Backlog(Shape):
    """How many runs of a kind are in a state, and how old the oldest is."""

    kind: Code
    state: State
    count: Int
    oldest_seconds: float
