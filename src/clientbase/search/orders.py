"""The orders in which clients can be listed: what each sorts by, and whether an index follows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Numeric, cast, func
from sqlalchemy.orm import aliased

from clientbase.filters.fields import CLIENT_FIELDS
from clientbase.kit.sorting import SortKey, parse_sort
from clientbase.models import Client, ClientStats, ClientVisits

DEFAULT_SORT = "-created_at"


@dataclass(frozen=True, slots=True)
class Order:
    """Something to sort by; texts by their folded form, which puts ё beside е."""

    name: str
    table: str
    source: ColumnElement[Any]
    optional: bool
    """Whether a client may be without it; such clients come last."""
    beside: tuple[str, ...] = ()
    """What is joined beside the table to read it."""

    @property
    def indexed(self) -> bool:
        """Whether an index follows it; others sort the set, which takes longer for large ones."""
        return self.name in _INDEXED

    @property
    def tables(self) -> tuple[str, ...]:
        """All that it is read of."""
        return (self.table, *self.beside)

    @property
    def personal(self) -> bool:
        """Whether the order tells personal data."""
        field = CLIENT_FIELDS.get(self.name)
        return field is not None and field.personal


def _of(model: type[Any], *names: str, optional: bool = True) -> list[Order]:
    return [Order(name, model.__tablename__, getattr(model, name), optional) for name in names]


def _text(model: type[Any], *names: str) -> list[Order]:
    return [Order(name, model.__tablename__, getattr(model, f"{name}_folded"), True) for name in names]


AVERAGE_CHECK = cast(ClientStats.revenue, Numeric) / func.nullif(ClientStats.sales_count, 0)
STATED_BALANCE = aliased(Client, name="stated")
"""Clients whose balance a source states: few, so that they are joined apart."""
_BALANCE = func.coalesce(STATED_BALANCE.stated_bonus_balance, ClientStats.bonus_balance)
_ORDERS = [
    *_of(Client, "id", "created_at", "updated_at", optional=False),
    *_text(Client, "full_name", "last_name", "first_name", "city", "region", "country", "card_number"),
    *_of(Client, "birth_date", "source", "manager", "shop", "loyalty_level", "discount_percent"),
    *_of(
        ClientStats,
        "orders_count", "sales_count", "items_count", "deals_in_progress_count", "cancelled_count",
        "cancelled_revenue", "revenue", "profit",
        optional=False,
    ),
    Order("ltv", "client_stats", ClientStats.profit.expression, False),
    Order("average_check", "client_stats", AVERAGE_CHECK, True),
    Order("bonus_balance", "client_stats", _BALANCE, False, ("stated_balance",)),
    *_of(
        ClientStats,
        "last_purchase_amount", "first_order_at", "last_order_at", "first_purchase_at", "last_purchase_at",
    ),
    *_of(ClientVisits, "visits_count", "first_visit_at", "last_visit_at", "ad_channel", "last_ad_channel"),
]  # fmt: skip
_INDEXED = frozenset(
    {
        "id", "created_at", "updated_at", "full_name", "birth_date", "city", "revenue", "orders_count",
        "average_check", "last_order_at", "last_purchase_at", "last_visit_at",
    }
)  # fmt: skip
ORDERS: dict[str, Order] = {order.name: order for order in _ORDERS}


@dataclass(frozen=True)
class Sorting:
    """Keys of a list in their order; the id decides last, in the direction of the last key."""

    keys: tuple[SortKey, ...]

    @property
    def orders(self) -> tuple[Order, ...]:
        """What the keys sort by."""
        return tuple(ORDERS[key.field] for key in self.keys)

    @property
    def by_id(self) -> bool:
        """Whether nothing but the id decides."""
        return self.keys[0].field == "id"

    @property
    def id_descends(self) -> bool:
        """The direction of the id."""
        return self.keys[-1].descending

    def names(self) -> list[str]:
        """The keys as they are written in a request."""
        return [f"-{key.field}" if key.descending else key.field for key in self.keys]


def choose_sorting(text: str | None) -> Sorting:
    """The sorting of a `sort` parameter. Raises Invalid at /sort."""
    keys: Sequence[SortKey] = parse_sort(text, ORDERS, DEFAULT_SORT)
    for place, key in enumerate(keys):
        if key.field == "id":
            return Sorting(tuple(keys[: place + 1]))
    return Sorting(tuple(keys))
