"""How members change: always whole, under one lock of the account, with the history and what it tells."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from pyroaring import BitMap64

from clientbase.kit import clock
from clientbase.kit.db import WriteSession
from clientbase.models import Segment
from clientbase.segments import live_repository as live
from clientbase.segments.membership_repository import (
    Known,
    MembershipRepository,
    NewStored,
    Record,
    Stored,
)
from clientbase.segments.pin_repository import PinRepository
from clientbase.segments.repository import SegmentRepository
from clientbase.segments.reviews import withdraw
from clientbase.segments.schemas import Kind, State

_TOLD = ("data", "hand")
"""Causes of changes that go to the timelines of clients, asked for or not."""


@dataclass(frozen=True)
class NewMembers:
    """Members found in one snapshot."""

    segment_id: int
    definition_revision: int
    """Of the filter that they were found by."""
    members: BitMap64
    """As the filter says; pins are applied where they are stored."""
    computed_at: datetime
    """The instant of the snapshot: of two results the later one counts."""
    as_of: datetime
    """The oldest instant that they rest on: earlier where segments in the filter were computed earlier."""
    is_recount: bool = True
    """Whether every leaf was evaluated whole: then the next recount is due after a whole pause."""


@dataclass(frozen=True)
class Swapped:
    """What is stored of a segment, once the transaction has been committed."""

    is_changed: bool
    version: int
    members: BitMap64


async def swap(
    session: WriteSession,
    *,
    account_id: int,
    found: Sequence[NewMembers],
    run_id: int | None = None,
    known: Known | None = None,
) -> dict[int, Swapped]:
    """Put new members in place of the stored ones, all in the caller's transaction.

    Stored ones that are `known` need not be read. The answer tells by segment what is stored now. Left out
    are segments that were deleted, edited, switched off or computed for a later instant meanwhile. Clients
    deleted since do not enter. Readers see the members, size and instant before or after, never a mixture.
    """
    memberships = MembershipRepository(session, account_id)
    await memberships.lock()
    segments = await SegmentRepository(session, account_id).hold_all([one.segment_id for one in found])
    last_round_at = await live.last_round_at(session, account_id)
    pairs = [(segments[one.segment_id], one) for one in found if one.segment_id in segments]
    counting = [(segment, one) for segment, one in pairs if _still_counts(segment, one, last_round_at)]
    for segment, one in pairs:
        _postpone(segment, one)
    stored = await memberships.stored([segment.id for segment, _ in counting], known=known)
    former = {segment.id: _members(stored.get(segment.id)) for segment, _ in counting}
    pins = await PinRepository(session, account_id).read([segment.id for segment, _ in counting])
    entering = reduce(or_, [one.members - former[one.segment_id] for _, one in counting], BitMap64())
    dead = await _dead(memberships, entering)
    filled = [segment.code for segment, _ in counting if segment.version == 0]
    reviewed = [segment.code for segment, _ in counting if segment.state == State.NEEDS_REVIEW]
    changes = []
    for segment, one in counting:
        living = _of_living(one.members, dead, follow=_follows(segment))
        changes.append(_Change.of(segment, one, former[segment.id], pins[segment.id].applied(living)))
    await _write(memberships, changes, stored, run_id)
    await session.flush()
    await withdraw(session, account_id=account_id, codes=reviewed)
    if filled:
        await SegmentRepository(session, account_id).wake_users(filled, now=clock.now())
    return {one.segment.id: Swapped(one.is_one, one.segment.version, one.members) for one in changes}


def _follows(segment: Segment) -> bool:
    """Whether who was merged away is followed: members of a dynamic segment are judged anew instead."""
    return segment.kind != Kind.DYNAMIC


def _still_counts(segment: Segment, one: NewMembers, last_round_at: datetime | None) -> bool:
    """Members of a manual segment are always changed as they stand; others may have been found too early.

    What a live round has found to be unchanged is of its instant too, though it wrote nothing.
    """
    if segment.definition_revision != one.definition_revision:
        return False
    seen = [at for at in (segment.computed_at, last_round_at if segment.is_live else None) if at is not None]
    return segment.kind == Kind.MANUAL or (segment.is_active and all(at <= one.computed_at for at in seen))


def _postpone(segment: Segment, one: NewMembers) -> None:
    """The next recount: a whole pause after the last one, whatever live rounds have brought in between."""
    if not segment.is_active or segment.definition_revision != one.definition_revision:
        return
    if segment.kind != Kind.DYNAMIC:
        segment.due_at = None
    elif one.is_recount or segment.due_at is None:
        next_one = one.computed_at + timedelta(hours=segment.recalculation_hours)
        segment.due_at = max(next_one, segment.due_at or next_one)


def _members(stored: Stored | None) -> BitMap64:
    return BitMap64() if stored is None else stored.members


async def _dead(memberships: MembershipRepository, ids: BitMap64) -> dict[int, int | None]:
    """Those that are clients no more, with the one that each was merged into."""
    dead = ids - await memberships.living(ids)
    survivors = await memberships.survivors(list(dead)) if dead else {}
    return {client_id: survivors.get(client_id) for client_id in dead}


def _of_living(members: BitMap64, dead: Mapping[int, int | None], *, follow: bool) -> BitMap64:
    """Members without the dead; `follow` puts those in their place that they were merged into."""
    if not dead:
        return members
    lost = members & BitMap64(dead)
    heirs = [heir for client_id in lost if (heir := dead[client_id]) is not None]
    return (members - lost) | BitMap64(heirs if follow else [])


@dataclass(frozen=True)
class _Change:
    """New members of a segment that is held, in place of the former ones."""

    segment: Segment
    found: NewMembers
    former: BitMap64
    members: BitMap64
    cause: str
    is_one: bool
    """Whether it changes anything; if not, the members are only true for a later instant."""
    is_told: bool
    """Whether timelines tell of it."""

    @classmethod
    def of(cls, segment: Segment, found: NewMembers, former: BitMap64, members: BitMap64) -> "_Change":
        """Settle the segment, which is to be flushed."""
        cause, is_one = _cause(segment), members != former or segment.version == 0
        is_told = is_one and (cause in _TOLD or segment.announce)
        segment.version += is_one
        segment.computed_revision = found.definition_revision
        segment.size = len(members)
        segment.computed_at = found.computed_at
        segment.state = str(State.READY)
        segment.error_code = segment.error_detail = None
        segment.failures = 0
        segment.announce = False
        segment.accepted_leaving = 0
        return cls(segment, found, former, members, cause, is_one, is_told)

    def to_store(self, former: Stored | None) -> NewStored:
        """In place of what is stored."""
        segment = self.segment
        return NewStored(segment.id, segment.version, self.members, self.found.as_of, former)

    def record(self, run_id: int | None) -> Record:
        """For the history."""
        return Record(
            self.segment.id,
            self.segment.version,
            self.found.computed_at,
            self.cause,
            run_id,
            len(self.members),
            self.members - self.former,
            self.former - self.members,
            self.is_told,
        )


async def _write(
    memberships: MembershipRepository,
    changes: Sequence[_Change],
    stored: Mapping[int, Stored],
    run_id: int | None,
) -> None:
    """All of it in a constant number of statements."""
    news = [change for change in changes if change.is_one]
    await memberships.confirm(
        {change.segment.id: change.found.as_of for change in changes if not change.is_one}
    )
    await memberships.write([one.to_store(stored.get(one.segment.id)) for one in news])
    await memberships.record([change.record(run_id) for change in news])


def _cause(segment: Segment) -> str:
    """Why members come: judged by the segment as it stands when they do."""
    if segment.version == 0:
        return "first_fill"
    if segment.kind == Kind.MANUAL:
        return "hand"
    return "data" if segment.computed_revision == segment.definition_revision else "edit"


async def remove_clients(
    session: WriteSession, *, account_id: int, client_ids: Collection[int], cause: str = "client_deleted"
) -> None:
    """Take clients out of every segment.

    To be called in the transaction that deletes them and before their rows are touched: it takes the lock
    under which members change, so that no recalculation on its way brings them back.
    """
    gone = BitMap64(client_ids)
    memberships = MembershipRepository(session, account_id)
    await memberships.lock()
    for stored in (await memberships.stored()).values():
        if not stored.members.isdisjoint(gone):
            await _replace(memberships, stored, stored.members - gone, cause)


async def replace_clients(
    session: WriteSession, *, account_id: int, old_ids: Collection[int], new_id: int, cause: str = "merge"
) -> None:
    """Clients have been merged into another: the survivor takes their place in manual and static segments.

    In dynamic ones the survivor is judged anew by the next recalculation. Pins follow the survivor. As
    `remove_clients` to be called before the rows of the merged-away clients are touched.
    """
    gone = BitMap64(old_ids)
    memberships, pinning = MembershipRepository(session, account_id), PinRepository(session, account_id)
    await memberships.lock()
    await pinning.follow(old_ids, new_id)
    pins = await pinning.read(client_ids=[new_id])
    for stored in (await memberships.stored()).values():
        follows = BitMap64([new_id] if stored.kind != Kind.DYNAMIC else [])
        had_any = not stored.members.isdisjoint(gone)
        members = pins[stored.segment_id].applied(
            (stored.members | follows) - gone if had_any else stored.members
        )
        if members != stored.members:
            await _replace(memberships, stored, members, cause)


async def apply_pins(session: WriteSession, segment: Segment) -> None:
    """Let the stored members of a segment follow its pins at once; timelines are to tell of it.

    To be called under the lock of memberships.
    """
    memberships = MembershipRepository(session, segment.account_id)
    stored = (await memberships.stored([segment.id])).get(segment.id)
    if stored is None:
        return
    pins = (await PinRepository(session, segment.account_id).read([segment.id]))[segment.id]
    members = pins.applied(stored.members)
    if members != stored.members:
        await _replace(memberships, stored, members, "hand")


async def _replace(memberships: MembershipRepository, stored: Stored, members: BitMap64, cause: str) -> None:
    """Members changed by what happened to clients: the instant that they were computed for stays.

    A segment that is being deleted is let alone.
    """
    version = stored.version + 1
    is_there = await SegmentRepository(memberships.session, memberships.account_id).update_if(
        stored.segment_id, version=stored.version, values={"version": version, "size": len(members)}
    )
    if not is_there:
        return
    await memberships.write([NewStored(stored.segment_id, version, members, stored.computed_at, stored)])
    entered, left = members - stored.members, stored.members - members
    now, is_told = clock.now(), cause in _TOLD
    record = Record(stored.segment_id, version, now, cause, None, len(members), entered, left, is_told)
    await memberships.record([record])
