"""Actions of a client: the recorded ones, and those that orders give rise to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from . import orders
from .base import Base
from .vocabulary import action_params
from .world import Line, Order


@dataclass(frozen=True)
class Record:
    """One action with its params; a param that is a set is a tuple."""

    at: datetime
    params: dict[str, object]


def records(base: Base, client: int, action: str) -> list[Record]:
    """Every action of this type that the client did."""
    key = ("records", client, action)
    if key not in base.memory:
        base.memory[key] = list(FROM_ORDERS.get(action, _recorded(action))(base, client))
    return base.memory[key]


def param_type(base: Base, action: str, param: str) -> str:
    key = ("params", action)
    if key not in base.memory:
        base.memory[key] = action_params(base.world, action)
    return base.memory[key][param]


def param_values(record: Record, param: str) -> tuple:
    if param == "time":
        return (record.at,)
    value = record.params.get(param)
    return value if isinstance(value, tuple) else (value,)


def _recorded(action: str) -> Callable[[Base, int], Iterator[Record]]:
    return lambda base, client: (Record(each.at, each.params) for each in base.actions(client, action))


def _receipt(base: Base, order: Order) -> dict[str, object]:
    products = dict.fromkeys(line.product for line in order.lines if line.product)
    groups = dict.fromkeys(group for product in products if (group := base.group_of(product)))
    return {
        "amount": order.total,
        "discount": order.discount,
        "number": order.number,
        "shop": order.shop,
        "manager": order.manager,
        "source": order.source,
        "products": tuple(products),
        "product_groups": tuple(groups),
        **{f"order.{code}": value for code, value in order.params.items()},
    }


def _purchases(base: Base, client: int) -> Iterator[Record]:
    for at, order in orders.purchases(base, client):
        yield Record(at, _receipt(base, order))


def _items(base: Base, client: int) -> Iterator[Record]:
    for at, order in orders.purchases(base, client):
        params = _receipt(base, order) | {"time": at}
        receipt = {f"receipt.{param}": value for param, value in params.items()}
        for line in order.lines:
            yield Record(at, _line(base, line) | receipt)


def _line(base: Base, line: Line) -> dict[str, object]:
    return {
        "product": line.product,
        "product_group": base.group_of(line.product),
        "quantity": line.quantity,
        "price": line.price,
        "amount": line.amount,
    }


def _failures(base: Base, client: int) -> Iterator[Record]:
    for order in base.orders(client):
        for at in orders.entries(base, order, "cancelled"):
            yield Record(at, _receipt(base, order))


def _creations(base: Base, client: int) -> Iterator[Record]:
    for order in base.orders(client):
        yield Record(order.created_at, _receipt(base, order))


def _status_changes(base: Base, client: int) -> Iterator[Record]:
    for order in base.orders(client):
        for before, after in zip(order.history, order.history[1:], strict=False):
            group = base.world.statuses[after.status].group
            moved = {"status": after.status, "from_status": before.status, "status_group": group}
            yield Record(after.at, moved | {"number": order.number, "amount": order.total})


def _refunds(base: Base, client: int) -> Iterator[Record]:
    for order in base.orders(client):
        of_order = {name: getattr(order, name) for name in ("number", "shop", "manager", "source")}
        for refund in order.refunds:
            yield Record(refund.at, of_order | {"amount": refund.amount})


FROM_ORDERS: dict[str, Callable[[Base, int], Iterator[Record]]] = {
    "purchase": _purchases,
    "purchase.item": _items,
    "purchase.failed": _failures,
    "order.created": _creations,
    "order.status_changed": _status_changes,
    "refund": _refunds,
}
