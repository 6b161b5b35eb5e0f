"""Rounds of the live loop and the telling behind them, taken as the worker takes them."""

from datetime import timedelta

from clientbase.accounts.schemas import AccountInfo
from clientbase.kit import clock
from clientbase.kit.db import Sessions, reading, writing
from clientbase.segments import live_repository as live
from clientbase.segments.live import Memory, take_round
from clientbase.segments.recalculate import Report
from clientbase.segments.telling import EVENTS_AT_ONCE, tell_some
from tests.segments.work import recount

MINUTE = timedelta(minutes=1)


async def wants_round(sessions: Sessions, account: AccountInfo) -> bool:
    """Whether the worker would take the account now."""
    async with reading(sessions) as session:
        return account.id in await live.accounts_wanting(session, swept_before=clock.now() - MINUTE)


async def live_round(sessions: Sessions, account: AccountInfo, memory: Memory) -> Report:
    """One round, whether it is wanted or not."""
    async with writing(sessions) as session:
        lease = await live.claim(session, account.id, seconds=15)
    assert lease is not None
    try:
        return await take_round(sessions, account=account, lease=lease, memory=memory)
    finally:
        async with writing(sessions) as session:
            await live.give_back(session, lease)


async def tell(sessions: Sessions, account: AccountInfo, at_most: int = EVENTS_AT_ONCE) -> list[int]:
    """Events told in one slice after another, until none is left; how many each."""
    slices = []
    while True:
        async with writing(sessions) as session:
            told = await tell_some(session, account_id=account.id, at_most=at_most)
        if not told:
            return slices
        slices.append(told)


async def settle(sessions: Sessions, account: AccountInfo, memory: Memory) -> int:
    """Rounds until none is wanted and nothing is left to tell; how many there were."""
    rounds = 0
    await tell(sessions, account)
    while await wants_round(sessions, account):
        await live_round(sessions, account, memory)
        await tell(sessions, account)
        rounds += 1
        assert rounds < 10, "the segments move without an end"
    return rounds


async def go_live(sessions: Sessions, account: AccountInfo, memory: Memory) -> None:
    """Compute the segments for the first time, so that the loop keeps them from then on."""
    await recount(sessions, account)
    await settle(sessions, account, memory)
