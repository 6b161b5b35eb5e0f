"""Values of dates and instants: bounds, ranges of bounds, and days without a year."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from clientbase.filters.bounds import Bound, Day, Instant, Math, always_reversed, read_bound
from clientbase.filters.operators import YearRange
from clientbase.filters.specs import Type
from clientbase.filters.values import Wrong
from clientbase.filters.yearless import MonthDay, read_month_day

FORMS = ["YYYY-MM-DD", "RFC 3339 instant", "now([+-]N[yMwdhm])*(/[yMwdhm])?"]
YEARLESS_FORMS = ["MM-DD", "now([+-]N[yMwdhm])*(/[yMwdhm])?"]
Ends = tuple[Bound | None, Bound | None]


def bound_of(raw: Any) -> Bound:
    """A bound as written. Raises Wrong."""
    bound = read_bound(raw) if isinstance(raw, str) else None
    if bound is None:
        raise Wrong(
            "WRONG_TYPE", "A day, an instant with its offset, or date math is expected here.", list(FORMS)
        )
    return bound


def yearless_bound_of(raw: Any) -> MonthDay | Math:
    """A day without a year, or date math. Raises Wrong."""
    bound = (read_month_day(raw) or read_bound(raw)) if isinstance(raw, str) else None
    if bound is None or isinstance(bound, Day | Instant):
        message = "With ignore_year a bound is MM-DD or date math."
        raise Wrong("WRONG_TYPE", message, list(YEARLESS_FORMS))
    return bound


def one_time(raw: Any, type_: Type, operator: str, ignore_year: bool) -> Ends | YearRange:
    """The value of an operator that takes one bound, as both ends of its interval. Raises Wrong."""
    if ignore_year:
        day = yearless_bound_of(raw)
        return YearRange((day, day))
    bound = bound_of(raw)
    if type_ is Type.DATETIME and operator in ("eq", "ne") and _is_instant(bound):
        message = "An instant is too fine to be met; name a day or round to a unit, or use between."
        raise Wrong("TOO_FINE", message, ["YYYY-MM-DD", "now…/d"])
    return bound, bound


def range_of_times(ends: dict[str, Any], ignore_year: bool, zone: ZoneInfo) -> Ends | YearRange:
    """A pair of ends, judged without the year or with it. Raises Wrong for a pair that cannot be."""
    return _yearless_range(ends, zone) if ignore_year else _range(ends, zone)


def _range(ends: dict[str, Bound | None], zone: ZoneInfo) -> Ends:
    lower, upper = ends["from"], ends["to"]
    if lower is not None and upper is not None and always_reversed(lower, upper, zone):
        raise Wrong("RANGE_REVERSED", "The range ends before it begins.")
    return lower, upper


def _yearless_range(ends: dict[str, MonthDay | Math | None], zone: ZoneInfo) -> YearRange:
    lower, upper = ends["from"], ends["to"]
    if lower is None or upper is None:
        raise Wrong("MISSING_END", "With ignore_year a range has both ends.", ["from", "to"])
    if isinstance(lower, Math) != isinstance(upper, Math):
        raise Wrong("MIXED_RANGE", "With ignore_year both ends are MM-DD or both are date math.")
    if isinstance(lower, Math) and isinstance(upper, Math) and always_reversed(lower, upper, zone):
        raise Wrong("RANGE_REVERSED", "The range ends before it begins.")
    return YearRange((lower, upper))


def end_reader(ignore_year: bool) -> Callable[[Any], Any]:
    """How an end of a range is read."""
    return yearless_bound_of if ignore_year else bound_of


def _is_instant(bound: Bound) -> bool:
    return isinstance(bound, Instant) or (isinstance(bound, Math) and bound.unit is None)
