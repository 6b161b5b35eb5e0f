"""What is drawn by chance: weighted choices, skewed counts, and moments of a busy or a quiet hour."""

import math
from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")
HISTORY_DAYS = 3 * 365
YEARLY_GROWTH = 1.35
MONTHS = (0.9, 0.95, 1.1, 0.95, 0.9, 0.85, 0.8, 0.85, 1.0, 1.05, 1.2, 1.7)
WEEKDAYS = (0.9, 0.9, 0.95, 1.0, 1.15, 1.2, 0.95)
HOURS = (1, 0.5, 0.3, 0.2, 0.2, 0.4, 1, 2, 4, 6, 8, 9, 9, 9, 8, 8, 8, 9, 10, 10, 9, 7, 5, 2)


def seeded(*parts: object) -> Random:
    """A generator of its own for what the parts name, the same at every run."""
    return Random(":".join(map(str, parts)))  # noqa: S311 - a base to look at keeps no secrets


class Weighted(Generic[T]):
    """Values with their shares."""

    def __init__(self, shares: Iterable[tuple[T, float]]) -> None:
        pairs = tuple(shares)
        self.values = tuple(value for value, _ in pairs)
        self._cumulative = tuple(accumulate(share for _, share in pairs))

    def draw(self, rng: Random) -> T:
        """One value, more often one of a larger share."""
        cumulative = self._cumulative
        return self.values[bisect_right(cumulative, rng.random() * cumulative[-1], 0, len(cumulative) - 1)]


def skewed_count(rng: Random, *, none: float, mean: float, spread: float, most: int) -> int:
    """A count with a long tail: 0 for the share `none`, else log-normal around `mean`, at least 1."""
    if rng.random() < none:
        return 0
    middle = math.log(mean) - spread * spread / 2
    return min(max(1, round(rng.lognormvariate(middle, spread))), most)


def around(rng: Random, mean: float) -> int:
    """A whole number that is `mean` on average, with the skew of an exponential."""
    return int(rng.expovariate(1.0) * mean + rng.random()) if mean else 0


class Calendar:
    """The hours of the base's history up to now and how busy each was; a moment is seconds from its start."""

    def __init__(self, now: datetime, zone: tzinfo) -> None:
        self.start = now.replace(minute=0, second=0, microsecond=0) - timedelta(days=HISTORY_DAYS)
        self.now = int((now - self.start).total_seconds())
        hours = (self.start + timedelta(hours=hour) for hour in range(self.now // 3600 + 1))
        self._weights = [_weight(hour.astimezone(zone), self.start) for hour in hours]
        self._before = [0.0, *accumulate(self._weights)]

    def span(self, since: int, until: int) -> "Span":
        """The part of the history in [since, until]."""
        return Span(self, since, until)

    def place(self, busyness: float) -> int:
        """The moment before which the shop had been so busy in all."""
        hour = bisect_right(self._before, busyness, 0, len(self._weights)) - 1
        return hour * 3600 + int((busyness - self._before[hour]) / self._weights[hour] * 3600)

    def at(self, moment: int) -> datetime:
        """The moment as an instant."""
        return self.start + timedelta(0, moment)

    def busyness(self, moment: int) -> float:
        """How busy the shop had been before a moment, in all."""
        hour, second = divmod(moment, 3600)
        return self._before[hour] + self._weights[hour] * second / 3600


class Span:
    """A part of a calendar that moments are drawn from."""

    __slots__ = ("_calendar", "_high", "_low", "_since", "_until")

    def __init__(self, calendar: Calendar, since: int, until: int) -> None:
        self._calendar, self._since, self._until = calendar, since, until
        self._low, self._high = calendar.busyness(since), calendar.busyness(until)

    def moment(self, rng: Random) -> int:
        """A moment of the span, likelier in busy hours."""
        drawn = self._low + (self._high - self._low) * rng.random()
        return min(max(self._calendar.place(drawn), self._since), self._until)


def _weight(hour: datetime, start: datetime) -> float:
    years = (hour - start).days / 365
    return MONTHS[hour.month - 1] * WEEKDAYS[hour.weekday()] * HOURS[hour.hour] * float(YEARLY_GROWTH**years)
