"""The rows that answer leaves: tables, what narrows them, and the joins that a value asks for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, FromClause, Text, and_, any_, bindparam, literal

from clientbase.models import (
    Action,
    Base,
    Client,
    ClientContact,
    ClientIdentity,
    ClientParamValue,
    ClientStats,
    ClientTag,
    ClientVisits,
    Order,
    OrderLine,
    OrderParamValue,
    OrderStatusChange,
    Product,
    ProductGroup,
    Refund,
)

Clauses = list[ColumnElement[bool]]
Narrow = Callable[[FromClause, int | str | None], Clauses]


def _all(_: FromClause, __: int | str | None) -> Clauses:
    return []


def _by(column: str, type_: Any) -> Narrow:
    """Only rows whose column is the key; all rows without a key."""
    return lambda table, key: [] if key is None else [table.c[column] == literal(key, type_)]


def _purchased(table: FromClause, _: int | str | None) -> Clauses:
    return [table.c.purchased_at.is_not(None)]


def _changed(table: FromClause, _: int | str | None) -> Clauses:
    return [table.c.from_status.is_not(None)]


def _cancelled(table: FromClause, _: int | str | None) -> Clauses:
    cancelled = literal("cancelled", Text)
    return [table.c.to_group == cancelled, table.c.from_group.is_distinct_from(cancelled)]


@dataclass(frozen=True)
class Source:
    """A table of rows, the columns that name the client, the time and the order, and what narrows it."""

    model: type[Base]
    client: str = "client_id"
    time: str = ""
    order: str = ""
    narrow: Narrow = _all


SOURCES = {
    "clients": Source(Client, client="id"),
    "client_stats": Source(ClientStats),
    "client_visits": Source(ClientVisits),
    "client_contacts": Source(ClientContact, narrow=_by("kind", Text)),
    "client_identities": Source(ClientIdentity, narrow=_by("source", Text)),
    "client_param_values": Source(ClientParamValue, narrow=_by("param_id", BigInteger)),
    "client_tags": Source(ClientTag),
    "orders": Source(Order, time="created_at", order="id"),
    "purchases": Source(Order, time="purchased_at", order="id", narrow=_purchased),
    "purchase_lines": Source(OrderLine, time="purchased_at", order="order_id", narrow=_purchased),
    "status_changes": Source(OrderStatusChange, time="at", order="order_id", narrow=_changed),
    "cancellations": Source(OrderStatusChange, time="at", order="order_id", narrow=_cancelled),
    "refunds": Source(Refund, time="at", order="order_id"),
    "actions": Source(Action, time="at", narrow=_by("type_id", BigInteger)),
}


class Rows:
    """The rows of one source of one account: FROM, joined to on demand, and the conditions that narrow it.

    `clients` narrows them to the rows of a few clients.
    """

    def __init__(
        self,
        name: str,
        account_id: int,
        key: int | str | None = None,
        clients: Sequence[int] | None = None,
    ) -> None:
        self.source, self.key = SOURCES[name], key
        self.account = bindparam("account", account_id, BigInteger, unique=False)
        self.base: FromClause = self.source.model.__table__
        self.tables: FromClause = self.base
        self.clauses: Clauses = [self.base.c.account_id == self.account, *self.source.narrow(self.base, key)]
        if clients is not None:
            some = bindparam("clients", clients, ARRAY(BigInteger), unique=False)
            self.clauses.append(self.client == any_(some))
        self._joined: dict[str, FromClause] = {}

    def keyed(self, key: int | str | None) -> Clauses:
        """What narrows rows without a key of their own to those of one."""
        return [] if key is None or self.key is not None else self.source.narrow(self.base, key)

    @property
    def client(self) -> ColumnElement[int]:
        """The id of the client."""
        return self.base.c[self.source.client]

    @property
    def time(self) -> ColumnElement[Any]:
        """When it happened."""
        return self.base.c[self.source.time]

    @property
    def order_id(self) -> ColumnElement[int]:
        """The id of the order that the row belongs to."""
        return self.base.c[self.source.order]

    @property
    def order(self) -> FromClause:
        """The order that the row belongs to."""
        if self.source.model is Order:
            return self.base
        return self._join("orders", Order, {"id": self.order_id}, outer=False)

    @property
    def stated(self) -> FromClause:
        """The client where a source states its balance, else empty columns: few have one."""
        return self._join("stated", Client, {"id": self.client}, present="stated_bonus_balance")

    def order_param(self, param_id: int) -> FromClause:
        """The value of a custom param of the order, empty columns when it has none."""
        on = {"order_id": self.order_id, "param_id": literal(param_id, BigInteger)}
        return self._join(f"order_param {param_id}", OrderParamValue, on)

    @property
    def product(self) -> FromClause:
        """The product of the line, empty columns when it is not known."""
        return self._join("product", Product, {"id": self.base.c.product_id})

    @property
    def group(self) -> FromClause:
        """The group of the line's product, empty columns when it has none."""
        return self._join("group", ProductGroup, {"id": self.product.c.group_id})

    def items(self, groups: bool) -> FromClause:
        """Products, or groups of products, of the lines of the order: one row for each, or one empty row."""
        line = self._join("line", OrderLine, {"order_id": self.order_id})
        product = self._join("line product", Product, {"id": line.c.product_id})
        return self._join("line group", ProductGroup, {"id": product.c.group_id}) if groups else product

    def _join(
        self,
        name: str,
        model: type[Base],
        on: dict[str, ColumnElement[Any]],
        outer: bool = True,
        present: str | None = None,
    ) -> FromClause:
        if name not in self._joined:
            right = model.__table__.alias(f"j{len(self._joined) + 1}")
            same = [right.c[column] == value for column, value in on.items()]
            same += [right.c[present].is_not(None)] if present else []
            clause = and_(right.c.account_id == self.account, *same)
            self.tables = self.tables.join(right, clause, isouter=outer)
            self._joined[name] = right
        return self._joined[name]
