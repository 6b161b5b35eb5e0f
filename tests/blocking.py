"""Two things at the same moment: one is held back by a lock until the other has been done."""

import asyncio

from sqlalchemy import text

from clientbase.kit.db import Sessions

_BLOCKED = text(
    "SELECT EXISTS (SELECT FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock')"
)


async def until_blocked(sessions: Sessions) -> None:
    """Wait until somebody in the database waits for a lock. Raises TimeoutError when nobody ever does."""
    async with asyncio.timeout(10), sessions() as session:
        while not await session.scalar(_BLOCKED):
            await session.rollback()
            await asyncio.sleep(0.01)
