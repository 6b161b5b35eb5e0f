"""Mutants of measures, periods and conditions on actions."""

from dataclasses import replace
from typing import Any

from sqlalchemy import func, literal, not_, or_

from clientbase.filters import compiler
from clientbase.filters.answers import Answer
from clientbase.filters.compiler import _MEASURES
from clientbase.filters.conditions import Condition
from clientbase.filters.leaves import ActionLeaf, Atom, Junction
from clientbase.filters.sources import Rows
from tests.filters.asking import Measures, Params, Wheres
from tests.filters.mutation import Mutant


def plain_fails(self: Answer, condition: Condition) -> Any:
    return not_(self.holds(condition))


def passes_any(where: Any, rows: Rows, moment: Any) -> Any:
    return or_(*(PASSES(item, rows, moment) for item in where.items)) if isinstance(
        where, Junction) else PASSES(where, rows, moment)  # fmt: skip


def passes_without_not(where: Any, rows: Rows, moment: Any) -> Any:
    return PASSES(replace(where, negative=False) if isinstance(where, Atom) else where, rows, moment)


PASSES = compiler.passing


def without(name: str) -> Any:
    """Leaves of actions with a part left out."""
    return lambda leaf, rows, moment: OF_ACTIONS(replace(leaf, **{name: None}), rows, moment)


OF_ACTIONS = compiler._of_actions


def measure(name: str, function: str, make: Any, *asked: str, of: tuple[str, ...] = ()) -> Mutant:
    return Mutant(name, ((_MEASURES, function, make),), Measures(asked or (function,), of))


MEASURES = (
    Mutant("the period does not count", ((compiler, "_of_actions", without("period")),),
           Measures(("count",), period=True)),
    Mutant("where does not count", ((compiler, "_of_actions", without("where")),), Params()),
    Mutant("all in where is any", ((compiler, "passing", passes_any),), Wheres()),
    Mutant("not in where does not count", ((compiler, "passing", passes_without_not),),
           Params(operators=("ne", "not_in", "not_contains", "not_between", "has_none", "empty"))),
    Mutant("what is empty is neither", ((Answer, "fails", plain_fails),),
           Params(("text", "reference", "choice", "group"), ("ne", "not_in"))),
    Mutant("any count is having done it at all",
           ((ActionLeaf, "did", property(lambda leaf: leaf.function == "count")),), Measures(("count",))),
    measure("count_distinct is count", "count_distinct", lambda value: [func.count(value.element)]),
    measure("count is of clients", "count", lambda _: [literal(1)]),
    measure("sum is of distinct values", "sum", lambda v: [func.sum(v.element.distinct())]),
    measure("sum is max", "sum", lambda v: [func.max(v.element)], of=("number", "money")),
    measure("avg counts what is empty", "avg",
            lambda v: [func.coalesce(func.sum(v.element), 0), func.count()], of=("number", "money")),
    measure("min is max", "min", lambda v: [func.max(v.element)]),
    measure("max is min", "max", lambda v: [func.min(v.element)]),
)  # fmt: skip
