"""Values in SQL that can be asked a condition: scalars, exact ratios, days; values travel in binds."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Exists,
    Integer,
    Numeric,
    Text,
    all_,
    and_,
    any_,
    cast,
    extract,
    func,
    literal,
    literal_column,
    not_,
    or_,
)

from clientbase.filters.conditions import Among, Condition, Edge, Like, Present, When, Within, YearDay
from clientbase.filters.moment import Moment
from clientbase.filters.specs import Type
from clientbase.filters.yearless import MonthDay, Spans, fixed_spans, relative_spans
from clientbase.kit.text import like_escape

Clause = ColumnElement[bool]
PLACES = 4
_DAY = timedelta(days=1)
_SIDES = {"from": (ge, 0), "after": (gt, 1), "to": (le, 1), "before": (lt, 0)}
"""How a value is compared with which end of the span of an edge."""
_INSTANT = DateTime(timezone=True)
_BIND_TYPES: dict[type, Any] = {
    bool: Boolean(),
    int: BigInteger(),
    Decimal: Numeric(),
    str: Text(),
}


def bind(value: Any) -> ColumnElement[Any]:
    """A value as a bind parameter of its type."""
    return literal(value, _BIND_TYPES[type(value)])


def bind_list(values: Iterable[Any]) -> ColumnElement[Any]:
    """A list as one array parameter."""
    items = list(values)
    return literal(items, ARRAY(_BIND_TYPES[type(items[0])]))


def month_day(day: ColumnElement[Any]) -> ColumnElement[int]:
    """month * 100 + day of a date or local time; of birth dates there is an index over just this."""
    return cast(extract("month", day) * literal_column("100") + extract("day", day), Integer)


class Answer:
    """A value of a row; `element` is what count_distinct counts."""

    element: ColumnElement[Any]

    def holds(self, condition: Condition) -> Clause:
        """True where the condition holds; false or NULL elsewhere."""
        raise NotImplementedError

    def fails(self, condition: Condition) -> Clause:
        """True exactly where `holds` is not."""
        clause = self.holds(condition)
        return ~clause if isinstance(clause, Exists) else clause.is_not(True)


class Scalar(Answer):
    """One value, or NULL."""

    def __init__(self, value: ColumnElement[Any], type_: Type, moment: Moment) -> None:
        self.element, self.type, self.moment = value, type_, moment

    def holds(self, condition: Condition) -> Clause:
        """True where the condition holds; false or NULL elsewhere."""
        return _SCALAR[type(condition)](self, condition)

    def present(self, _: Present) -> Clause:
        """There is a value."""
        return self.element.is_not(None)

    def among(self, condition: Among) -> Clause:
        """The value is in the list."""
        values = bind_list(condition.values)
        return self.element != all_(values) if condition.inverted else self.element == any_(values)

    def like(self, condition: Like) -> Clause:
        """The folded text has the other at the place."""
        text = like_escape(condition.text)
        patterns = {"contains": f"%{text}%", "starts_with": f"{text}%", "ends_with": f"%{text}"}
        return self.element.like(bind(patterns[condition.place]))

    def within(self, condition: Within) -> Clause:
        """The number lies between the ends."""
        clause = between(lambda end: bind(end), self.element, condition)
        return not_(clause) if condition.inverted else clause

    def when(self, condition: When) -> Clause:
        """The time lies between the resolved edges."""
        edges = [edge for edge in (condition.lower, condition.upper) if edge is not None]
        return and_(*(self._edge(edge) for edge in edges))

    def _edge(self, edge: Edge) -> Clause:
        days = self.type is Type.DATE
        span = edge.bound.days(self.moment) if days else edge.bound.span(self.moment)
        compare, end = _SIDES[edge.side]
        clause: Clause = compare(self.element, literal(span[end], Date() if days else _INSTANT))
        return clause

    def year_day(self, condition: YearDay) -> Clause:
        """The account's day lies between two days of any year."""
        spans = spans_of(condition, self.moment)
        zone = literal(self.moment.zone.key, Text)
        local = self.element if self.type is Type.DATE else func.timezone(zone, self.element)
        number = month_day(local)
        return or_(*(number.between(literal(lo, Integer), literal(hi, Integer)) for lo, hi in spans))


