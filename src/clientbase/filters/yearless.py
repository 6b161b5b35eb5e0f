"""Days without a year: `MM-DD` and ranges of them, over New Year and around 29 February."""

import re
from calendar import isleap
from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from clientbase.filters.bounds import Math
from clientbase.filters.moment import Moment

_MONTH_DAY = re.compile(r"(\d{2})-(\d{2})", re.ASCII)
FEB_28, FEB_29 = 228, 229
WHOLE_YEAR = ((101, 1231), (1, 0))
NOTHING = ((1, 0), (1, 0))
Spans = tuple[tuple[int, int], tuple[int, int]]
"""Two closed spans of month * 100 + day; (1, 0) is an empty one."""


@dataclass(frozen=True, slots=True)
class MonthDay:
    """A day of any year."""

    month: int
    day: int

    def __str__(self) -> str:
        return f"{self.month:02d}-{self.day:02d}"

    def number(self, year: int) -> int:
        """month * 100 + day; 29 February counts as the 28th in a common year."""
        number = self.month * 100 + self.day
        return FEB_28 if number == FEB_29 and not isleap(year) else number


def read_month_day(text: str) -> MonthDay | None:
    """The day that `MM-DD` states; None when it states none."""
    match = _MONTH_DAY.fullmatch(text)
    if match is None:
        return None
    try:
        day = date(2024, int(match[1]), int(match[2]))
    except ValueError:
        return None
    return MonthDay(day.month, day.day)


def fixed_spans(lower: MonthDay, upper: MonthDay, moment: Moment) -> Spans:
    """Month-days from one to the other, judged in the year of now; lower > upper goes over New Year."""
    year = moment.today.year
    if (lower.month, lower.day, upper.month, upper.day) == (2, 29, 2, 27):
        return WHOLE_YEAR
    lo, hi = lower.number(year), upper.number(year)
    if (lower.month, lower.day) > (upper.month, upper.day):
        return _span(lo, 1231, year), _span(101, hi, year)
    return _span(lo, hi, year), (1, 0)


def relative_spans(lower: Math, upper: Math, moment: Moment) -> Spans:
    """Month-days of the days from one bound to the other, each part judged in its own year."""
    first, last = lower.days(moment)[0], upper.days(moment)[1]
    if first > last:
        return NOTHING
    if last + timedelta(days=1) >= first + relativedelta(years=1):
        return WHOLE_YEAR
    if first.year == last.year:
        return _span(_number(first), _number(last), first.year), (1, 0)
    return _span(_number(first), 1231, first.year), _span(101, _number(last), last.year)


def _number(day: date) -> int:
    return day.month * 100 + day.day


def _span(lo: int, hi: int, year: int) -> tuple[int, int]:
    """In a common year a span that ends on 28 February takes those of the 29th along."""
    return lo, FEB_29 if hi == FEB_28 and not isleap(year) else hi
