"""Housekeeping: what has served its time is deleted, a bounded number of rows at a time."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, inspect, select, tuple_
from sqlalchemy.orm import aliased

from clientbase.config import settings
from clientbase.kit import clock
from clientbase.kit.db import WriteSession, among
from clientbase.kit.logging import get_logger
from clientbase.models import ExportFilter, IdempotencyKey, Run, ScheduleSlot
from clientbase.models.accounts import IDEMPOTENCY_KEYS_KEPT
from clientbase.models.base import Base
from clientbase.runs.schemas import ENDED

ROWS_AT_ONCE = 20_000
RUNS_KEPT = timedelta(days=30)
SLOTS_KEPT = timedelta(days=7)
log = get_logger(__name__)


@dataclass(frozen=True)
class Expiry:
    """Rows of a table that may go at an instant."""

    table: type[Base]
    condition: Callable[[datetime], Iterable[ColumnElement[bool]]]


def _keys(now: datetime) -> Iterable[ColumnElement[bool]]:
    return (IdempotencyKey.created_at < now - IDEMPOTENCY_KEYS_KEPT,)


def _runs(now: datetime) -> Iterable[ColumnElement[bool]]:
    return (among(Run.state, sorted(ENDED)), Run.finished_at < now - RUNS_KEPT)


def _slots(now: datetime) -> Iterable[ColumnElement[bool]]:
    """The newest slot of a schedule stays, whatever its age: without it the slot would be taken again."""
    newer = aliased(ScheduleSlot)
    is_passed = exists().where(newer.job == ScheduleSlot.job, newer.slot > ScheduleSlot.slot)
    return (ScheduleSlot.slot < now - SLOTS_KEPT, is_passed)


def _export_filters(now: datetime) -> Iterable[ColumnElement[bool]]:
    """With the file that the run made, or would have made."""
    kept = timedelta(hours=settings().export_retention_hours)
    own = and_(Run.account_id == ExportFilter.account_id, Run.id == ExportFilter.run_id)
    return (exists().where(own, among(Run.state, sorted(ENDED)), Run.finished_at < now - kept),)


EXPIRIES = (
    Expiry(IdempotencyKey, _keys),
    Expiry(Run, _runs),
    Expiry(ScheduleSlot, _slots),
    Expiry(ExportFilter, _export_filters),
)


async def purge(session: WriteSession, slot: datetime) -> None:
    """Delete what has expired; what is over the bound goes with the next slot."""
    now = clock.now()
    for expiry in EXPIRIES:
        keys = inspect(expiry.table).primary_key
        old = select(*keys).where(*expiry.condition(now)).limit(ROWS_AT_ONCE)
        found = await session.execute(
            delete(expiry.table).where(tuple_(*keys).in_(old)),
            execution_options={"synchronize_session": False},
        )
        log.info("purged", table=expiry.table.__tablename__, rows=found.rowcount)  # type: ignore[attr-defined]
