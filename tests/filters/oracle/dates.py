"""Days and instants against bounds, with the year and without."""

from calendar import isleap
from datetime import date, datetime, timedelta

from .datemath import DAY, Clock, is_relative, move, resolve

Bounds = tuple[date, date] | tuple[datetime, datetime]


def date_holds(operator: str, stored: date, asked: object, clock: Clock) -> bool:
    """A positive operator on one stored day."""
    return _holds(operator, stored, asked, lambda bound: day_bounds(bound, clock))


def datetime_holds(operator: str, stored: datetime, asked: object, clock: Clock) -> bool:
    """A positive operator on one stored instant."""
    return _holds(operator, stored, asked, lambda bound: instant_bounds(bound, clock))


def day_bounds(bound: str, clock: Clock) -> tuple[date, date]:
    """First and last day of a bound; an instant becomes the account's day."""
    if DAY.fullmatch(bound):
        return date.fromisoformat(bound), date.fromisoformat(bound)
    interval = resolve(bound, clock)
    return clock.day(interval.lo), clock.day(interval.hi)


def instant_bounds(bound: str, clock: Clock) -> tuple[datetime, datetime]:
    interval = resolve(bound, clock)
    return interval.lo, interval.hi


def _holds(operator, stored, asked, bounds) -> bool:
    if operator == "between":
        low, high = asked.get("from"), asked.get("to")
        return (low is None or bounds(low)[0] <= stored) and (high is None or stored <= bounds(high)[1])
    lo, hi = bounds(asked)
    return {"eq": lo <= stored <= hi, "before": stored < lo, "after": stored > hi}[operator]


def yearless_holds(operator: str, stored: date, asked: object, clock: Clock) -> bool:
    """`eq` or `between` on the month and day of a stored day."""
    if operator == "between":
        assert isinstance(asked, dict)
        low, high = asked["from"], asked["to"]
    else:
        low = high = str(asked)
    if is_relative(low):
        return comes_round(stored, day_bounds(low, clock)[0], day_bounds(high, clock)[1])
    return in_season(stored, low, high, clock.today.year)


def in_season(stored: date, low: str, high: str, year: int) -> bool:
    """Between two `MM-DD`, over New Year if they are reversed, as that year has 29 February or not."""
    if (low, high) == ("02-29", "02-27"):
        return True  # to the day before the next 28 February: a whole year, also from a leap one
    first, last = _month_day(low, year), _month_day(high, year)
    value = _month_day(stored.strftime("%m-%d"), year)
    # Reversed as they are written: 29 … 28 February goes round the year in a common one too.
    if low > high:
        return value >= first or value <= last
    return first <= value <= last


def _month_day(text: str, year: int) -> tuple[int, int]:
    month, day = int(text[:2]), int(text[3:])
    return (2, 28) if (month, day) == (2, 29) and not isleap(year) else (month, day)


def comes_round(stored: date, first: date, last: date) -> bool:
    """Does the anniversary of a day fall on a day from first to last?"""
    if first > last:
        return False
    if last >= move(first, 1, "y") - timedelta(days=1):
        return True
    return any(first <= anniversary(stored, year) <= last for year in range(first.year, last.year + 1))


def anniversary(stored: date, year: int) -> date:
    """The day of that year on which it is kept: 28 February for the 29th in a common year."""
    month, day = _month_day(stored.strftime("%m-%d"), year)
    return date(year, month, day)


def age(born: date, today: date) -> int:
    """Years completed."""
    return today.year - born.year - (today < anniversary(born, today.year))
