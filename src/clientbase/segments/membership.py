"""How members change: always whole, under one lock of the account, with the history and what it tells."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from pyroaring import BitMap64

from clientbase.kit import clock
from clientbase.kit.db import WriteSession
from clientbase.segments.membership_repository import MembershipRepository, Stored
from clientbase.segments.repository import SegmentRepository
from clientbase.segments.schemas import Kind, State


@dataclass(frozen=True)
class NewMembers:
    """Members found anew, and what they were compared with."""

    segment_id: int
    version: int
    definition_revision: int
    members: BitMap64
    former: BitMap64
    cause: str
    """first_fill, edit, data, hand, client_deleted, merge"""
    told: bool
    """Whether entering and leaving goes to the timelines of the clients."""
    computed_at: datetime
    due_at: datetime | None = None


async def swap(
    session: WriteSession, *, account_id: int, found: Sequence[NewMembers], run_id: int | None = None
) -> list[NewMembers]:
    """Put new members in place of the stored ones, all in the caller's transaction; the ones put there.

    Members whose segment has changed since they were compared are discarded. Clients deleted since they were
    found do not enter. Readers see the members, size and instant before or after, never a mixture.
    """
    memberships = MembershipRepository(session, account_id)
    await memberships.lock()
    entering = reduce(or_, [one.members - one.former for one in found], BitMap64())
    gone = entering - await memberships.living(entering)
    swapped = []
    for one in found:
        if await _swap_one(session, account_id, one, one.members - gone, run_id):
            swapped.append(one)
    same = [one for one in swapped if one.version and one.members - gone == one.former]
    if same:
        ids = [one.segment_id for one in same]
        await memberships.confirm(ids, computed_at=max(one.computed_at for one in same))
    return swapped


async def _swap_one(
    session: WriteSession, account_id: int, one: NewMembers, members: BitMap64, run_id: int | None
) -> bool:
    changed = members != one.former or one.version == 0
    version = one.version + 1 if changed else one.version
    values: dict[str, Any] = {
        "version": version,
        "computed_revision": one.definition_revision,
        "size": len(members),
        "computed_at": one.computed_at,
        "due_at": one.due_at,
        "state": State.READY,
        "error_code": None,
        "error_detail": None,
        "failures": 0,
        "announce": False,
    }
    is_current = await SegmentRepository(session, account_id).update_if(
        one.segment_id,
        version=one.version,
        definition_revision=one.definition_revision,
        values=values,
    )
    if is_current and changed:
        memberships = MembershipRepository(session, account_id)
        await _write(memberships, one, members, version, run_id)
    return is_current


async def _write(
    memberships: MembershipRepository, one: NewMembers, members: BitMap64, version: int, run_id: int | None
) -> None:
    entered, left = members - one.former, one.former - members
    await memberships.write(one.segment_id, version=version, members=members, computed_at=one.computed_at)
    await memberships.record(
        entered,
        left,
        segment_id=one.segment_id,
        version=version,
        at=one.computed_at,
        cause=one.cause,
        run_id=run_id,
        size=len(members),
    )
    if one.told:
        await memberships.tell(one.segment_id, "segment.entered", entered, at=one.computed_at)
        await memberships.tell(one.segment_id, "segment.left", left, at=one.computed_at)


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
    now = clock.now()
    for stored in (await memberships.stored()).values():
        if not stored.members.isdisjoint(gone):
            await _replace(memberships, session, stored, stored.members - gone, cause, now)


async def replace_client(
    session: WriteSession, *, account_id: int, old_id: int, new_id: int, cause: str = "merge"
) -> None:
    """A client has been merged into another: the survivor takes its place in manual and static segments.

    In dynamic ones the survivor is judged anew by the next recalculation. As `remove_clients` to be called
    before the rows of the merged-away client are touched.
    """
    memberships = MembershipRepository(session, account_id)
    await memberships.lock()
    now = clock.now()
    for stored in (await memberships.stored()).values():
        if old_id in stored.members:
            follows = BitMap64([new_id] if stored.kind != Kind.DYNAMIC else [])
            members = (stored.members | follows) - BitMap64([old_id])
            await _replace(memberships, session, stored, members, cause, now)


async def _replace(
    memberships: MembershipRepository,
    session: WriteSession,
    stored: Stored,
    members: BitMap64,
    cause: str,
    now: datetime,
) -> None:
    """Members changed by what happened to clients: the instant that they were computed for stays."""
    version = stored.version + 1
    await SegmentRepository(session, memberships.account_id).update_if(
        stored.segment_id,
        version=stored.version,
        values={"version": version, "size": len(members)},
    )
    await memberships.write_members(stored.segment_id, version=version, members=members)
    await memberships.record(
        members - stored.members,
        stored.members - members,
        segment_id=stored.segment_id,
        version=version,
        at=now,
        cause=cause,
        run_id=None,
        size=len(members),
    )
