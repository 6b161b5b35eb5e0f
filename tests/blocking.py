"""Two things at the same moment: one is held back by a lock until the other has been done."""

from sqlalchemy import text

from clientbase.kit.db import Sessions
from tests.waiting import eventually

_BLOCKED = text(
    "SELECT EXISTS (SELECT FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock')"
)


async def until_blocked(sessions: Sessions) -> None:
    """Wait until somebody in the database waits for a lock; fails when nobody ever does."""

    async def blocked() -> bool:
        async with sessions() as session:
            return bool(await session.scalar(_BLOCKED))

    await eventually(blocked, seconds=10, said="somebody waits for a lock")
