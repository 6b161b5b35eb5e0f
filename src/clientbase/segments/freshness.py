"""How fresh segments are: live ones are as of the last round, though nothing was written into their rows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Integer, SQLColumnExpression, case, cast, func, literal, null

from clientbase.config import settings
from clientbase.kit import clock
from clientbase.kit.db import AnySession
from clientbase.models import Segment
from clientbase.segments import live_repository as live


@dataclass(frozen=True)
class Freshness:
    """How far the live loop of an account is, and what that means for its segments, in SQL."""

    round_at: datetime | None
    """The instant of the last round."""
    waiting_since: datetime | None
    """When the oldest of the changes was made that wait for the next one."""
    now: datetime

    @classmethod
    async def read(cls, session: AnySession, account_id: int) -> "Freshness":
        """As it is now."""
        return cls(*await live.freshness(session, account_id), clock.now())

    @property
    def computed_at(self) -> ColumnElement[datetime | None]:
        """The instant that the members of a segment are true for."""
        of_round = func.greatest(Segment.computed_at, _instant(self.round_at))
        is_of_round = Segment.is_live & Segment.computed_at.is_not(None)
        return case((is_of_round, of_round), else_=Segment.computed_at)

    @property
    def lag_seconds(self) -> ColumnElement[int | None]:
        """Whole seconds that it is behind: the age of what waits, or how late its recalculation is."""
        now = _instant(self.now)
        is_late = Segment.is_active & (Segment.due_at < now)
        return case(
            (Segment.is_live, func.greatest(0, _seconds_between(self._behind_from, now))),
            (is_late, _seconds_between(Segment.due_at, now)),
            else_=null(),
        )

    @property
    def _behind_from(self) -> ColumnElement[datetime]:
        """Of a live segment: a change waits, or the look at what time has moved is late."""
        looked_at = func.coalesce(self.computed_at, _instant(self.now))
        late_from = looked_at + timedelta(seconds=settings().live_sweep_seconds)
        return func.least(late_from, _instant(self.waiting_since))


def _instant(at: datetime | None) -> ColumnElement[datetime]:
    """Bound with its type, null too: the greatest and the least of a null and a value is the value."""
    return cast(literal(at), DateTime(timezone=True))


def _seconds_between(begin: SQLColumnExpression[Any], end: SQLColumnExpression[Any]) -> ColumnElement[int]:
    return cast(func.floor(func.extract("epoch", end - begin)), Integer)
