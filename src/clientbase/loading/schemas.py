"""The answer to a batch: what became of every row."""

from typing import Any, Literal

from pydantic import Field

from clientbase.kit.schema import Id, Shape
from clientbase.loading.outcome import Outcome, progress

MAX_BATCH = 1000
_MAX_ALLOWED = 1000


class BatchError(Shape):
    """One fault of a row; the pointer leads into the row."""

    pointer: str = Field(max_length=4096)
    code: str = Field(max_length=64)
    message: str = Field(max_length=1000)
    allowed: list[Any] | None = Field(default=None, max_length=_MAX_ALLOWED)


class BatchItem(Shape):
    """What became of one row."""

    index: int = Field(ge=0)
    status: Literal["created", "updated", "unchanged", "rejected"]
    id: Id | None
    errors: list[BatchError] = Field(max_length=100)


class Progress(Shape):
    """Counts of a batch: total = created + updated + skipped + rejected."""

    total: int = Field(ge=0)
    created: int = Field(ge=0)
    updated: int = Field(ge=0)
    skipped: int = Field(ge=0)
    rejected: int = Field(ge=0)


class BatchAnswer(Shape):
    """What became of every row."""

    items: list[BatchItem] = Field(max_length=MAX_BATCH)
    progress: Progress


def batch_answer(outcomes: list[Outcome]) -> BatchAnswer:
    """Outcomes as they are answered."""
    items = [
        BatchItem(
            index=outcome.index,
            status=outcome.status,
            id=outcome.id,
            errors=[
                BatchError(
                    pointer=fault.pointer,
                    code=fault.code,
                    message=fault.message,
                    allowed=list(fault.allowed[:_MAX_ALLOWED]) if fault.allowed is not None else None,
                )
                for fault in outcome.errors[:100]
            ],
        )
        for outcome in outcomes
    ]
    return BatchAnswer(items=items, progress=Progress(**progress(outcomes)))
