"""A leaf becomes one SELECT of client ids: values are bind parameters, equal shapes are equal SQL."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, any_, func, or_, select

from clientbase.filters.answers import Answer, Ratio, Scalar, bind, bind_list
from clientbase.filters.conditions import HasAll
from clientbase.filters.leaves import ActionLeaf, Atom, FieldLeaf, Leaf, Predicate, Universe
from clientbase.filters.moment import Moment
from clientbase.filters.readers import read
from clientbase.filters.sources import Rows
from clientbase.filters.specs import Type


def compile_leaf(
    leaf: Leaf, account_id: int, moment: Moment, clients: Sequence[int] | None = None
) -> Select[int]:
    """The SELECT of the ids of the leaf's clients: one bigint column, in no order, an id maybe many times.

    `clients` asks only about these. A set takes in an id again for less than SQL takes to leave it out.
    """
    if isinstance(leaf, Universe):
        return compile_universe(account_id, clients)
    if isinstance(leaf, ActionLeaf):
        rows = Rows(leaf.action.rows, account_id, leaf.action.type_id, clients)
        return _of_actions(leaf, rows, moment)
    rows = Rows(leaf.field.read.rows, account_id, leaf.field.read.key, clients)
    if leaf.field.read.how == "any":
        return _any_of_rows(leaf, rows, moment)
    if isinstance(leaf.condition, HasAll) and leaf.field.read.how == "column":
        return _all_in_rows(leaf, leaf.condition, rows)
    return _of_rows(leaf, rows, moment)


def compile_universe(account_id: int, clients: Sequence[int] | None = None) -> Select[int]:
    """The SELECT of the ids of all clients of an account, or of those that live among some."""
    rows = Rows("clients", account_id, clients=clients)
    return select(rows.client).where(*rows.clauses)


def _of_rows(leaf: FieldLeaf, rows: Rows, moment: Moment) -> Select[int]:
    """Clients with a row whose value satisfies the condition."""
    holds = read(leaf.field, rows, moment).holds(leaf.condition)
    return select(rows.client).select_from(rows.tables).where(*rows.clauses, holds)


def _all_in_rows(leaf: FieldLeaf, condition: HasAll, rows: Rows) -> Select[int]:
    """Clients who have a row for each of the elements."""
    values, column = bind_list(condition.values), rows.base.c[leaf.field.read.column]
    query = select(rows.client).where(*rows.clauses, column == any_(values)).group_by(rows.client)
    return query.having(func.count() == func.cardinality(values))


def _any_of_rows(leaf: FieldLeaf, rows: Rows, moment: Moment) -> Select[int]:
    """Clients whose flag, true where any of their rows has it, satisfies the condition."""
    flag = func.bool_or(rows.base.c[leaf.field.read.column])
    holds = Scalar(flag, Type.BOOLEAN, moment).holds(leaf.condition)
    return select(rows.client).where(*rows.clauses).group_by(rows.client).having(holds)


def _of_actions(leaf: ActionLeaf, rows: Rows, moment: Moment) -> Select[int]:
    """Clients over whose actions the measure satisfies the condition."""
    clauses = [*rows.clauses, *conditions(leaf, rows, moment)]
    if leaf.did:
        return select(rows.client).select_from(rows.tables).where(*clauses)
    value = read(leaf.param, rows, moment) if leaf.param is not None else None
    measured = measures(leaf, value)
    of_client = (
        select(rows.client.label("client_id"), *(one.label(f"m{i}") for i, one in enumerate(measured)))
        .select_from(rows.tables)
        .where(*clauses)
        .group_by(rows.client)
        .subquery("measured")
    )
    columns = [of_client.c[f"m{i}"] for i in range(len(measured))]
    return select(of_client.c.client_id).where(satisfies(leaf, columns, moment))


def conditions(leaf: ActionLeaf, rows: Rows, moment: Moment) -> list[ColumnElement[bool]]:
    """What makes an action one that the leaf measures: its period and its params."""
    found = []
    if leaf.period is not None:
        found.append(Scalar(rows.time, Type.DATETIME, moment).holds(leaf.period))
    if leaf.where is not None:
        found.append(passing(leaf.where, rows, moment))
    return found


def measures(leaf: ActionLeaf, value: Answer | None) -> list[ColumnElement[Any]]:
    """The leaf's measure as aggregates over the values of a client's actions: one, or two of a quotient."""
    return _MEASURES[leaf.function](value)


def satisfies(
    leaf: ActionLeaf, measured: Sequence[ColumnElement[Any]], moment: Moment
) -> ColumnElement[bool]:
    """True where the measure satisfies the leaf's condition; false or NULL elsewhere."""
    of_two = len(measured) == 2
    answer = Ratio(*measured) if of_two else Scalar(measured[0], leaf.result.type, moment)
    return answer.holds(leaf.condition)


def passing(where: Predicate, rows: Rows, moment: Moment) -> ColumnElement[bool]:
    """True for actions that pass; NULL, at the top only, counts as not."""
    if isinstance(where, Atom):
        answer = read(where.field, rows, moment)
        return answer.fails(where.condition) if where.negative else answer.holds(where.condition)
    junction = and_ if where.every else or_
    return junction(*(passing(item, rows, moment) for item in where.items))


def _over(function: Callable[[Any], ColumnElement[Any]]) -> Callable[[Any], list[ColumnElement[Any]]]:
    return lambda value: [function(value.element)]


_MEASURES: dict[str, Callable[[Answer | None], list[ColumnElement[Any]]]] = {
    "count": lambda value: [func.count() if value is None else func.count(value.element)],
    "count_distinct": _over(lambda element: func.count(element.distinct())),
    "sum": _over(lambda element: func.coalesce(func.sum(element), bind(0))),
    "avg": lambda value: [func.sum(value.element), func.count(value.element)],  # type: ignore[union-attr]
    "min": _over(func.min),
    "max": _over(func.max),
}
"""Measures as aggregates over the actions of one client; two columns are a quotient."""
