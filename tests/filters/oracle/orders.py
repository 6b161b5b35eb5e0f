"""What an order amounts to: its status group, when it was bought, what it brought."""

from datetime import datetime
from decimal import Decimal

from .base import Base
from .world import Order


def status_group(base: Base, order: Order) -> str:
    """The group that the order stands in now."""
    return base.world.statuses[order.history[-1].status].group


def entries(base: Base, order: Order, group: str) -> list[datetime]:
    """Every time the order came into a group from outside it; being created in it is coming into it."""
    found, previous = [], None
    for change in order.history:
        current = base.world.statuses[change.status].group
        if current == group != previous:
            found.append(change.at)
        previous = current
    return found


def purchased_at(base: Base, order: Order) -> datetime | None:
    """The last entry into `done` of an order that is still there."""
    return entries(base, order, "done")[-1] if status_group(base, order) == "done" else None


def purchases(base: Base, client: int) -> list[tuple[datetime, Order]]:
    """Orders that are done with the instant of their purchase, earliest first, then the lower id."""
    dated = [(purchased_at(base, order), order) for order in base.orders(client)]
    return sorted(((at, order) for at, order in dated if at), key=lambda pair: (pair[0], pair[1].id))


def in_groups(base: Base, client: int, *groups: str) -> list[Order]:
    return [order for order in base.orders(client) if status_group(base, order) in groups]


def revenue(base: Base, client: int) -> Decimal:
    """Totals of done orders less their refunds."""
    return sum((_net(order) for order in in_groups(base, client, "done")), Decimal(0))


def profit(base: Base, client: int) -> Decimal:
    """Revenue less cost, an unknown cost being nothing."""
    costs = (order.cost or Decimal(0) for order in in_groups(base, client, "done"))
    return revenue(base, client) - sum(costs, Decimal(0))


def _net(order: Order) -> Decimal:
    return order.total - sum((refund.amount for refund in order.refunds), Decimal(0))
