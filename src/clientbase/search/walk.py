"""Statements that give one page of ids in an order, after a position."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pyroaring import BitMap64
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Row,
    Select,
    and_,
    bindparam,
    case,
    false,
    func,
    or_,
    select,
    tuple_,
)

from clientbase.kit.db import AnySession, among
from clientbase.kit.sorting import SortKey
from clientbase.models import Client, ClientStats, ClientVisits
from clientbase.search.bits import bit_string
from clientbase.search.orders import ORDERS, Sorting

FEW = 3000
"""So many ids are looked up one by one; of more, the order is walked, each id looked up in a bit string."""
_MODELS: dict[str, Any] = {"clients": Client, "client_stats": ClientStats, "client_visits": ClientVisits}


@dataclass(frozen=True)
class Position:
    """Where a page ended: the values of its last client by the keys of the sorting, and the id."""

    values: tuple[Any, ...]
    client_id: int


class Walker:
    """Walks the clients of one account in one order; None for `members` is everyone."""

    def __init__(
        self, session: AnySession, account_id: int, sorting: Sorting, members: BitMap64 | None
    ) -> None:
        self._session = session
        self._account_id = account_id
        self._sorting = sorting
        self._members = members
        self._bits = None if members is None or len(members) <= FEW else bit_string(members)

    async def page(self, after: Position | None, limit: int) -> list[Position]:
        """The next clients of the order, with what they are sorted by.

        Clients that have a value for the first key come in one statement, those without in another, so that
        both can follow the index.
        """
        has_value = after is None or after.values[0] is not None
        found: list[Position] = []
        if has_value:
            found = await self._read(after, limit, empty=False)
        if len(found) < limit and ORDERS[self._sorting.keys[0].field].optional:
            found += await self._read(None if has_value else after, limit - len(found), empty=True)
        return found

    async def _read(self, after: Position | None, limit: int, *, empty: bool) -> list[Position]:
        rows: Sequence[Row[Any]] = (
            await self._session.execute(self._query(after, empty=empty).limit(limit))
        ).all()
        return [Position(tuple(row[1:]), row[0]) for row in rows]

    def _query(self, after: Position | None, *, empty: bool) -> Select[Any]:
        """Ids and sort values of clients whose first key has a value, or (`empty`) has none."""
        orders = self._sorting.orders
        base, tables = self._tables({order.table for order in orders}, empty=empty)
        client_id: ColumnElement[int] = base.__table__.c["id" if base is Client else "client_id"]
        first = orders[0]
        query = select(client_id, *(order.source for order in orders)).select_from(tables)
        query = query.where(base.account_id == self._account_id)
        if first.optional:
            query = query.where(first.source.is_(None) if empty else first.source.is_not(None))
        query = query.where(*self._narrowed(client_id))
        keys = self._sorting.keys[1:] if empty else self._sorting.keys
        if after is not None:
            values = after.values[1:] if empty else after.values
            query = query.where(self._behind(keys, values, client_id, after.client_id))
        return query.order_by(*self._order_by(keys, client_id, has_first=not empty))

    def _tables(self, names: set[str], *, empty: bool) -> tuple[Any, FromClause]:
        """The table that gives the ids, and what is joined to it: one table alone wherever it will do."""
        if len(names) == 1 and not (empty and names == {"client_visits"}) and not self._balanced():
            model = _MODELS[next(iter(names))]
            return model, model.__table__
        tables: Any = Client.__table__
        if "client_stats" in names:
            tables = tables.join(ClientStats.__table__, _same_client(ClientStats))
        if "client_visits" in names:
            tables = tables.outerjoin(ClientVisits.__table__, _same_client(ClientVisits))
        return Client, tables

    def _balanced(self) -> bool:
        """Whether the points are sorted by, which are read of two tables."""
        return any(key.field == "bonus_balance" for key in self._sorting.keys)

    def _narrowed(self, client_id: ColumnElement[int]) -> list[ColumnElement[bool]]:
        if self._members is None:
            return []
        if self._bits is None:
            return [among(client_id, list(self._members))]
        first, bits = self._bits
        last = first + len(bits) * 8 - 1
        place = client_id - bindparam("first_id", first, BigInteger)
        inside = client_id.between(
            bindparam("lowest_id", first, BigInteger), bindparam("highest_id", last, BigInteger)
        )
        is_set = func.get_bit(bindparam("bits", bits), place) == 1
        return [case((inside, is_set), else_=false())]

    def _order_by(
        self, keys: Sequence[SortKey], client_id: ColumnElement[int], *, has_first: bool
    ) -> list[ColumnElement[Any]]:
        """Plain ordering by a first key that has values, so that an index serves it either way."""
        ordered: list[ColumnElement[Any]] = []
        for place, key in enumerate(keys):
            order = ORDERS[key.field]
            source = order.source.desc() if key.descending else order.source.asc()
            plain = not order.optional or (place == 0 and has_first)
            ordered.append(source if plain else source.nulls_last())
        return [*ordered, client_id.desc() if self._sorting.id_descends else client_id.asc()]

    def _behind(
        self, keys: Sequence[SortKey], values: Sequence[Any], client_id: ColumnElement[int], last_id: int
    ) -> ColumnElement[bool]:
        """What comes after a position: the first key that differs decides, the id when none does."""
        descends = self._sorting.id_descends
        if len(keys) == 1 and values[0] is not None:
            here = tuple_(ORDERS[keys[0].field].source, client_id)
            there = tuple_(values[0], last_id)
            return here < there if descends else here > there
        behind_id = client_id < last_id if descends else client_id > last_id
        pairs = list(zip(keys, values, strict=True))
        cases = [
            and_(*(_same(*pair) for pair in pairs[:place]), _after(*pairs[place]))
            for place in range(len(pairs))
        ]
        return or_(*cases, and_(*(_same(*pair) for pair in pairs), behind_id))


def _same(key: SortKey, value: Any) -> ColumnElement[bool]:
    source = ORDERS[key.field].source
    return source.is_(None) if value is None else source == value


def _after(key: SortKey, value: Any) -> ColumnElement[bool]:
    """Values behind this one; none is behind the empty ones."""
    if value is None:
        return false()
    order = ORDERS[key.field]
    beyond = order.source < value if key.descending else order.source > value
    return or_(beyond, order.source.is_(None)) if order.optional else beyond


def _same_client(model: Any) -> ColumnElement[bool]:
    return and_(model.account_id == Client.account_id, model.client_id == Client.id)