def spans_of(condition: YearDay, moment: Moment) -> Spans:
    """The month-days that a condition means at an instant."""
    lower, upper = condition.lower, condition.upper
    if isinstance(lower, MonthDay) or isinstance(upper, MonthDay):
        assert isinstance(lower, MonthDay)
        assert isinstance(upper, MonthDay)
        return fixed_spans(lower, upper, moment)
    return relative_spans(lower, upper, moment)


_SCALAR: dict[type, Callable[[Scalar, Any], Clause]] = {
    Present: Scalar.present,
    Among: Scalar.among,
    Like: lambda scalar, condition: scalar.like(condition),
    Within: Scalar.within,
    When: Scalar.when,
    YearDay: Scalar.year_day,
}


def between(end: Callable[[Any], ColumnElement[Any]], value: ColumnElement[Any], condition: Within) -> Clause:
    """The value lies between the ends, each made by `end`."""
    clauses = []
    if condition.lo is not None:
        lo = end(condition.lo)
        clauses.append(value > lo if condition.lo_open else value >= lo)
    if condition.hi is not None:
        hi = end(condition.hi)
        clauses.append(value < hi if condition.hi_open else value <= hi)
    return and_(*clauses)


class Phone(Scalar):
    """A phone: compared whole as E.164, in parts by its forms in digits."""

    def __init__(self, value: ColumnElement[Any], digits: ColumnElement[Any], moment: Moment) -> None:
        super().__init__(value, Type.TEXT, moment)
        self.digits = digits

    def like(self, condition: Like) -> Clause:
        """Forms are led, parted and ended by spaces."""
        patterns = {"contains": "%{}%", "starts_with": "% {}%", "ends_with": "%{} %"}
        return self.digits.like(bind(patterns[condition.place].format(condition.text)))


class Ratio(Answer):
    """A quotient compared exactly, by multiplication; empty when the divisor is 0."""

    def __init__(self, dividend: ColumnElement[Any], divisor: ColumnElement[Any]) -> None:
        self.dividend, self.divisor = dividend, divisor

    def holds(self, condition: Condition) -> Clause:
        """True where the condition holds; false or NULL elsewhere."""
        some = self.divisor > 0
        if isinstance(condition, Among):
            return self._among(condition)
        if isinstance(condition, Within):
            return and_(
                some, between(lambda end: bind(Decimal(end)) * self.divisor, self.dividend, condition)
            )
        return some

    def _among(self, condition: Among) -> Clause:
        """A quotient equal to a value, of four places at most, is found by rounding and multiplied back."""
        divisor = func.nullif(self.divisor, 0)
        quotient = func.round(func.round(cast(self.dividend, Numeric), PLACES) / divisor, PLACES)
        listed = quotient == any_(bind_list(map(Decimal, condition.values)))
        return and_(listed, quotient * divisor == self.dividend)


class DaysSince(Answer):
    """Whole account days from an instant to today, asked as a range of instants."""

    def __init__(self, at: ColumnElement[Any], moment: Moment) -> None:
        self.at, self.moment = at, moment

    def holds(self, condition: Condition) -> Clause:
        """True where the condition holds; false or NULL elsewhere."""
        if isinstance(condition, Among):
            edges = literal(list(self._edges(condition)), ARRAY(_INSTANT))
            return func.width_bucket(self.at, edges) % 2 == 1
        if isinstance(condition, Within):
            return and_(*self._ends(condition))
        return self.at.is_not(None)

    def _edges(self, condition: Among) -> Iterator[datetime]:
        """Where days asked for begin and end, in turn: instants in odd buckets lie on them."""
        days = {self._day(int(value)) for value in condition.values}
        for day in sorted(days):
            if day == date.min or day - _DAY not in days:
                yield self.moment.start_of(day)
            if day != date.max and day + _DAY not in days:
                yield self.moment.start_of(day + _DAY)

    def _ends(self, condition: Within) -> Iterable[Clause]:
        if condition.lo is not None:
            yield self.at <= literal(self.moment.end_of(self._day(int(condition.lo))), _INSTANT)
        if condition.hi is not None:
            yield self.at >= literal(self.moment.start_of(self._day(int(condition.hi))), _INSTANT)

    def _day(self, ago: int) -> date:
        try:
            return self.moment.today - timedelta(days=ago)
        except OverflowError:
            return date.min if ago > 0 else date.max
