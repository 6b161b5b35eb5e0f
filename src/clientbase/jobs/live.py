"""The live loop of a worker: accounts whose clients have changed get a round, one worker at a time each."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from clientbase.accounts.service import account_by_id
from clientbase.config import settings
from clientbase.jobs.executor import DATABASE_ERRORS
from clientbase.kit import clock, metrics
from clientbase.kit.db import Sessions, reading, writing
from clientbase.kit.logging import bound, get_logger
from clientbase.segments import live_repository as live
from clientbase.segments.live import LiveLeaseLost, Memory, take_round
from clientbase.segments.live_repository import LiveLease

POLL_SECONDS = 0.25
AT_ONCE = 2
"""Accounts that this worker works on at the same time."""
LONGEST_PAUSE_SECONDS = 5.0
"""Between the rounds of an account, however long they take: the one that waits longest comes first anyway."""
ACCOUNTS_REMEMBERED = 5
log = get_logger(__name__)


class LiveLoop:
    """Looks for accounts that want a round and takes rounds; `control` keeps the leases alive."""

    def __init__(self, sessions: Sessions, control: Sessions) -> None:
        self._sessions = sessions
        self._control = control
        self._memories: dict[int, Memory] = {}
        self._not_before: dict[int, float] = {}
        """When an account may have its next round, on the monotonic clock."""
        self._busy: dict[int, asyncio.Task[None]] = {}
        self._failures: dict[int, int] = {}
        """Rounds of an account that have failed one after another."""

    async def run(self) -> None:
        """Look a few times a second, for ever; a cancellation ends the rounds under way unwritten."""
        try:
            while True:
                try:
                    await self._fill()
                except DATABASE_ERRORS:
                    metrics.SWEEP_ERRORS.labels("live").inc()
                    log.warning("live_look_failed", exc_info=True)
                await asyncio.sleep(POLL_SECONDS)  # a change of any process is seen in the log only
        finally:
            for task in self._busy.values():
                task.cancel()
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def _fill(self) -> None:
        if len(self._busy) >= AT_ONCE:
            return
        swept_before = clock.now() - timedelta(seconds=settings().live_sweep_seconds)
        async with reading(self._control) as session:
            wanting = await live.accounts_wanting(session, swept_before=swept_before)
        now = time.monotonic()
        for account_id in wanting:
            is_early = self._not_before.get(account_id, 0.0) > now
            if account_id not in self._busy and not is_early and len(self._busy) < AT_ONCE:
                task = asyncio.create_task(self._work(account_id), name=f"live {account_id}")
                self._busy[account_id] = task

    async def _work(self, account_id: int) -> None:
        """One round of an account, when no other worker has it."""
        began = time.monotonic()
        try:
            async with self._leased(account_id) as lease:
                if lease is not None:
                    await self._round(lease)
            self._failures.pop(account_id, None)
        except LiveLeaseLost:
            log.warning("live_lease_lost", account_id=account_id)
        except Exception:  # whatever is wrong with one account, the loop goes on for all others
            self._failures[account_id] = self._failures.get(account_id, 0) + 1
            metrics.SWEEP_ERRORS.labels("live").inc()
            log.warning("live_round_failed", account_id=account_id, exc_info=True)
        finally:
            ended = time.monotonic()
            self._not_before[account_id] = ended + self._pause(account_id, ended - began)
            del self._busy[account_id]

    def _pause(self, account_id: int, seconds: float) -> float:
        """As long as the round, so that others get on, yet not long; after failures longer and longer."""
        usual = max(settings().live_debounce_seconds, min(seconds, LONGEST_PAUSE_SECONDS))
        longest = max(usual, settings().live_sweep_seconds)
        return min(usual * 2.0 ** min(self._failures.get(account_id, 0), 10), longest)

    async def _round(self, lease: LiveLease) -> None:
        began = time.monotonic()
        async with reading(self._sessions) as session:
            account = await account_by_id(session, account_id=lease.account_id)
        with bound(account_id=account.id, fence=lease.fence):
            report = await take_round(
                self._sessions, account=account, lease=lease, memory=self._remembered(account.id)
            )
            seconds = time.monotonic() - began
            metrics.LIVE_ROUND_SECONDS.observe(seconds)
            metrics.LIVE_SEGMENTS_CHANGED.inc(report.changed)
            log.info(
                "live_round", changed=report.changed, failed=len(report.failed), seconds=round(seconds, 3)
            )

    def _remembered(self, account_id: int) -> Memory:
        """The memory of an account, the one used last kept longest."""
        memory = self._memories.pop(account_id, None) or Memory()
        self._memories[account_id] = memory
        while len(self._memories) > ACCOUNTS_REMEMBERED:
            del self._memories[next(iter(self._memories))]
        return memory

    @asynccontextmanager
    async def _leased(self, account_id: int) -> AsyncIterator[LiveLease | None]:
        """The lease of an account, kept alive until this is left, and given back then."""
        async with writing(self._control) as session:
            lease = await live.claim(session, account_id, seconds=settings().lease_seconds)
        if lease is None:
            yield None
            return
        beating = asyncio.create_task(self._beat(lease))
        try:
            yield lease
        finally:
            beating.cancel()
            with suppress(*DATABASE_ERRORS):
                async with writing(self._control) as session:
                    await live.give_back(session, lease)

    async def _beat(self, lease: LiveLease) -> None:
        while True:
            await asyncio.sleep(settings().heartbeat_seconds)
            with suppress(*DATABASE_ERRORS):
                async with writing(self._control) as session:
                    await live.prolong(session, lease, seconds=settings().lease_seconds)
