"""The instant of an evaluation, and the account's wall clock: days, gaps, repeated times."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

TICK = timedelta(microseconds=1)
EARLIEST = datetime.min.replace(tzinfo=UTC)
LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant for a whole evaluation and the account's time zone; `now` is aware."""

    now: datetime
    zone: ZoneInfo

    @property
    def today(self) -> date:
        """The account's day."""
        return self.day_of(self.now)

    def day_of(self, instant: datetime) -> date:
        """The account's day that holds an instant; instants beyond the calendar count as its ends."""
        return self.wall(instant).date()

    def wall(self, instant: datetime) -> datetime:
        """What the account's clock shows at an instant, without zone."""
        try:
            return instant.astimezone(self.zone).replace(tzinfo=None, fold=0)
        except OverflowError:
            return datetime.min if instant.year < 5000 else datetime.max

    def instant(self, wall: datetime) -> datetime:
        """The instant, in UTC, at which the clock shows a time.

        A time in a gap moves forward by the gap; a repeated time is the first of the two.
        """
        try:
            return wall.replace(tzinfo=self.zone, fold=0).astimezone(UTC)
        except OverflowError:
            return EARLIEST if wall.year < 5000 else LATEST

    def start_of(self, day: date) -> datetime:
        """The first instant of the account's day."""
        return self.instant(datetime.combine(day, time()))

    def end_of(self, day: date) -> datetime:
        """The last microsecond of the account's day."""
        return LATEST if day == date.max else self.start_of(day + timedelta(days=1)) - TICK
