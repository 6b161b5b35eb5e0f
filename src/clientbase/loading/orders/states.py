"""What an order is and becomes: pure values, so that a batch means the same as its rows sent one by one."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple

from clientbase.kit.errors import Item
from clientbase.loading.typed_values import TypedValue
from clientbase.orders.schemas import MAX_REFUNDS


class Entry(NamedTuple):
    """An entry into a status."""

    at: datetime
    status: str
    group: str


class Line(NamedTuple):
    """A line, its product by code; money in minor units."""

    product: str | None
    quantity: Decimal
    price: int
    amount: int


class Refund(NamedTuple):
    """Money given back, in minor units."""

    at: datetime
    amount: int


class Head(NamedTuple):
    """The row of the order itself; money in minor units."""

    client_id: int
    number: str | None
    status: str
    status_group: str
    created_at: datetime
    purchased_at: datetime | None
    total: int
    discount: int
    cost: int | None
    items_count: Decimal
    shop: str | None
    manager: str | None
    url: str | None


@dataclass(slots=True)
class OrderState:
    """An order with those of its parts that were read; `head` is None before the order is made."""

    id: int
    head: Head | None = None
    lines: tuple[Line, ...] = ()
    history: tuple[Entry, ...] = ()
    refunds: dict[str, Refund] = field(default_factory=dict)
    params: dict[int, TypedValue] = field(default_factory=dict)


@dataclass(slots=True)
class OrderChange:
    """A checked row: what it gives, money in minor units, params by id."""

    client_id: int | None
    fields: dict[str, Any]
    """Columns of the head that the row gives."""
    lines: tuple[Line, ...] | None = None
    history: tuple[Entry, ...] | None = None
    status: tuple[str, str] | None = None
    """Code and group."""
    status_changed_at: datetime | None = None
    refunds: Mapping[str, Refund] = field(default_factory=dict)
    params: Mapping[int, TypedValue | None] = field(default_factory=dict)


def purchased_at(history: tuple[Entry, ...]) -> datetime | None:
    """The last entry into `done` from elsewhere; None for an order that is not done now."""
    if not history or history[-1].group != "done":
        return None
    entered = history[0].at
    for before, after in pairwise(history):
        if after.group == "done" and before.group != "done":
            entered = after.at
    return entered


def changed(state: OrderState, change: OrderChange, now: datetime) -> OrderState | list[Item]:
    """The order after a change, or what forbids it."""
    history, refunds = _history(state, change, now), _refunds(state, change)
    faults = [fault for fault in (_missing(state, change), history, refunds) if isinstance(fault, Item)]
    if faults or isinstance(history, Item) or isinstance(refunds, Item):
        return faults
    return replace(
        state,
        head=_head(state.head, change, history),
        lines=state.lines if change.lines is None else change.lines,
        history=history,
        refunds=refunds,
        params=_params(state.params, change.params),
    )


def _missing(state: OrderState, change: OrderChange) -> Item | None:
    """What a new order cannot do without."""
    if state.head is not None:
        return None
    if change.client_id is None:
        return Item("/client", "CLIENT_MISSING", "A new order names its client.")
    if "total" not in change.fields:
        return Item("/total", "TOTAL_MISSING", "A new order has a total or lines.")
    if change.status is None and change.history is None:
        return Item("/status", "STATUS_MISSING", "A new order has a status.")
    return None


def _history(state: OrderState, change: OrderChange, now: datetime) -> tuple[Entry, ...] | Item:
    """Entries as given in full; else the stored ones with an entry into another status at their end."""
    if change.history is not None:
        return change.history
    if change.status is None or (state.history and state.history[-1].status == change.status[0]):
        return state.history
    at = change.status_changed_at
    if not state.history:
        return (Entry(at or change.fields.get("created_at") or now, *change.status),)
    last = state.history[-1].at
    if at is not None and at < last:
        return Item(
            "/status_changed_at",
            "STATUS_CHANGED_EARLIER",
            "The stored status is newer; give `status_history` in full to rewrite the past.",
        )
    return (*state.history, Entry(at or max(now, last), *change.status))


def _refunds(state: OrderState, change: OrderChange) -> dict[str, Refund] | Item:
    """The stored refunds with the given ones; those of nothing are withdrawn."""
    merged = {**state.refunds, **change.refunds}
    kept = {external_id: refund for external_id, refund in merged.items() if refund.amount}
    if len(kept) > MAX_REFUNDS:
        return Item("/refunds", "TOO_MANY_ITEMS", f"At most {MAX_REFUNDS} with those that are kept.")
    return kept


def _head(stored: Head | None, change: OrderChange, history: tuple[Entry, ...]) -> Head:
    given = dict(change.fields)
    if change.client_id is not None:
        given["client_id"] = change.client_id
    if change.lines is not None:
        given["items_count"] = sum((line.quantity for line in change.lines), Decimal(0))
    if history:
        given |= {
            "status": history[-1].status,
            "status_group": history[-1].group,
            "purchased_at": purchased_at(history),
        }
    if stored is not None:
        return stored._replace(**given)
    return Head(**{**_BLANK, "created_at": history[0].at, **given})


def _params(stored: dict[int, TypedValue], given: Mapping[int, TypedValue | None]) -> dict[int, TypedValue]:
    merged = {**stored, **given}
    return {param: value for param, value in merged.items() if value is not None}


_BLANK: dict[str, Any] = {
    "number": None, "discount": 0, "cost": None, "items_count": Decimal(0), "shop": None,
    "manager": None, "url": None,
}  # fmt: skip
