"""The telling loop of a worker: what swaps have left to tell goes onto timelines, slice by slice."""

import asyncio

from clientbase.jobs.executor import DATABASE_ERRORS
from clientbase.kit import metrics
from clientbase.kit.db import Sessions, reading, writing
from clientbase.kit.logging import get_logger
from clientbase.segments.telling import tell_some
from clientbase.segments.telling_repository import accounts_untold

POLL_SECONDS = 0.25
log = get_logger(__name__)


class TellingLoop:
    """Looks for accounts with untold events; each gets a slice in turn, so none waits for a large one."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def run(self) -> None:
        """Look a few times a second, for ever."""
        while True:
            told = 0
            try:
                told = await self._tell_all()
            except DATABASE_ERRORS:
                metrics.SWEEP_ERRORS.labels("telling").inc()
                log.warning("telling_look_failed", exc_info=True)
            if not told:
                await asyncio.sleep(POLL_SECONDS)  # a swap of any process is seen in the table only

    async def _tell_all(self) -> int:
        """One slice of every account; how many events were told."""
        async with reading(self._sessions) as session:
            waiting = await accounts_untold(session)
        return sum([await self._tell(account_id) for account_id in waiting])

    async def _tell(self, account_id: int) -> int:
        try:
            async with writing(self._sessions) as session:
                told = await tell_some(session, account_id=account_id)
        except Exception:  # whatever is wrong with one account, the others get their turn
            metrics.SWEEP_ERRORS.labels("telling").inc()
            log.warning("telling_failed", account_id=account_id, exc_info=True)
            return 0
        metrics.EVENTS_TOLD.inc(told)
        return told
