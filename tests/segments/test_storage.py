"""How members are kept: whole while they are small or change much, else as a drift from a base."""

import random

import httpx
from pyroaring import BitMap64
from sqlalchemy import select

from clientbase.accounts.schemas import AccountInfo
from clientbase.kit import clock
from clientbase.kit.db import Sessions, reading, writing
from clientbase.models import SegmentMembership
from clientbase.segments.membership_repository import MembershipRepository, NewStored, Stored
from tests.segments.work import make


async def kept(sessions: Sessions, account: AccountInfo) -> tuple[Stored, int]:
    """The members of the only segment, and how many bytes their drift takes."""
    async with reading(sessions) as session:
        (stored,) = (await MembershipRepository(session, account.id).stored()).values()
        drift = await session.scalar(
            select(SegmentMembership.drift).where(SegmentMembership.account_id == account.id)
        )
        return stored, len(drift or b"")


async def replace(sessions: Sessions, account: AccountInfo, members: BitMap64) -> None:
    stored, _ = await kept(sessions, account)
    remembered = {stored.segment_id: (stored.version, stored.members)}
    async with reading(sessions) as session:
        same = await MembershipRepository(session, account.id).stored(known=remembered)
    assert same == {stored.segment_id: stored}
    assert same[stored.segment_id].members is stored.members, "what is remembered is not read again"
    new = NewStored(stored.segment_id, stored.version + 1, members, clock.now(), stored)
    async with writing(sessions) as session:
        await MembershipRepository(session, account.id).write([new])


async def test_a_large_segment_that_changes_a_little_keeps_its_base(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    rng = random.Random(5)
    everyone = range(1, 200_000)
    await make(api, "chosen", None, kind="manual")
    members = BitMap64(rng.sample(everyone, 40_000))
    await replace(sessions, account, members)
    size = (await kept(sessions, account))[0].base_bytes
    for _ in range(6):
        members = members ^ BitMap64(rng.sample(everyone, 100))
        await replace(sessions, account, members)
        stored, drift = await kept(sessions, account)
        assert stored.members == members
        assert (stored.base_bytes, drift > 0) == (size, True)
    members = members ^ BitMap64(rng.sample(everyone, 20_000))
    await replace(sessions, account, members)
    stored, drift = await kept(sessions, account)
    assert (stored.members, drift) == (members, 0)
    assert stored.base_bytes != size


async def test_a_small_segment_is_written_whole(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    await make(api, "chosen", None, kind="manual")
    for members in (BitMap64(range(500)), BitMap64(range(400)), BitMap64()):
        await replace(sessions, account, members)
        stored, drift = await kept(sessions, account)
        assert (stored.members, drift) == (members, 0)
