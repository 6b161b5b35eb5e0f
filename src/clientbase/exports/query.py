"""One statement for a chunk of clients: every column as the text of its cell, in the order of ids."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, case, func, literal, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by

from clientbase.exports.columns import Column
from clientbase.exports.styles import Frame, Style
from clientbase.kit.db import among
from clientbase.models import (
    Client,
    ClientContact,
    ClientIdentity,
    ClientParamValue,
    ClientStats,
    ClientTag,
    ClientVisits,
    Tag,
)


class Chunk:
    """Some clients of an account, by ascending ids."""

    def __init__(self, account_id: int, ids: Sequence[int]) -> None:
        self.account_id = account_id
        self.ids = ids

    @property
    def is_dense(self) -> bool:
        """Whether every id between the bounds is one of them."""
        return self.ids[-1] - self.ids[0] + 1 == len(self.ids)

    def of(self, table: Any, key: Any) -> ColumnElement[bool]:
        """Rows of these clients; the bounds let PostgreSQL read a range."""
        return and_(table.account_id == self.account_id, key.between(self.ids[0], self.ids[-1]))


Join = Callable[[Chunk, Sequence[Column]], FromClause]


def chunk_query(chunk: Chunk, columns: Sequence[Column], style: Style, frame: Frame) -> Select[Any]:
    """The texts of all cells of the chunk."""
    relations = {
        place: make(chunk, [column for column in columns if column.place == place])
        for place, make in _GROUPED.items()
        if any(column.place == place for column in columns)
    }
    cells = [
        style.writers[column.kind](_value(column, relations), frame).label(f"c{place}")
        for place, column in enumerate(columns)
    ]
    query = select(*cells).select_from(Client)
    places = {column.place for column in columns}
    for place, (model, is_outer) in _SINGLE.items():
        if place in places:
            on = and_(model.account_id == Client.account_id, model.client_id == Client.id)
            query = query.join(model, on, isouter=is_outer).where(
                true() if is_outer else chunk.of(model, model.client_id)
            )
    for relation in relations.values():
        query = query.outerjoin(relation, relation.c.client_id == Client.id)
    query = query.where(chunk.of(Client, Client.id)).order_by(Client.id)
    return query if chunk.is_dense else query.where(among(Client.id, chunk.ids))


def _value(column: Column, relations: dict[str, FromClause]) -> ColumnElement[Any]:
    relation = relations.get(column.place)
    return column.source if relation is None else relation.c[_key(column)]


def _key(column: Column) -> str:
    """The name of the column in its relation."""
    return column.name if isinstance(column.source, str) else f"param_{column.source[0]}"


def _contacts(chunk: Chunk, columns: Sequence[Column]) -> FromClause:
    table = ClientContact
    in_order = aggregate_order_by(table.value, table.is_primary.desc(), table.value)

    def values(kind: str) -> ColumnElement[Any]:
        return func.array_agg(in_order).filter(table.kind == kind)

    def first(kind: str) -> ColumnElement[Any]:
        """The primary one, else the first by value: the least where primary ones are marked by a 0."""
        marked = case((table.is_primary, "0"), else_="1").op("||")(table.value)
        return func.substr(func.min(marked).filter(table.kind == kind), 2)

    makers: dict[str, Callable[[], ColumnElement[Any]]] = {
        "phone": lambda: first("phone"),
        "email": lambda: first("email"),
        "phones": lambda: func.array_to_string(values("phone"), ", "),
        "emails": lambda: func.array_to_string(values("email"), ", "),
    }
    return (
        select(table.client_id, *(makers[column.name]().label(column.name) for column in columns))
        .where(chunk.of(table, table.client_id))
        .group_by(table.client_id)
        .subquery("contacts")
    )


def _identities(chunk: Chunk, columns: Sequence[Column]) -> FromClause:
    table = ClientIdentity
    named = table.source + ":" + table.external_id
    makers = {
        "external_id": func.min(table.external_id),
        "identities": func.string_agg(named, aggregate_order_by(literal(", "), named)),
    }
    return (
        select(table.client_id, *(makers[column.name].label(column.name) for column in columns))
        .where(chunk.of(table, table.client_id))
        .group_by(table.client_id)
        .subquery("identities")
    )


def _tags(chunk: Chunk, columns: Sequence[Column]) -> FromClause:
    table = ClientTag
    codes = func.string_agg(Tag.code, aggregate_order_by(literal(", "), Tag.code))
    return (
        select(table.client_id, codes.label("tags"))
        .join(Tag, and_(Tag.account_id == table.account_id, Tag.id == table.tag_id))
        .where(chunk.of(table, table.client_id))
        .group_by(table.client_id)
        .subquery("tags")
    )


def _params(chunk: Chunk, columns: Sequence[Column]) -> FromClause:
    """One pass over the values of the chunk, whatever the number of params."""
    table = ClientParamValue
    values = []
    for column in columns:
        param_id, name = column.source
        aggregate = func.bool_or if name == "boolean" else func.max
        value = aggregate(getattr(table, name)).filter(table.param_id == param_id)
        values.append(value.label(_key(column)))
    ids = [column.source[0] for column in columns]
    return (
        select(table.client_id, *values)
        .where(chunk.of(table, table.client_id), among(table.param_id, ids))
        .group_by(table.client_id)
        .subquery("params")
    )


_SINGLE: dict[str, tuple[Any, bool]] = {
    "client_stats": (ClientStats, False),
    "client_visits": (ClientVisits, True),
}
"""Relations with one row a client, and whether some clients have none."""
_GROUPED: dict[str, Join] = {
    "contacts": _contacts,
    "identities": _identities,
    "tags": _tags,
    "params": _params,
}
"""What hangs off a client in several rows, brought to one row a client."""
