"""Runs of long work, and the slots of schedules: PostgreSQL owns the truth, the queue only rings."""

from datetime import datetime
from typing import Any

from sqlalchemy import Identity, Index, Integer, func, text
from sqlalchemy.orm import Mapped, mapped_column

from clientbase.models.base import AccountId, Base, Code


class Run(Base):
    """One piece of long work with its lease, cursor, progress and result."""

    __tablename__ = "runs"
    __table_args__ = (
        Index("ix_runs_waiting", "not_before", postgresql_where=text("state IN ('queued', 'running')")),
        Index("ix_runs_by_account", "account_id", "created_at"),
        Index(
            "ix_runs_in_review",
            "account_id",
            "kind",
            "subject",
            postgresql_where=text("state = 'needs_review'"),
        ),
        Index(
            "uq_runs_dedupe",
            "account_id",
            "kind",
            "dedupe_key",
            unique=True,
            postgresql_where=text("dedupe_key IS NOT NULL AND state = 'queued'"),
        ),
    )

    account_id: Mapped[AccountId]
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[Code]
    subject: Mapped[str | None]
    """What it is about: a segment's code, a file's id."""
    params: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    dedupe_key: Mapped[str | None]
    state: Mapped[Code] = mapped_column(server_default=text("'queued'"))
    """queued, running, needs_review, succeeded, failed, cancelled"""
    attempt: Mapped[int] = mapped_column(Integer, server_default="0")
    max_attempts: Mapped[int] = mapped_column(Integer, server_default="5")
    not_before: Mapped[datetime] = mapped_column(server_default=func.now())
    lease_until: Mapped[datetime | None]
    owner: Mapped[str | None]
    fence: Mapped[int] = mapped_column(server_default="0")
    """Grows with every claim; an effect of an older claim is refused."""
    heartbeat_at: Mapped[datetime | None]
    cancel_requested: Mapped[bool] = mapped_column(server_default="false")
    cursor: Mapped[dict[str, Any] | None]
    progress: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    result: Mapped[dict[str, Any] | None]
    error: Mapped[dict[str, Any] | None]
    created_by: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class ScheduleSlot(Base):
    """A slot of a schedule that was taken: unique, so each happens once however many workers there are."""

    __tablename__ = "schedule_slots"

    job: Mapped[Code] = mapped_column(primary_key=True)
    slot: Mapped[datetime] = mapped_column(primary_key=True)
    taken_at: Mapped[datetime] = mapped_column(server_default=func.now())
