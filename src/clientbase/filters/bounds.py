"""Bounds of time as written: days, instants, date math; read once, resolved to intervals at evaluation."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from clientbase.filters.moment import TICK, Moment

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:\d{2})", re.ASCII
)
_MATH = re.compile(r"now((?:[+-]\d{1,6}[yMwdhm]){0,6})(?:/([yMwdhm]))?", re.ASCII)
_STEP = re.compile(r"([+-]\d{1,6})([yMwdhm])", re.ASCII)
_DAYS_OF = {"y": 366.0, "M": 31.0, "w": 7.0, "d": 1.0, "h": 1 / 24, "m": 1 / 1440}
_MAX_DAYS = 366_000
"""Date math reaches a thousand years either way, so it never leaves the calendar."""
_MAX_MATH = 200


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day: the whole of it."""

    day: date

    def __str__(self) -> str:
        return self.day.isoformat()

    def days(self, moment: Moment) -> tuple[date, date]:
        """First and last day of the interval."""
        return self.day, self.day

    def span(self, moment: Moment) -> tuple[datetime, datetime]:
        """First and last microsecond of the interval, in UTC."""
        return moment.start_of(self.day), moment.end_of(self.day)


@dataclass(frozen=True, slots=True)
class Instant:
    """A point in time, in UTC."""

    at: datetime

    def __str__(self) -> str:
        return self.at.isoformat()

    def days(self, moment: Moment) -> tuple[date, date]:
        """The account's day, twice."""
        day = moment.day_of(self.at)
        return day, day

    def span(self, moment: Moment) -> tuple[datetime, datetime]:
        """The instant, twice."""
        return self.at, self.at


@dataclass(frozen=True, slots=True)
class Math:
    """`now` moved by steps, left to right, then rounded to a whole unit or left an instant."""

    steps: tuple[tuple[int, str], ...]
    unit: str | None

    def __str__(self) -> str:
        steps = "".join(f"{number:+d}{unit}" for number, unit in self.steps)
        return f"now{steps}" + (f"/{self.unit}" if self.unit else "")

    def days(self, moment: Moment) -> tuple[date, date]:
        """First and last day of the interval."""
        lo, hi = self.span(moment)
        return moment.day_of(lo), moment.day_of(hi)

    def span(self, moment: Moment) -> tuple[datetime, datetime]:
        """First and last microsecond of the interval, in UTC."""
        at = moment.now.astimezone(UTC)
        for number, unit in self.steps:
            at = _moved(at, number, unit, moment)
        return (at, at) if self.unit is None else _rounded(at, self.unit, moment)


Bound = Day | Instant | Math


def read_bound(text: str) -> Bound | None:
    """The bound that a text states; None when it states none."""
    if _DAY.fullmatch(text):
        return _day(text)
    if _INSTANT.fullmatch(text):
        return _instant(text)
    match = _MATH.fullmatch(text) if len(text) <= _MAX_MATH else None
    if match is None:
        return None
    steps = tuple((int(number), unit) for number, unit in _STEP.findall(match[1]))
    if sum(abs(number) * _DAYS_OF[unit] for number, unit in steps) > _MAX_DAYS:
        return None
    return Math(steps, match[2])


def always_reversed(lower: Bound, upper: Bound, zone: ZoneInfo) -> bool:
    """Whether a range of two fixed or two relative ends can hold nothing, whenever it is asked."""
    if isinstance(lower, Math) != isinstance(upper, Math):
        return False
    moments = _SAMPLES if isinstance(lower, Math) else (Moment(_SAMPLES[0].now, zone),)
    return _reversed_at_all(lower, upper, moments)


def _day(text: str) -> Day | None:
    try:
        return Day(date.fromisoformat(text))
    except ValueError:
        return None


def _instant(text: str) -> Instant | None:
    try:
        return Instant(datetime.fromisoformat(text).astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def _moved(at: datetime, number: int, unit: str, moment: Moment) -> datetime:
    """Hours and minutes elapse; days, weeks, months and years go by the wall clock."""
    if unit in "hm":
        return at + (timedelta(hours=number) if unit == "h" else timedelta(minutes=number))
    names = {"y": "years", "M": "months", "w": "weeks", "d": "days"}
    return moment.instant(moment.wall(at) + relativedelta(**{names[unit]: number}))  # type: ignore[arg-type]


def _rounded(at: datetime, unit: str, moment: Moment) -> tuple[datetime, datetime]:
    wall = moment.wall(at)
    if unit in "hm":
        past = timedelta(
            minutes=wall.minute if unit == "h" else 0, seconds=wall.second, microseconds=wall.microsecond
        )
        length = timedelta(hours=1) if unit == "h" else timedelta(minutes=1)
        return at - past, at - past + length - TICK
    first, last = _whole(wall.date(), unit)
    return moment.start_of(first), moment.end_of(last)


def _whole(day: date, unit: str) -> tuple[date, date]:
    """First and last day of the unit that holds a day."""
    if unit == "y":
        return date(day.year, 1, 1), date(day.year, 12, 31)
    if unit == "M":
        return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])
    if unit == "w":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    return day, day


_UTC = ZoneInfo("UTC")
_SAMPLES = tuple(
    Moment(at, _UTC)
    for year in (2023, 2024)
    for month in range(1, 13)
    for day in (1, 15, monthrange(year, month)[1])
    for at in (
        datetime(year, month, day, tzinfo=UTC),
        datetime(year, month, day, 23, 59, 59, 999_999, tzinfo=UTC),
    )
)
"""Instants that show whether two relative ends can stand in order: month ends of both kinds of year."""


@lru_cache(maxsize=4096)
def _reversed_at_all(lower: Bound, upper: Bound, moments: tuple[Moment, ...]) -> bool:
    return all(lower.span(moment)[0] > upper.span(moment)[1] for moment in moments)
