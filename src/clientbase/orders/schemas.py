"""Shapes in which orders, statuses, products and groups of products are read."""

from typing import Any, Literal

from pydantic import Field

from clientbase.kit.schema import Id, Instant, Line, Money, Number, Shape, Short

MAX_LINES = 10_000
MAX_REFUNDS = 10_000
"""Of one order, written or read."""
StatusGroup = Literal["new", "in_progress", "done", "cancelled"]


class OrderSummary(Shape):
    """An order without its parts."""

    id: Id
    client_id: Id
    source: str = Field(max_length=100)
    external_id: str = Field(max_length=255)
    number: str | None = Field(max_length=255)
    status: str = Field(max_length=100)
    status_group: StatusGroup
    created_at: Instant
    purchased_at: Instant | None = Field(description="Last entry into the group `done`, while it is done")
    total: Money
    discount: Money
    cost: Money | None
    shop: str | None = Field(max_length=100)
    manager: str | None = Field(max_length=100)
    url: str | None = Field(max_length=2000)
    updated_at: Instant


class OrderLineOut(Shape):
    """A line of an order."""

    product: str | None = Field(max_length=100)
    name: str | None = Field(max_length=255)
    quantity: Number
    price: Money
    amount: Money


class StatusChangeOut(Shape):
    """An entry into a status; the first one comes from nowhere."""

    at: Instant
    status: str = Field(max_length=100)
    status_group: StatusGroup
    from_status: str | None = Field(max_length=100)


class RefundOut(Shape):
    """Money given back."""

    external_id: str = Field(max_length=255)
    at: Instant
    amount: Money


class OrderOut(OrderSummary):
    """An order with its parts."""

    lines: list[OrderLineOut] = Field(max_length=MAX_LINES)
    status_history: list[StatusChangeOut] = Field(max_length=10000)
    refunds: list[RefundOut] = Field(max_length=MAX_REFUNDS)
    params: dict[str, Any] = Field(description="Custom params by code; personal ones only with the scope")


class OrderStatusOut(Shape):
    """A status of orders."""

    code: str = Field(max_length=100, examples=["done"])
    name: str = Field(max_length=255)
    status_group: StatusGroup


class OrderStatusIn(Shape):
    """A status, made or changed; the group of one that orders have had stays."""

    name: Line
    status_group: StatusGroup


class ProductOut(Shape):
    """A product with the codes of its groups from the root; no groups for one without a group."""

    id: Id
    code: str = Field(max_length=100)
    name: str = Field(max_length=255)
    group: str | None = Field(max_length=100)
    path: list[Short] = Field(max_length=10_000)


class ProductGroupOut(Shape):
    """A group of products; `path` from the root to itself."""

    id: Id
    code: str = Field(max_length=100)
    name: str = Field(max_length=255)
    parent: str | None = Field(max_length=100)
    path: list[Short] = Field(max_length=10_000)
