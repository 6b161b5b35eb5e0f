"""Shapes in which orders are sent."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from clientbase.kit.schema import Code, Instant, Money, Number, Shape, SourceCode
from clientbase.loading.keep import KEEP
from clientbase.loading.orders.rows import LineRow, OrderRow, RefundRow, StatusRow
from clientbase.loading.owners import ClientRef
from clientbase.loading.schemas import MAX_BATCH

StatusGroup = Literal["new", "in_progress", "done", "cancelled"]
ExternalId = Annotated[str, StringConstraints(min_length=1, max_length=255)]
_Reference = Annotated[str, StringConstraints(max_length=100)] | None
_KEPT = ("number", "cost", "shop", "manager", "url")
"""Fields of which null is a value: absent and null differ."""
_PLAIN = (
    "source", "external_id", "status", "status_group", "status_changed_at", "created_at", "currency", "total",
    "discount", "params",
)  # fmt: skip


class OrderLineIn(Shape):
    """A line; of `price` and `amount` one is enough."""

    product: SourceCode | None = Field(default=None, description="Code of the product; made where not known")
    quantity: Number = Field(default=1, validate_default=True, examples=[2])
    price: Money | None = None
    amount: Money | None = None

    def row(self) -> LineRow:
        """The row of the upsert."""
        return LineRow(product=self.product, quantity=self.quantity, price=self.price, amount=self.amount)


class StatusEntryIn(Shape):
    """An entry into a status; the group registers one that is not known yet."""

    at: Instant
    status: SourceCode
    status_group: StatusGroup | None = None

    def row(self) -> StatusRow:
        """The row of the upsert."""
        return StatusRow(at=self.at, status=self.status, status_group=self.status_group)


class RefundIn(Shape):
    """Money given back; the same `external_id` again changes it, an amount of 0 withdraws it."""

    external_id: ExternalId
    at: Instant
    amount: Money

    def row(self) -> RefundRow:
        """The row of the upsert."""
        return RefundRow(external_id=self.external_id, at=self.at, amount=self.amount)


class OrderIn(Shape):
    """An order by (source, external_id); what is absent stays as it is stored."""

    source: SourceCode = Field(examples=["shop"])
    external_id: ExternalId = Field(examples=["1001"])
    client: ClientRef | None = Field(default=None, description="Needed for a new order")
    number: Annotated[str, StringConstraints(max_length=255)] | None = None
    status: SourceCode | None = Field(default=None, examples=["done"])
    status_group: StatusGroup | None = Field(default=None, description="Registers an unknown status")
    status_changed_at: Instant | None = Field(default=None, description="Now when absent")
    status_history: list[StatusEntryIn] | None = Field(
        default=None, max_length=1000, description="In full: replaces what is stored"
    )
    created_at: Instant | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    total: Money | None = Field(default=None, description="The sum of the lines when absent")
    discount: Money | None = None
    cost: Money | None = None
    shop: _Reference = None
    manager: _Reference = None
    url: Annotated[str, StringConstraints(max_length=2000)] | None = None
    lines: list[OrderLineIn] | None = Field(
        default=None, max_length=1000, description="In full: replaces what is stored"
    )
    refunds: list[RefundIn] = Field(default_factory=list, max_length=100)
    params: dict[Code, Any] = Field(
        default_factory=dict, max_length=200, description="Custom params by code; null removes one"
    )

    def row(self) -> OrderRow:
        """The row of the upsert."""
        history = self.status_history
        values: dict[str, Any] = {name: getattr(self, name) for name in _PLAIN}
        for name in _KEPT:
            values[name] = getattr(self, name) if name in self.model_fields_set else KEEP
        return OrderRow(
            **values,
            client=self.client.key() if self.client is not None else None,
            status_history=None if history is None else [entry.row() for entry in history],
            lines=None if self.lines is None else [line.row() for line in self.lines],
            refunds=[refund.row() for refund in self.refunds],
        )


class OrderBatch(Shape):
    """Up to 1000 orders, applied in their order."""

    items: list[OrderIn] = Field(min_length=1, max_length=MAX_BATCH)
