"""What the passing of time alone may change of a leaf: clients with a value between its old and new bounds.

Everything else of a leaf changes with the rows that it reads. Naming too many is always safe: they are only
asked again. Bounds do move backwards, at the ends of months and where clocks change.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import Date, DateTime, Select, literal, or_, select

from clientbase.filters.actions import TIME
from clientbase.filters.answers import spans_of
from clientbase.filters.conditions import Condition, Edge, When, YearDay
from clientbase.filters.leaves import ActionLeaf, FieldLeaf, Leaf, Universe
from clientbase.filters.moment import Moment
from clientbase.filters.sources import SOURCES, Rows
from clientbase.filters.specs import Field, Type

SPANS_STEP = 4
"""Statements have a multiple of so many spans, the first one repeated, so that few are ever compiled."""
Whole = Literal["whole"]
WHOLE: Whole = "whole"
_BY_THE_DAY = ("age", "days_since")
"""Ways from a row to a value that is another one on another day of the account."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of times or days of the rows of leaves; `key` narrows them."""

    rows: str
    key: int | str | None
    name: str


@dataclass(frozen=True, slots=True)
class Sweep:
    """A closed span of values of a column that a bound of a leaf has passed over."""

    column: Column
    first: date
    last: date


def flips(leaf: Leaf, old: Moment, new: Moment) -> list[Sweep] | Whole:
    """What may have changed of a leaf between two instants, in either order of them.

    WHOLE: it cannot be told, so that the leaf is to be evaluated anew.
    """
    if isinstance(leaf, Universe):
        return []
    return _of_field(leaf, old, new) if isinstance(leaf, FieldLeaf) else _of_action(leaf, old, new)


def compile_sweeps(sweeps: Iterable[Sweep], account_id: int) -> Select[int]:
    """The SELECT of the ids of clients with a value in any of the spans of one column, maybe repeated."""
    spans = list(sweeps)
    spans += spans[:1] * (-len(spans) % SPANS_STEP)
    column = spans[0].column
    rows = Rows(column.rows, account_id, column.key)
    value = rows.base.c[column.name]
    type_ = DateTime(timezone=True) if isinstance(spans[0].first, datetime) else Date()
    within = or_(*(value.between(literal(one.first, type_), literal(one.last, type_)) for one in spans))
    return select(rows.client).where(*rows.clauses, within)


def _of_field(leaf: FieldLeaf, old: Moment, new: Moment) -> list[Sweep] | Whole:
    read = leaf.field.read
    if read.how in _BY_THE_DAY:
        return [] if old.today == new.today else WHOLE
    if read.how != "column" or isinstance(leaf.condition, YearDay):
        return [] if _resolved(leaf.condition, leaf.field, old, new) else WHOLE
    column = Column(read.rows, read.key, read.column)
    return list(_passed_over(column, leaf.condition, leaf.field, old, new))


def _of_action(leaf: ActionLeaf, old: Moment, new: Moment) -> list[Sweep] | Whole:
    atoms = leaf.where.atoms() if leaf.where is not None else ()
    if not all(_resolved(atom.condition, atom.field, old, new) for atom in atoms):
        return WHOLE
    time = Column(leaf.action.rows, leaf.action.type_id, SOURCES[leaf.action.rows].time)
    sweeps = list(_passed_over(time, leaf.period, TIME, old, new)) if leaf.period is not None else []
    if _resolved(leaf.condition, leaf.result, old, new):
        return sweeps
    if leaf.param is None or leaf.param.read.how != "time" or isinstance(leaf.condition, YearDay):
        return WHOLE
    return [*sweeps, *_passed_over(time, leaf.condition, leaf.result, old, new)]


def _resolved(condition: Condition, field: Field, old: Moment, new: Moment) -> bool:
    """Whether a condition on a field means the same at both instants."""
    if isinstance(condition, YearDay):
        return spans_of(condition, old) == spans_of(condition, new)
    return not any(True for _ in _moved_ends(condition, field, old, new))


def _passed_over(
    column: Column, condition: Condition, field: Field, old: Moment, new: Moment
) -> Iterator[Sweep]:
    for before, after in _moved_ends(condition, field, old, new):
        yield Sweep(column, min(before, after), max(before, after))


def _moved_ends(condition: Condition, field: Field, old: Moment, new: Moment) -> Iterator[tuple[date, date]]:
    """Old and new ends of the range of a condition, where they differ."""
    if isinstance(condition, When):
        for edge in (condition.lower, condition.upper):
            if edge is not None:
                ends = _end(edge, field.type, old), _end(edge, field.type, new)
                if ends[0] != ends[1]:
                    yield ends


def _end(edge: Edge, type_: Type, moment: Moment) -> date:
    """The day, or the instant, at which values begin or cease to satisfy an edge."""
    span = edge.bound.days(moment) if type_ is Type.DATE else edge.bound.span(moment)
    return span[0] if edge.side in ("from", "before") else span[1]
