"""Instants where calendars bite, and the bounds whose edges facts are laid upon."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from ..oracle.datemath import MICROSECOND, Clock, Interval, resolve
from ..oracle.dates import anniversary
from .chance import Chance

ZONES = (
    "Europe/Moscow", "Europe/Moscow", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Africa/Cairo",
    "America/Santiago", "UTC",
)  # fmt: skip

MOMENTS = (
    "2026-09-28T10:00:00", "2026-12-31T23:59:58", "2027-01-01T00:00:00", "2026-01-01T00:30:00",
    "2024-02-29T12:00:00", "2025-02-28T23:59:59.999999", "2025-03-01T00:00:00", "2024-03-01T06:00:00",
    "2026-03-31T15:00:00", "2026-05-31T10:00:00", "2025-12-02T08:00:00", "2028-02-29T23:30:00",
    "2026-03-29T03:30:00", "2026-03-30T02:30:00", "2026-10-25T02:30:00", "2026-10-26T02:30:00",
    "2026-03-08T03:30:00", "2026-03-09T02:30:00", "2026-11-01T01:30:00", "2026-11-02T01:30:00",
    "2014-10-26T01:30:00", "2014-10-27T01:15:00", "2011-03-27T03:10:00", "2011-03-28T02:30:00",
    "2026-04-24T12:00:00", "2026-04-25T00:30:00", "2026-09-06T12:00:00", "2026-09-07T00:30:00",
)  # fmt: skip
"""Local times: ends of years and months, leap days, and the changes of the clocks of the zones above."""

PAST = (
    "now", "now-1h", "now/h", "now-1h/h", "now-25h", "now-90m", "now-90m/m", "now/m", "now/d", "now-1d/d",
    "now-1d", "now-2d/d", "now-3d", "now-7d", "now-7d/d", "now-30d", "now-30d/d", "now-90d", "now-90d/d",
    "now/w", "now-1w/w", "now-1w", "now/M", "now-1M/M", "now-1M", "now-1M+1d", "now-1M/d", "now-2M-1d/d",
    "now-3M/M", "now/y", "now-1y/y", "now-1y", "now-1y+1M-2d/d", "now-13M/M", "now-1d-2h", "now-1d+2h",
    "now-1M-1M/d", "now-24h/h", "now-1d/h",
)  # fmt: skip

FUTURE = ("now+1d/d", "now+3d/d", "now+1h", "now+1w/w", "now+1M/M", "now+1M", "now+1y", "now+10d/d", "now+1d")

YEARLESS_RANGES = (
    ("now/d", "now+3d/d"), ("now-3d/d", "now+10d/d"), ("now/M", "now/M"), ("now-1M/M", "now-1M/M"),
    ("now-1M", "now+1M"), ("now-1y+1d/d", "now/d"), ("now-1y+2d/d", "now/d"), ("now-1y/d", "now-1d/d"),
    ("now-1y/d", "now-2d/d"), ("now/w", "now+1w/w"), ("now/y", "now/y"), ("now", "now+30d"),
    ("now-10d/d", "now-1d/d"), ("now", "now+2y"),
)  # fmt: skip

CROSSING_RANGES = (("now-30d", "now-1M"), ("now-365d", "now-1y"), ("now-31d/d", "now-1M/d"))
"""Ranges that are reversed on some days and then empty."""

MONTH_DAYS = ("02-28", "02-29", "03-01", "12-31", "01-01", "12-02", "01-03", "02-01", "06-15")


def random_now(chance: Chance, zone: ZoneInfo) -> datetime:
    """A moment of the list on the account's clock (either of the two where it repeats), or any."""
    if chance.happens(0.2):
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=chance.between(0, 10**14))
    wall = datetime.fromisoformat(chance.one(MOMENTS))
    return wall.replace(tzinfo=zone, fold=chance.between(0, 1)).astimezone(UTC)


@lru_cache(maxsize=1_000)
def intervals(clock: Clock) -> tuple[Interval, ...]:
    return tuple(resolve(bound, clock) for bound in PAST)


def instant(chance: Chance, clock: Clock) -> datetime:
    """When a fact happened: often on the very edge of a bound or a microsecond beside it."""
    if chance.happens(0.4):
        edge = chance.one(intervals(clock))
        beside = chance.between(-1, 1) * MICROSECOND
        return chance.one((edge.lo, min(edge.hi, clock.now))) + beside
    back = chance.one((2, 40, 120, 800)) * 86_400 * 10**6
    return clock.now - chance.between(0, back) * MICROSECOND


def birthday(chance: Chance, clock: Clock) -> date:
    """A day of birth: 29 February, New Year and the days around today more often than others."""
    year = chance.between(1940, 2010)
    if chance.happens(0.3):
        month, day = map(int, chance.one(MONTH_DAYS).split("-"))
        return date(year - year % 4, month, day)
    around = (-12, 12) if chance.happens(0.5) else (0, 365)
    near = clock.today + timedelta(days=chance.between(*around))
    return anniversary(near, year)


def day(chance: Chance, clock: Clock) -> date:
    """A day at or near the edge of a bound, past or future."""
    if chance.happens(0.5):
        edge = resolve(chance.one(PAST + FUTURE), clock)
        return clock.day(chance.one((edge.lo, edge.hi))) + timedelta(days=chance.between(-1, 1))
    return clock.today + timedelta(days=chance.between(-500, 60))
