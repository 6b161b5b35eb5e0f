"""Bounds of time: a day, an instant or date math become an interval of instants."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

MICROSECOND = timedelta(microseconds=1)
RELATIVE = re.compile(r"now((?:[+-]\d+[yMwdhm])*)(?:/([yMwdhm]))?")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Clock:
    """The instant of an evaluation and the zone whose calendar counts."""

    now: datetime
    zone: ZoneInfo

    def wall(self, instant: datetime) -> datetime:
        """What the account's clock shows, naive."""
        return instant.astimezone(self.zone).replace(tzinfo=None, fold=0)

    def day(self, instant: datetime) -> date:
        return self.wall(instant).date()

    def instant(self, wall: datetime) -> datetime:
        """When the account's clock shows it: past a gap by as much, the first of two."""
        # With fold=0 zoneinfo takes the offset before the change, which is exactly both rules.
        return wall.replace(tzinfo=self.zone, fold=0).astimezone(UTC)

    @property
    def today(self) -> date:
        return self.day(self.now)


@dataclass(frozen=True)
class Interval:
    """Instants from lo to hi, both belonging to it; an instant is an interval of its own."""

    lo: datetime
    hi: datetime


def is_relative(bound: str) -> bool:
    return bound.startswith("now")


@lru_cache(maxsize=100_000)
def resolve(bound: str, clock: Clock) -> Interval:
    if is_relative(bound):
        return _relative(bound, clock)
    if DAY.fullmatch(bound):
        return whole(date.fromisoformat(bound), "d", clock)
    instant = datetime.fromisoformat(bound).astimezone(UTC)
    return Interval(instant, instant)


def _relative(bound: str, clock: Clock) -> Interval:
    match = RELATIVE.fullmatch(bound)
    assert match, f"not date math: {bound}"
    steps, rounding = match.groups()
    instant = clock.now.astimezone(UTC)
    for amount, unit in re.findall(r"([+-]\d+)([yMwdhm])", steps):
        instant = shift(instant, int(amount), unit, clock)
    return around(instant, rounding, clock) if rounding else Interval(instant, instant)


def shift(instant: datetime, amount: int, unit: str, clock: Clock) -> datetime:
    """Hours and minutes elapse; longer units move the wall clock."""
    if unit in "hm":
        return instant + amount * {"h": timedelta(hours=1), "m": timedelta(minutes=1)}[unit]
    wall = clock.wall(instant)
    return clock.instant(datetime.combine(move(wall.date(), amount, unit), wall.time()))


def move(day: date, amount: int, unit: str) -> date:
    """A day some calendar units away, clamped to the end of its month."""
    if unit in "dw":
        return day + timedelta(days=amount * {"d": 1, "w": 7}[unit])
    months = day.year * 12 + day.month - 1 + amount * {"M": 1, "y": 12}[unit]
    year, month = months // 12, months % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def around(instant: datetime, unit: str, clock: Clock) -> Interval:
    """The whole unit that holds the instant."""
    if unit in "hm":
        return _elapsed(instant, unit, clock)
    return whole(clock.day(instant), unit, clock)


def _elapsed(instant: datetime, unit: str, clock: Clock) -> Interval:
    wall = clock.wall(instant)
    into = timedelta(minutes=wall.minute * (unit == "h"), seconds=wall.second, microseconds=wall.microsecond)
    length = {"h": timedelta(hours=1), "m": timedelta(minutes=1)}[unit]
    return Interval(instant - into, instant - into + length - MICROSECOND)


def whole(day: date, unit: str, clock: Clock) -> Interval:
    """The day, week, month or year that holds a day, by the account's midnights."""
    first = first_day(day, unit)
    return Interval(midnight(first, clock), midnight(move(first, 1, unit), clock) - MICROSECOND)


def first_day(day: date, unit: str) -> date:
    firsts = {
        "d": day,
        "w": day - timedelta(days=day.weekday()),
        "M": day.replace(day=1),
        "y": day.replace(month=1, day=1),
    }
    return firsts[unit]


def midnight(day: date, clock: Clock) -> datetime:
    return clock.instant(datetime.combine(day, time()))
