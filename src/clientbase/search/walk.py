"""Statements that give one page of ids in an order, after a position."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
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

from clientbase.kit.db import among
from clientbase.kit.sorting import SortKey
from clientbase.models import Client, ClientStats, ClientVisits
from clientbase.search.orders import ORDERS, STATED_BALANCE, Sorting


@dataclass(frozen=True)
class Position:
    """Where a page ended: the values of its last client by the keys of the sorting, and the id."""

    values: tuple[Any, ...]
    client_id: int


@dataclass(frozen=True)
class Ids:
    """Ids that are looked up one by one."""

    ids: Sequence[int]

    def has(self, client_id: ColumnElement[int]) -> ColumnElement[bool]:
        """Whether an id is one of them."""
        return among(client_id, self.ids)


@dataclass(frozen=True)
class Bits:
    """Ids as a string of bits from `first` on, in which each id of a walk is looked up."""

    first: int
    bits: bytes

    def has(self, client_id: ColumnElement[int]) -> ColumnElement[bool]:
        """Whether an id is one of them."""
        last = self.first + len(self.bits) * 8 - 1
        place = client_id - bindparam("first_id", self.first, BigInteger)
        inside = client_id.between(
            bindparam("lowest_id", self.first, BigInteger), bindparam("highest_id", last, BigInteger)
        )
        return case((inside, func.get_bit(bindparam("bits", self.bits), place) == 1), else_=false())


Members = Ids | Bits | None
"""Of whom a page is read; None is everyone."""


@dataclass(frozen=True)
class Walk:
    """An order of an account's clients: those who have a value for its first key, or (`empty`) those without.

    The two are walked apart, so that both can follow the index of the first key.
    """

    account_id: int
    sorting: Sorting
    empty: bool = False

    def page(self, members: Members, after: Position | None) -> Select[Any]:
        """Ids and sort values behind a position, in order."""
        query, client_id = self._rows(members)
        keys = self.sorting.keys[1:] if self.empty else self.sorting.keys
        if after is not None:
            values = after.values[1:] if self.empty else after.values
            query = query.where(self._behind(keys, values, client_id, after.client_id))
        return query.order_by(*self._order_by(keys, client_id, descends=self.sorting.id_descends))

    def count(self, members: Members) -> Select[Any]:
        """How many members are in this part of the order."""
        query, client_id = self._rows(members)
        return query.with_only_columns(func.count(client_id))

    def nearest(self, members: Members, *, steps: int) -> Select[Any]:
        """Members among the first so many clients of an order by one key."""
        return self._first_steps(members, steps, reverse=False)

    def farthest(self, members: Members, *, steps: int) -> Select[Any]:
        """Members among the last so many clients of an order by one key, from its end."""
        return self._first_steps(members, steps, reverse=True)

    def _first_steps(self, members: Members, steps: int, *, reverse: bool) -> Select[Any]:
        """The clients are walked in an inner query, which no condition on members can change."""
        (key,) = self.sorting.keys
        descends = key.descending is not reverse
        query, client_id = self._rows(None)
        order = [ORDERS[key.field].source, client_id]
        directed = [one.desc() if descends else one.asc() for one in order]
        walked = query.order_by(*directed).limit(bindparam("steps", steps, BigInteger)).subquery("walked")
        outer = [column.desc() if descends else column.asc() for column in reversed(walked.c)]
        found = select(walked.c[0], walked.c[1]).order_by(*outer)
        return found if members is None else found.where(members.has(walked.c[0]))

    def _rows(self, members: Members) -> tuple[Select[Any], ColumnElement[int]]:
        """Ids and sort values, in no order; the table of the first key leads, so that its index serves."""
        orders = self.sorting.orders
        first = orders[0]
        model: Any = Client if self.empty and first.table == "client_visits" else _MODELS[first.table]
        client_id: ColumnElement[int] = model.__table__.c["id" if model is Client else "client_id"]
        tables = {name for order in orders for name in order.tables}
        query = select(client_id, *(order.source for order in orders))
        query = query.select_from(_joined(model, client_id, tables - {model.__tablename__}))
        query = query.where(model.account_id == self.account_id)
        if first.optional:
            query = query.where(first.source.is_(None) if self.empty else first.source.is_not(None))
        return (query if members is None else query.where(members.has(client_id))), client_id

    def _order_by(
        self, keys: Sequence[SortKey], client_id: ColumnElement[int], *, descends: bool
    ) -> list[ColumnElement[Any]]:
        """Plain ordering by a first key that has values, so that an index serves it either way."""
        ordered: list[ColumnElement[Any]] = []
        for place, key in enumerate(keys):
            order = ORDERS[key.field]
            source = order.source.desc() if key.descending else order.source.asc()
            plain = not order.optional or (place == 0 and not self.empty)
            ordered.append(source if plain else source.nulls_last())
        return [*ordered, client_id.desc() if descends else client_id.asc()]

    def _behind(
        self, keys: Sequence[SortKey], values: Sequence[Any], client_id: ColumnElement[int], last_id: int
    ) -> ColumnElement[bool]:
        """What comes after a position: the first key that differs decides, the id when none does."""
        descends = self.sorting.id_descends
        if len(keys) == 1 and not self.empty and values[0] is not None:
            here = tuple_(ORDERS[keys[0].field].source, client_id)
            there = tuple_(values[0], last_id)
            return here < there if descends else here > there
        behind_id = client_id < last_id if descends else client_id > last_id
        pairs = list(zip(keys, values, strict=True))
        cases = [
            and_(*(_same(*pair) for pair in pairs[:place]), _after(*pairs[place]))
            for place in range(len(pairs))
        ]
        behind = or_(*cases, and_(*(_same(*pair) for pair in pairs), behind_id))
        return behind if self.empty else and_(_not_before(*pairs[0]), behind)


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


def _not_before(key: SortKey, value: Any) -> ColumnElement[bool]:
    """Where an index of the first key begins to be read."""
    source = ORDERS[key.field].source
    bound: ColumnElement[bool] = source <= value if key.descending else source >= value
    return bound


_MODELS: dict[str, Any] = {"clients": Client, "client_stats": ClientStats, "client_visits": ClientVisits}
_OUTER = ("client_visits", "stated_balance")
"""Tables without a row for every client."""


def _joined(model: Any, client_id: ColumnElement[int], tables: set[str]) -> FromClause:
    joined: Any = model.__table__
    for name in sorted(tables):
        if name == "stated_balance":
            other: Any = STATED_BALANCE
            of_same = and_(other.id == client_id, other.stated_bonus_balance.is_not(None))
        else:
            other = _MODELS[name]
            of_same = (other.id if other is Client else other.client_id) == client_id
        condition = and_(other.account_id == model.account_id, of_same)
        joined = joined.join(other, condition, isouter=name in _OUTER)
    source: FromClause = joined
    return source
