"""A filter taken apart: which conditions hold for one client, and what the client's own values are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from clientbase.filters.answers import DaysSince, Ratio
from clientbase.filters.catalogue import Catalogue
from clientbase.filters.checked import Checked, CheckedGroup, CheckedNode
from clientbase.filters.compiler import conditions, measures
from clientbase.filters.describe import describe
from clientbase.filters.leaves import ActionLeaf, FieldLeaf, Leaf
from clientbase.filters.moment import Moment
from clientbase.filters.plan import Plan, plan
from clientbase.filters.readers import read
from clientbase.filters.set_answers import ArraySet
from clientbase.filters.sources import Rows
from clientbase.filters.specs import Field, Type

MOST_VALUES = 20
Value = str | int | float | bool | date | datetime | list[str] | None


@dataclass(frozen=True)
class Part:
    """A node of a filter: in words, as a plan of its own, with its nodes."""

    node: CheckedNode
    text: str
    plan: Plan
    parts: tuple["Part", ...]

    @property
    def leaf(self) -> Leaf | None:
        """The one leaf of a condition; None for a group, for segments, and where nothing need be asked."""
        leaves = list(self.plan.leaves.values())
        return leaves[0] if len(leaves) == 1 and not self.parts else None


def take_apart(checked: Checked, catalogue: Catalogue, locale: str) -> Part:
    """The tree of a filter with every node told and planned by itself."""
    return _part(checked.root, catalogue, locale)


def _part(node: CheckedNode, catalogue: Catalogue, locale: str) -> Part:
    whole = Checked(node)
    nodes = node.nodes if isinstance(node, CheckedGroup) else ()
    parts = tuple(_part(one, catalogue, locale) for one in nodes)
    return Part(node, describe(whole, locale), plan(whole, catalogue), parts)


def compile_own_values(leaf: Leaf, account_id: int, moment: Moment, client_id: int) -> Select[Any] | None:
    """The SELECT of a client's own values of what a leaf asks about: one column, or the two of a quotient."""
    if isinstance(leaf, ActionLeaf):
        rows = Rows(leaf.action.rows, account_id, leaf.action.type_id, [client_id])
        value = read(leaf.param, rows, moment) if leaf.param is not None else None
        columns = measures(leaf, value)
        clauses = [*rows.clauses, *conditions(leaf, rows, moment)]
        return select(*columns).select_from(rows.tables).where(*clauses)
    if not isinstance(leaf, FieldLeaf):
        return None
    rows = Rows(leaf.field.read.rows, account_id, leaf.field.read.key, [client_id])
    columns = _own(leaf.field, rows, moment)
    return select(*columns).select_from(rows.tables).where(*rows.clauses).limit(MOST_VALUES)


def _own(field: Field, rows: Rows, moment: Moment) -> list[ColumnElement[Any]]:
    """The value of a row as it is shown: not folded, where it has a form that is not."""
    column, table = field.read.column, rows.base.c
    if column.endswith(_FOLDED) and column.removesuffix(_FOLDED) in table:
        return [table[column.removesuffix(_FOLDED)]]
    if column == "folded" and "text" in table:
        return [func.coalesce(table.text, table.folded)]
    if field.read.how in ("any", "age"):
        return [table[column]]
    answer = read(field, rows, moment)
    columns = _COLUMNS.get(type(answer))
    return [answer.element] if columns is None else columns(answer)


_FOLDED = "_folded"
_COLUMNS: dict[type, Callable[[Any], list[ColumnElement[Any]]]] = {
    Ratio: lambda answer: [answer.dividend, answer.divisor],
    DaysSince: lambda answer: [answer.at],
    ArraySet: lambda answer: [answer.array],
}
"""Answers that are made of something else than one element."""


def shown(leaf: Leaf, row: Sequence[Any], places: int) -> Value:
    """A value, or a quotient of two, as JSON shows it: money as a decimal string, numbers as numbers."""
    asked = _asked(leaf)
    value = _quotient(*row) if len(row) == 2 else row[0]
    if value is None or asked is None or isinstance(value, bool):
        return value if value is None or isinstance(value, bool) else str(value)
    if asked.type is Type.MONEY:
        exact = Decimal(value).scaleb(-places) if asked.minor else Decimal(value)
        return str(exact.quantize(Decimal(1).scaleb(-places)))
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    found: Value = value
    return found


def _asked(leaf: Leaf) -> Field | None:
    if isinstance(leaf, ActionLeaf):
        return leaf.result
    return leaf.field if isinstance(leaf, FieldLeaf) else None


def _quotient(dividend: Any, divisor: Any) -> Decimal | None:
    return Decimal(dividend) / Decimal(divisor) if dividend is not None and divisor else None
