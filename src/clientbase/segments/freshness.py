"""How fresh segments are: live ones are as of the last round, though nothing was written into their rows."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from clientbase.config import settings
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
        """Whole seconds that a segment is behind: the age of what waits, or how late its recalculation is."""
        if segment.is_live:
            return max(0, int(self._behind(segment, now).total_seconds()))
        if segment.due_at is None or not segment.is_active or now <= segment.due_at:
            return None
        return int((now - segment.due_at).total_seconds())

    def _behind(self, segment: Segment, now: datetime) -> timedelta:
        """Of a live segment: a change waits, or the look at what time has moved is late."""
        looked_at = self.computed_at_of(segment) or now
        late = now - looked_at - timedelta(seconds=settings().live_sweep_seconds)
        return max(late, now - self.waiting_since) if self.waiting_since else late
