"""Readings: one SELECT over some rows with a column for each of many leaves: the clients of it."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    LargeBinary,
    Select,
    and_,
    case,
    column,
    func,
    literal,
    select,
)

from clientbase.filters.answers import Answer
from clientbase.filters.compiler import conditions, measures, satisfies
from clientbase.filters.conditions import AT_LEAST_ONE
from clientbase.filters.leaves import ActionLeaf, FieldLeaf
from clientbase.filters.moment import Moment
from clientbase.filters.readers import read
from clientbase.filters.sources import Rows


def pack(client_id: ColumnElement[int]) -> Any:
    """Ids as one value of 64-bit big-endian words, NULL for none: several times faster than rows."""
    return func.string_agg(func.int8send(client_id), literal(b"", LargeBinary))


def packed(ids: Select[Any]) -> Select[Any]:
    """The ids that a SELECT of one column gives, as one value."""
    return select(pack(ids.subquery("ids").c[0]))


def read_fields(leaves: Sequence[FieldLeaf], rows: Rows, moment: Moment) -> Select[Any]:
    """Each row is asked every condition."""
    columns = [
        pack(rows.client).filter(
            *rows.keyed(leaf.field.read.key), read(leaf.field, rows, moment).holds(leaf.condition)
        )
        for leaf in leaves
    ]
    return select(*columns).select_from(rows.tables).where(*rows.clauses)


def read_deeds(leaves: Sequence[ActionLeaf], rows: Rows, moment: Moment) -> Select[Any]:
    """Each action is asked of which leaves it is one: any such action is enough."""
    columns = []
    for leaf in leaves:
        asked = [*rows.keyed(leaf.action.type_id), *conditions(leaf, rows, moment)]
        columns.append(pack(rows.client).filter(*asked) if asked else pack(rows.client))
    return select(*columns).select_from(rows.tables).where(*rows.clauses)


def read_measures(leaves: Sequence[ActionLeaf], rows: Rows, moment: Moment) -> Select[Any]:
    """The actions of a client are measured by every leaf, then each measure is asked its condition."""
    counted = [replace(leaf, condition=AT_LEAST_ONE) if leaf.did else leaf for leaf in leaves]
    measured = [measures(leaf, _Measured(leaf, rows, moment)) for leaf in counted]
    labelled = [one.label(f"m{i}_{j}") for i, part in enumerate(measured) for j, one in enumerate(part)]
    of_client = (
        select(rows.client.label("client_id"), *labelled)
        .select_from(rows.tables)
        .where(*rows.clauses)
        .group_by(rows.client)
        .subquery("measured")
    )
    found = (column(one.name, one.type) for one in labelled)
    columns = [
        pack(column("client_id", BigInteger)).filter(satisfies(leaf, list(islice(found, len(part))), moment))
        for leaf, part in zip(counted, measured, strict=True)
    ]
    return select(*columns).select_from(of_client)


class _Measured(Answer):
    """The value of an action of the leaf; of another one, nothing."""

    def __init__(self, leaf: ActionLeaf, rows: Rows, moment: Moment) -> None:
        value = literal(1) if leaf.param is None else read(leaf.param, rows, moment).element
        asked = [*rows.keyed(leaf.action.type_id), *conditions(leaf, rows, moment)]
        self.element = case((and_(*asked), value)) if asked else value
