"""How fresh segments are: live ones are as of the last round, though nothing was written into their rows."""

from dataclasses import dataclass
from datetime import datetime

from clientbase.kit.db import AnySession
from clientbase.models import Segment
from clientbase.segments import live_repository as live


@dataclass(frozen=True)
class Freshness:
    """How far the live loop of an account is."""

    computed_at: datetime | None
    """The instant of its last round."""
    waiting_since: datetime | None
    """When the oldest of the changes was made that wait for the next one."""

    @classmethod
    async def read(cls, session: AnySession, account_id: int) -> "Freshness":
        """As it is now."""
        return cls(*await live.freshness(session, account_id))

    def computed_at_of(self, segment: Segment) -> datetime | None:
        """The instant that the members of a segment are true for."""
        at = segment.computed_at
        return max(at, self.computed_at) if at and self.computed_at and segment.is_live else at

    def lag_of(self, segment: Segment, now: datetime) -> int | None:
        """Whole seconds that a segment is behind: the age of a change that waits, or a late recalculation."""
        if segment.is_live:
            return max(0, int((now - self.waiting_since).total_seconds())) if self.waiting_since else 0
        if segment.due_at is None or not segment.is_active or now <= segment.due_at:
            return None
        return int((now - segment.due_at).total_seconds())
