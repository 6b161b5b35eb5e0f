"""SQL of the live loop: which accounts want a round, who takes it, how far it has come."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from pyroaring import BitMap64
from sqlalchemy import any_, exists, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from clientbase.kit.db import AnySession, WriteSession
from clientbase.models import ClientChange, LiveState, Segment
from clientbase.models.feeds import ACCOUNT_FACET
from clientbase.search.bits import unpack
from clientbase.search.snapshots import Snapshot

_FRESHNESS = text("""
SELECT state.computed_at, (
    SELECT min(change.at) FROM client_changes AS change
    WHERE change.account_id = state.account_id AND change.facet = ANY(state.facets)
      AND (change.xid >= state.seen_below OR change.xid = ANY(state.running))
  ) AS waiting_since
FROM live_states AS state WHERE state.account_id = :account_id
""")
_MOVED = text("""
WITH read_through AS (
    SELECT account_id, facets, seen_below, running,
           least(seen_below, (SELECT min(xid) FROM unnest(running) AS xid)) AS begins
    FROM live_states WHERE account_id = :account_id AND computed_at IS NOT NULL
)
SELECT string_agg(int8send(client_id), ''::bytea) AS ids,
       bool_or(client_id IS NULL AND facet <> :account_facet) AS are_unknown,
       (SELECT count(*) = 0 FROM read_through) OR EXISTS (
           SELECT FROM change_horizons AS horizon JOIN read_through AS through USING (account_id)
           WHERE horizon.facet = ANY(through.facets) AND horizon.pruned_through >= through.begins
       ) AS are_pruned
FROM read_through AS through
JOIN client_changes AS change ON change.account_id = through.account_id
     AND (change.xid >= through.seen_below OR change.xid = ANY(through.running))
     AND change.facet = ANY(through.facets)
LEFT JOIN LATERAL unnest(change.client_ids) AS client_id ON true
""")
_BACKLOG = text("""
SELECT count(*) AS changes, coalesce(extract(epoch FROM clock_timestamp() - min(change.at)), 0) AS seconds
FROM live_states AS state JOIN client_changes AS change ON change.account_id = state.account_id
  AND change.facet = ANY(state.facets)
  AND (change.xid >= state.seen_below OR change.xid = ANY(state.running))
""")
_CLAIM = text("""
INSERT INTO live_states AS known (account_id, fence, leased_until)
VALUES (:account_id, 1, now() + make_interval(secs => :seconds))
ON CONFLICT (account_id) DO UPDATE
SET fence = known.fence + 1, leased_until = excluded.leased_until
WHERE known.leased_until IS NULL OR known.leased_until < now()
RETURNING fence
""")
_PROLONG = text("""
UPDATE live_states SET leased_until = now() + make_interval(secs => :seconds)
WHERE account_id = :account_id AND fence = :fence AND leased_until IS NOT NULL
RETURNING fence
""")
_GIVE_BACK = text("""
UPDATE live_states SET leased_until = NULL WHERE account_id = :account_id AND fence = :fence
""")


@dataclass(frozen=True)
class LiveLease:
    """The right to take one account's rounds, until somebody holds a later one."""

    account_id: int
    fence: int


async def accounts_wanting(session: AnySession, *, swept_before: datetime) -> list[int]:
    """Accounts with changes that may concern a live segment, or not looked at since; oldest first."""
    live = select(Segment.account_id).where(Segment.is_live).distinct().subquery("live")
    change, state = ClientChange, LiveState
    is_unseen = exists().where(
        change.account_id == live.c.account_id,
        change.facet == any_(state.facets),
        or_(change.xid >= state.seen_below, change.xid == any_(state.running)),
    )
    is_wanted = or_(
        state.computed_at.is_(None),
        state.computed_at < swept_before,
        state.wakes != state.seen_wakes,
        is_unseen,
    )
    is_free = or_(state.leased_until.is_(None), state.leased_until < func.now())
    query = (
        select(live.c.account_id)
        .outerjoin(state, state.account_id == live.c.account_id)
        .where(is_free, is_wanted)
        .order_by(state.computed_at.nulls_first())
    )
    return list(await session.scalars(query))


async def claim(session: WriteSession, account_id: int, *, seconds: float) -> LiveLease | None:
    """Take an account, unless another worker has it."""
    fence = await session.scalar(_CLAIM, {"account_id": account_id, "seconds": seconds})
    return None if fence is None else LiveLease(account_id, fence)


async def prolong(session: WriteSession, lease: LiveLease, *, seconds: float) -> bool:
    """Keep a lease alive; whether it is still held."""
    values = {"account_id": lease.account_id, "fence": lease.fence, "seconds": seconds}
    return await session.scalar(_PROLONG, values) is not None


async def give_back(session: WriteSession, lease: LiveLease) -> None:
    """Let others take the account."""
    await session.execute(_GIVE_BACK, {"account_id": lease.account_id, "fence": lease.fence})


async def advance(
    session: WriteSession,
    lease: LiveLease,
    *,
    snapshot: Snapshot,
    now: datetime,
    facets: Collection[str],
    wakes: int,
) -> bool:
    """Note how far a round has come; False when the lease has been lost, and nothing may be written."""
    table = LiveState
    where = (table.account_id == lease.account_id, table.fence == lease.fence)
    values = {
        "computed_at": now,
        "seen_below": snapshot.ends,
        "running": sorted(snapshot.running),
        "facets": sorted(facets),
        "seen_wakes": wakes,
    }
    statement = update(table).where(*where).values(**values).returning(table.fence)
    return await session.scalar(statement, execution_options={"synchronize_session": False}) is not None


async def wake(session: WriteSession, account_id: int) -> None:
    """Ask for a round: other segments are live now than those that the last one knew."""
    statement = upsert(LiveState).values(account_id=account_id, wakes=1)
    await session.execute(
        statement.on_conflict_do_update(index_elements=["account_id"], set_={"wakes": LiveState.wakes + 1})
    )


async def wakes_of(session: AnySession, account_id: int) -> int:
    """How often the account has been woken, as the session sees it."""
    found = await session.scalar(select(LiveState.wakes).where(LiveState.account_id == account_id))
    return found or 0


async def last_round_at(session: AnySession, account_id: int) -> datetime | None:
    """The instant that the account's live segments are true for."""
    return await session.scalar(select(LiveState.computed_at).where(LiveState.account_id == account_id))


async def moved_since_round(session: AnySession, account_id: int) -> BitMap64 | None:
    """Clients of whom something has changed since the last round that live segments read.

    None when it cannot be told: after a change of something without clients (a product's group, members by
    hand), or when the log does not reach back so far.
    """
    values = {"account_id": account_id, "account_facet": ACCOUNT_FACET}
    row = (await session.execute(_MOVED, values)).one()
    return None if row.are_unknown or row.are_pruned else unpack(row.ids)


async def freshness(session: AnySession, account_id: int) -> tuple[datetime | None, datetime | None]:
    """The instant that live segments are true for, and since when a change waits for a round."""
    row = (await session.execute(_FRESHNESS, {"account_id": account_id})).one_or_none()
    return (None, None) if row is None else (row.computed_at, row.waiting_since)


async def backlog(session: AnySession) -> tuple[int, float]:
    """How many changes wait for a round, and the seconds that the oldest waits; of all accounts."""
    row = (await session.execute(_BACKLOG)).one()
    return row.changes, float(row.seconds)
