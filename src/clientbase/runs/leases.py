"""Who works on which run: claims, heartbeats, and effects that only the present holder can have.

A lease is a promise by the database's clock: until `lease_until` nobody else takes the run. Each claim raises
the run's `fence`; whatever a holder writes names its fence, so one who was taken for dead writes nothing.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, func, or_, select, text, true, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import BigInteger, Interval

from clientbase.kit import clock
from clientbase.kit.db import AnySession, WriteSession, among
from clientbase.models import Run
from clientbase.runs.schemas import State

IDLE_SECONDS = 15
"""A holder whose transaction stands still for so long (a stopped process) loses it, and the locks in it."""

_DATABASE_TIME = func.clock_timestamp()
_LIMIT_IDLENESS = func.set_config("idle_in_transaction_session_timeout", f"{IDLE_SECONDS}s", true())
_WAITING = text("runs.state IN ('queued', 'running')")
"""Written as the partial index has it: with bound values the planner could not use it."""


class Interrupted(BaseException):
    """Work must stop now; not an Exception, so that no job takes it for a failure of one of its parts."""


class LeaseLost(Interrupted):
    """Another worker has taken the run, or it has ended: the present work must stop and leave no effect."""


@dataclass(frozen=True)
class Lease:
    """The right to work on a run."""

    account_id: int
    run_id: int
    fence: int


@dataclass(frozen=True)
class Claim:
    """A run just taken, as it was left by whoever held it before."""

    lease: Lease
    kind: str
    subject: str | None
    params: dict[str, Any]
    attempt: int
    cancel_requested: bool
    waited_seconds: float | None
    """From its start to this claim, if it is the first."""
    cursor: dict[str, Any] | None = None
    progress: dict[str, Any] = field(default_factory=dict)


async def claim(
    session: WriteSession, *, kinds: Collection[str], owner: str, limit: int, lease_seconds: float
) -> list[Claim]:
    """Take runs that are due and that nobody holds, the longest waiting first; each is an attempt.

    A claimed run gives up its dedupe key: it may have read already what a later caller is going to change.
    """
    now = clock.now()
    unheld = or_(Run.lease_until.is_(None), Run.lease_until < _DATABASE_TIME)
    due = (
        select(Run.account_id, Run.id, Run.started_at.is_(None).label("is_first"))
        .where(_WAITING, among(Run.kind, kinds), Run.not_before <= now, unheld)
        .order_by(Run.not_before, Run.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    statement = (
        update(Run)
        .where(Run.account_id == due.c.account_id, Run.id == due.c.id)
        .values(
            state=State.RUNNING,
            attempt=Run.attempt + 1,
            fence=Run.fence + 1,
            owner=owner,
            dedupe_key=None,
            lease_until=_in(lease_seconds),
            heartbeat_at=_DATABASE_TIME,
            started_at=func.coalesce(Run.started_at, now),
        )
        .returning(Run, due.c.is_first)
    )
    rows = await session.execute(statement, execution_options={"populate_existing": True})
    return [_claim(run, now if is_first else None) for run, is_first in rows]


def _claim(run: Run, first_at: datetime | None) -> Claim:
    return Claim(
        lease=Lease(run.account_id, run.id, run.fence),
        kind=run.kind,
        subject=run.subject,
        params=run.params,
        attempt=run.attempt,
        cancel_requested=run.cancel_requested,
        waited_seconds=None if first_at is None else max(0.0, (first_at - run.not_before).total_seconds()),
        cursor=run.cursor,
        progress=run.progress,
    )


async def heartbeat(
    session: WriteSession, leases: Collection[Lease], *, lease_seconds: float
) -> dict[Lease, bool]:
    """Prolong leases. Those that are still held, each with whether its cancellation is asked for."""
    columns = {name: [getattr(lease, name) for lease in leases] for name in ("account_id", "run_id", "fence")}
    arrays = [bindparam(f"{name}s", values, ARRAY(BigInteger)) for name, values in columns.items()]
    held = func.unnest(*arrays).table_valued(*columns, name="held").render_derived()
    statement = (
        update(Run)
        .where(Run.account_id == held.c.account_id, Run.id == held.c.run_id)
        .where(Run.fence == held.c.fence, Run.state == State.RUNNING)
        .values(lease_until=_in(lease_seconds), heartbeat_at=_DATABASE_TIME)
        .returning(Run.account_id, Run.id, Run.fence, Run.cancel_requested)
    )
    rows = await session.execute(statement, execution_options={"synchronize_session": False})
    return {Lease(account_id, run_id, fence): asked for account_id, run_id, fence, asked in rows}


async def check(session: AnySession, lease: Lease) -> bool:
    """Whether cancellation is asked for. Raises LeaseLost.

    The first statement of a slice. It takes no lock: a slice that stands still must not keep others from the
    run, and `save`, its last statement, refuses to commit what a former holder did.
    """
    found = await session.execute(select(Run.cancel_requested, _LIMIT_IDLENESS).where(*_held_by(lease)))
    row = found.one_or_none()
    if row is None:
        raise LeaseLost
    return bool(row.cancel_requested)


async def save(
    session: WriteSession,
    lease: Lease,
    *,
    cursor: dict[str, Any] | None,
    progress: dict[str, Any],
    moved: bool,
    lease_seconds: float,
) -> None:
    """Keep how far the work is, in the transaction of its effects. Raises LeaseLost, which must undo them.

    The run stays locked till the commit, so nobody takes it in between. `moved` says that the cursor is a new
    one: attempts are counted from there, so that a long run survives any number of kills.
    """
    values: dict[str, Any] = {"cursor": cursor, "progress": progress, "lease_until": _in(lease_seconds)}
    await _write(session, lease, values | ({"attempt": 1} if moved else {}))


async def finish(
    session: WriteSession,
    lease: Lease,
    state: State,
    *,
    result: dict[str, Any] | None = None,
    error: dict[str, Any] | None = None,
) -> None:
    """End the run. Raises LeaseLost."""
    values = {"state": state, "result": result, "error": error, "finished_at": clock.now()}
    await _write(session, lease, values | {"lease_until": None, "owner": None})


async def rest(session: WriteSession, lease: Lease, *, result: dict[str, Any] | None) -> None:
    """Let the run wait for a person; cancelled when somebody has asked for it meanwhile. Raises LeaseLost."""
    values = _waiting(State.NEEDS_REVIEW) | {"result": result, "lease_until": None}
    await _write(session, lease, values)


async def retry(session: WriteSession, lease: Lease, *, delay_seconds: float) -> None:
    """Give the run back, to be tried again after a delay. Raises LeaseLost."""
    await _write(session, lease, _waiting(State.QUEUED) | {"lease_until": _in(delay_seconds)})


async def release(session: WriteSession, lease: Lease) -> None:
    """Give the run back as if it had not been taken: no attempt is counted. Raises LeaseLost."""
    values = _waiting(State.QUEUED) | {"lease_until": None, "attempt": Run.attempt - 1}
    await _write(session, lease, values)


def _waiting(state: State) -> dict[str, Any]:
    """Held by nobody in a state, unless somebody has asked meanwhile for its end."""
    asked = Run.cancel_requested
    return {
        "state": case((asked, State.CANCELLED), else_=state),
        "finished_at": case((asked, clock.now()), else_=None),
        "owner": None,
    }


async def _write(session: WriteSession, lease: Lease, values: dict[str, Any]) -> None:
    statement = update(Run).where(*_held_by(lease)).values(**values).returning(Run.id)
    changed = await session.scalar(statement, execution_options={"synchronize_session": False})
    if changed is None:
        raise LeaseLost


def _held_by(lease: Lease) -> tuple[ColumnElement[bool], ...]:
    return (
        Run.account_id == lease.account_id,
        Run.id == lease.run_id,
        Run.fence == lease.fence,
        Run.state == State.RUNNING,
    )


def _in(seconds: float) -> ColumnElement[datetime]:
    return _DATABASE_TIME + func.make_interval(0, 0, 0, 0, 0, 0, seconds, type_=Interval)
