"""What has to be written so that stored parts of orders become the new ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from clientbase.loading.orders.states import Entry, OrderState

LINE_COLUMNS = (
    "order_id",
    "position",
    "client_id",
    "product_id",
    "quantity",
    "price",
    "amount",
    "purchased_at",
)
HISTORY_COLUMNS = ("order_id", "client_id", "at", "from_status", "to_status", "from_group", "to_group")
REFUND_COLUMNS = ("order_id", "client_id", "external_id", "at", "amount")
PARAM_COLUMNS = ("order_id", "client_id", "param_id", "text", "folded", "number", "day", "boolean")


@dataclass(slots=True)
class Added:
    """Rows to COPY into a table; the account id is put before each."""

    table: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]] = field(default_factory=list)


class Difference:
    """The parts of many orders: which go, which come."""

    def __init__(self, products: Mapping[str, int]) -> None:
        self.products = products
        self.lines = Added("order_lines", LINE_COLUMNS)
        self.history = Added("order_status_history", HISTORY_COLUMNS)
        self.refunds = Added("refunds", REFUND_COLUMNS)
        self.params = Added("order_param_values", PARAM_COLUMNS)
        self.added = (self.lines, self.history, self.refunds, self.params)
        self.lines_replaced: list[int] = []
        self.history_replaced: list[int] = []
        self.refunds_gone: list[tuple[int, str]] = []
        self.params_gone: list[tuple[int, int]] = []

    def add(self, before: OrderState, after: OrderState) -> None:
        """Take in one order."""
        if before.lines != after.lines:
            self._replace_lines(before, after)
        if before.history != after.history:
            self._follow_history(before, after)
        self._merge_refunds(before, after)
        self._merge_params(before, after)

    def _replace_lines(self, before: OrderState, after: OrderState) -> None:
        assert after.head is not None
        if before.lines:
            self.lines_replaced.append(after.id)
        for position, (product, *amounts) in enumerate(after.lines):
            product_id = self.products[product] if product is not None else None
            key = (after.id, position, after.head.client_id, product_id)
            self.lines.rows.append((*key, *amounts, after.head.purchased_at))

    def _follow_history(self, before: OrderState, after: OrderState) -> None:
        """New entries at the end are added; a rewritten past replaces the whole."""
        assert after.head is not None
        kept = len(before.history)
        if after.history[:kept] != before.history:
            self.history_replaced.append(after.id)
            kept = 0
        previous: tuple[Entry | None, ...] = (None, *after.history)
        for came_from, entry in list(zip(previous, after.history, strict=False))[kept:]:
            statuses = (came_from and came_from.status, entry.status)
            groups = (came_from and came_from.group, entry.group)
            self.history.rows.append((after.id, after.head.client_id, entry.at, *statuses, *groups))

    def _merge_refunds(self, before: OrderState, after: OrderState) -> None:
        assert after.head is not None
        for external_id in dict.fromkeys(chain(before.refunds, after.refunds)):
            refund = after.refunds.get(external_id)
            if before.refunds.get(external_id) == refund:
                continue
            if external_id in before.refunds:
                self.refunds_gone.append((after.id, external_id))
            if refund is not None:
                self.refunds.rows.append((after.id, after.head.client_id, external_id, *refund))

    def _merge_params(self, before: OrderState, after: OrderState) -> None:
        assert after.head is not None
        for param in dict.fromkeys(chain(before.params, after.params)):
            value = after.params.get(param)
            if before.params.get(param) == value:
                continue
            if param in before.params:
                self.params_gone.append((after.id, param))
            if value is not None:
                self.params.rows.append((after.id, after.head.client_id, param, *value))
