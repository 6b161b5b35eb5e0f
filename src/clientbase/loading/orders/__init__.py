"""Orders of any source, upserted as sets."""

from clientbase.loading.orders.rows import LineRow, OrderRow, RefundRow, StatusRow
from clientbase.loading.orders.service import upsert_orders

__all__ = ["LineRow", "OrderRow", "RefundRow", "StatusRow", "upsert_orders"]
