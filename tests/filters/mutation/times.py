"""Mutants of date math, of zones and of days without a year."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta
from sqlalchemy import literal

from clientbase.filters import answers, bounds, yearless
from clientbase.filters.answers import Scalar
from clientbase.filters.bounds import Day, Instant
from clientbase.filters.conditions import Edge, YearDay
from clientbase.filters.moment import Moment
from clientbase.filters.specs import Type
from tests.filters.asking import Fields
from tests.filters.mutation import Mutant


def overflowing(at: datetime, number: int, unit: str, moment: Moment) -> datetime:
    """Months of 30 days."""
    if unit == "M":
        return moment.instant(moment.wall(at) + timedelta(days=30 * number))
    return MOVED(at, number, unit, moment)


def elapsing(at: datetime, number: int, unit: str, moment: Moment) -> datetime:
    days = {"d": 1, "w": 7}.get(unit)
    return at + timedelta(days=days * number) if days else MOVED(at, number, unit, moment)


def hours_by_the_clock(at: datetime, number: int, unit: str, moment: Moment) -> datetime:
    if unit == "h":
        return moment.instant(moment.wall(at) + relativedelta(hours=number))
    return MOVED(at, number, unit, moment)


def in_utc(function: Any) -> Any:
    """The function with UTC in place of the account's zone."""
    return lambda self, moment, *rest: function(self, replace(moment, zone=UTC_ZONE), *rest)


def sunday_weeks(day: date, unit: str) -> tuple[date, date]:
    if unit == "w":
        sunday = day - timedelta(days=(day.weekday() + 1) % 7)
        return sunday, sunday + timedelta(days=6)
    return WHOLE(day, unit)


def later_of_two(self: Moment, wall: datetime) -> datetime:
    return wall.replace(tzinfo=self.zone, fold=1).astimezone(UTC)


def utc_today(self: Moment) -> date:
    return self.now.astimezone(UTC).date()


def shifted_end(self: Moment, day: date) -> datetime:
    return self.start_of(day + timedelta(days=1))


def utc_year_day(self: Scalar, condition: YearDay) -> Any:
    moment = replace(self.moment, zone=UTC_ZONE)
    return Scalar.year_day(SimpleNamespace(element=self.element, type=self.type, moment=moment), condition)


def first_instant(self: Scalar, edge: Edge) -> Any:
    days = self.type is Type.DATE
    first = (edge.bound.days(self.moment) if days else edge.bound.span(self.moment))[0]
    value = literal(first)
    return {"from": self.element >= value, "after": self.element > value,
            "to": self.element <= value, "before": self.element < value}[edge.side]  # fmt: skip


def no_wrap(lower: Any, upper: Any, moment: Moment) -> Any:
    year = moment.today.year
    return (lower.number(year), upper.number(year)), (1, 0)


def leap_span(lo: int, hi: int, year: int) -> tuple[int, int]:
    return lo, hi


def of_first_year(lower: Any, upper: Any, moment: Moment) -> Any:
    first, last = lower.days(moment)[0], upper.days(moment)[1]
    if first > last:
        return yearless.NOTHING
    return yearless._span(yearless._number(first), yearless._number(last), first.year), (1, 0)


DAYS = ("date", "datetime")
UTC_ZONE = ZoneInfo("UTC")
MOVED, WHOLE = bounds._moved, bounds._whole
CALENDAR = Fields(DAYS, ("eq", "ne", "before", "after", "between", "not_between"))
SEASON = Fields(DAYS, ignore_year=True)
TIMES = (
    Mutant("a month is 30 days", ((bounds, "_moved", overflowing),), CALENDAR, True),
    Mutant("days elapse", ((bounds, "_moved", elapsing),), CALENDAR, True),
    Mutant("hours go by the clock", ((bounds, "_moved", hours_by_the_clock),), CALENDAR, True),
    Mutant("weeks begin on Sunday", ((bounds, "_whole", sunday_weeks),), CALENDAR, True),
    Mutant("days are of UTC", ((Day, "span", in_utc(Day.span)),), CALENDAR),
    Mutant("an instant's day is of UTC", ((Instant, "days", in_utc(Instant.days)),), Fields(("date",))),
    Mutant("of a repeated time the second", ((Moment, "instant", later_of_two),), CALENDAR, True),
    Mutant("a day ends as the next begins", ((Moment, "end_of", shifted_end),), CALENDAR),
    Mutant("today is of UTC", ((Moment, "today", property(utc_today)),),
           Fields(("age", "client_since_days")), True),
    Mutant("an interval is its first instant", ((Scalar, "_edge", first_instant),),
           CALENDAR),
    Mutant("a range of the year does not wrap", ((answers, "fixed_spans", no_wrap),), SEASON),
    Mutant("29 February is kept on no other day", ((yearless, "_span", leap_span),), SEASON, True),
    Mutant("a range over New Year is of its first year", ((answers, "relative_spans", of_first_year),),
           SEASON, True),
    Mutant("an instant's day of the year is of UTC", ((answers._SCALAR, YearDay, utc_year_day),),
           Fields(("datetime",), ignore_year=True)),
    Mutant("the year counts after all", ((answers, "relative_spans", lambda lo, hi, m: yearless.WHOLE_YEAR),),
           SEASON, True),
)  # fmt: skip
