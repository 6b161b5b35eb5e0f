"""Mutants of the operator table."""

from typing import Any

from clientbase.filters.conditions import Among, Edge, Like, When, Within, YearDay, among
from clientbase.filters.operators import YearRange
from clientbase.filters.specs import Type
from tests.filters.asking import Fields
from tests.filters.mutation import Mutant, row

TEXT, NUMBERS = (Type.TEXT,), (Type.NUMBER, Type.MONEY, Type.INTEGER)
TIMES, CODES, SETS = (Type.DATE, Type.DATETIME), (Type.CHOICE, Type.REFERENCE), (Type.SET,)
BOOLEAN = (Type.BOOLEAN,)
AMOUNTS = ("number", "money", "integer")
DAYS = ("date", "datetime")


def positive(name: str, types: tuple[Type, ...], code: str, *kinds: str) -> Mutant:
    """A negative operator that is its twin."""
    return Mutant(name, row(types, code, negative=False), Fields(kinds, (code,)))


def made(name: str, types: tuple[Type, ...], code: str, make: Any, *kinds: str) -> Mutant:
    """An operator that makes another condition."""
    return Mutant(name, row(types, code, make=make), Fields(kinds, (code,)))


def starts(value: Any) -> When | YearDay:
    return YearDay(*value) if isinstance(value, YearRange) else When(Edge("from", value[0]), None)


OPERATORS = (
    positive("ne of texts is eq", TEXT, "ne", "text", "email"),
    positive("not_in of texts is in", TEXT, "not_in", "text"),
    positive("not_contains is contains", TEXT, "not_contains", "text", "phone"),
    positive("not_between of numbers is between", NUMBERS, "not_between", *AMOUNTS),
    positive("not_between of times is between", TIMES, "not_between", *DAYS),
    positive("not_in of codes is in", CODES, "not_in", "reference", "choice"),
    positive("has_none is has_any", SETS, "has_none", "set", "text_set"),
    positive("empty is not_empty", (*TEXT, *CODES, *TIMES), "empty", "text", "reference", "date"),
    positive("empty of a boolean is not_empty", BOOLEAN, "empty", "boolean"),
    made("lt is lte", NUMBERS, "lt", lambda v: Within(None, v), *AMOUNTS),
    made("lte is lt", NUMBERS, "lte", lambda v: Within(None, v, hi_open=True), *AMOUNTS),
    made("gt is gte", NUMBERS, "gt", lambda v: Within(v, None), *AMOUNTS),
    made("gte is gt", NUMBERS, "gte", lambda v: Within(v, None, lo_open=True), *AMOUNTS),
    made("between leaves its end out", NUMBERS, "between", lambda v: Within(*v, hi_open=True), *AMOUNTS),
    made("between forgets its beginning", NUMBERS, "between", lambda v: Within(None, v[1]), *AMOUNTS),
    made("before takes the interval along", TIMES, "before", lambda v: When(None, Edge("to", v[0])), *DAYS),
    made("after takes the interval along", TIMES, "after", lambda v: When(Edge("from", v[1]), None), *DAYS),
    made("eq of times has no end", (Type.DATETIME,), "eq", starts, "datetime"),
    made("in takes the first value", TEXT, "in", lambda v: among(v[:1]), "text"),
    made("has_all is has_any", SETS, "has_all", among, "set", "text_set"),
    made("starts_with is contains", TEXT, "starts_with", lambda v: Like("contains", v), "text", "phone"),
    made("ends_with is starts_with", TEXT, "ends_with", lambda v: Like("starts_with", v), "text"),
    Mutant("is_false is the complement of is_true",
           row(BOOLEAN, "is_false", make=lambda _: Among((True,)), negative=True),
           Fields(("boolean",), ("is_false",))),
)  # fmt: skip
