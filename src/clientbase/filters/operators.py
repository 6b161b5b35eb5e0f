"""The operator table: types, shape of the value, the condition, whether it is its complement, words."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from clientbase.filters.conditions import (
    Among,
    Condition,
    Edge,
    HasAll,
    Like,
    Present,
    When,
    Within,
    YearDay,
    among,
)
from clientbase.filters.specs import Label, Type

NUMERIC = frozenset({Type.NUMBER, Type.MONEY, Type.INTEGER})
TIMES = frozenset({Type.DATE, Type.DATETIME})
CODES = frozenset({Type.CHOICE, Type.REFERENCE})
TEXT = frozenset({Type.TEXT})
BOOLEAN = frozenset({Type.BOOLEAN})
SETS = frozenset({Type.SET})
SCALARS = TEXT | NUMERIC | CODES

NONE, ONE, MANY, RANGE = "none", "one", "many", "range"


@dataclass(frozen=True, slots=True)
class Operator:
    """A row of the table. `make` takes the normalised value: nothing, one, a tuple, or a pair of ends."""

    code: str
    types: frozenset[Type]
    shape: str
    label: Label
    make: Callable[[Any], Condition]
    negative: bool = False
    """It holds exactly where the condition does not."""


def _when(value: Any) -> Condition:
    lower, upper = value
    if isinstance(value, YearRange):
        return YearDay(lower, upper)
    return When(Edge("from", lower) if lower else None, Edge("to", upper) if upper else None)


class YearRange(tuple[Any, Any]):
    """A pair of ends that is judged without the year."""

    __slots__ = ()


def _like(place: Any) -> Callable[[Any], Condition]:
    return lambda value: Like(place, value)


def _present(_: Any) -> Condition:
    return Present()


def _eq(value: Any) -> Condition:
    return among((value,))


def _has_all(value: Any) -> Condition:
    return HasAll(among(value).values)


def _flag(value: bool) -> Callable[[Any], Condition]:
    return lambda _: Among((value,))


def _between(value: Any) -> Condition:
    return Within(*value)


OPERATORS = (
    Operator("eq", SCALARS, ONE, Label("равно", "is"), _eq),
    Operator("ne", SCALARS, ONE, Label("не равно", "is not"), _eq, negative=True),
    Operator("eq", TIMES, ONE, Label("приходится на", "is on"), _when),
    Operator("ne", TIMES, ONE, Label("не приходится на", "is not on"), _when, negative=True),
    Operator("lt", NUMERIC, ONE, Label("меньше", "is less than"), lambda v: Within(None, v, hi_open=True)),
    Operator("lte", NUMERIC, ONE, Label("не больше", "is at most"), lambda v: Within(None, v)),
    Operator("gt", NUMERIC, ONE, Label("больше", "is more than"), lambda v: Within(v, None, lo_open=True)),
    Operator("gte", NUMERIC, ONE, Label("не меньше", "is at least"), lambda v: Within(v, None)),
    Operator(
        "before", TIMES, ONE, Label("раньше чем", "is before"), lambda v: When(None, Edge("before", v[0]))
    ),
    Operator("after", TIMES, ONE, Label("позже чем", "is after"), lambda v: When(Edge("after", v[1]), None)),
    Operator("between", NUMERIC, RANGE, Label("в пределах", "is within"), _between),
    Operator("not_between", NUMERIC, RANGE, Label("вне пределов", "is not within"), _between, negative=True),
    Operator("between", TIMES, RANGE, Label("в период", "is in the period"), _when),
    Operator(
        "not_between", TIMES, RANGE, Label("вне периода", "is outside the period"), _when, negative=True
    ),
    Operator("in", SCALARS, MANY, Label("одно из", "is one of"), among),
    Operator("not_in", SCALARS, MANY, Label("ни одно из", "is none of"), among, negative=True),
    Operator("contains", TEXT, ONE, Label("содержит", "contains"), _like("contains")),
    Operator(
        "not_contains", TEXT, ONE, Label("не содержит", "does not contain"), _like("contains"), negative=True
    ),
    Operator("starts_with", TEXT, ONE, Label("начинается с", "begins with"), _like("starts_with")),
    Operator("ends_with", TEXT, ONE, Label("заканчивается на", "ends with"), _like("ends_with")),
    Operator("is_true", BOOLEAN, NONE, Label("да", "is true"), _flag(True)),
    Operator("is_false", BOOLEAN, NONE, Label("нет", "is false"), _flag(False)),
    Operator("has_any", SETS, MANY, Label("есть хотя бы одно из", "has any of"), among),
    Operator("has_all", SETS, MANY, Label("есть все из", "has all of"), _has_all),
    Operator("has_none", SETS, MANY, Label("нет ни одного из", "has none of"), among, negative=True),
    Operator("empty", frozenset(Type), NONE, Label("не заполнено", "is empty"), _present, negative=True),
    Operator("not_empty", frozenset(Type) - BOOLEAN, NONE, Label("заполнено", "is not empty"), _present),
)

_BY_TYPE = {type_: {row.code: row for row in OPERATORS if type_ in row.types} for type_ in Type}

YEARLESS = frozenset({"eq", "ne", "between", "not_between"})
SEGMENT_OPERATORS = {"in": False, "not_in": True}
"""Operators of a segment node, and whether each is negative."""

MEASURES: dict[str, frozenset[Type]] = {
    "count": frozenset(),
    "count_distinct": frozenset(Type),
    "sum": NUMERIC,
    "avg": NUMERIC,
    "min": NUMERIC | TIMES,
    "max": NUMERIC | TIMES,
}
"""Functions over actions and the types of params that each takes; count takes none."""
ZERO_MEASURES = frozenset({"count", "count_distinct", "sum"})
"""Over nothing these are 0; the others are empty."""


def operators_of(type_: Type) -> dict[str, Operator]:
    """The operators of a type by code, in the order of the table."""
    return _BY_TYPE[type_]


def measured(function: str, param: Type | None) -> Type:
    """The type of the result of a measure."""
    return Type.INTEGER if param is None or function in ("count", "count_distinct") else param
