"""The table of kinds of files."""

from collections.abc import Mapping

from clientbase.imports.actions import ACTIONS
from clientbase.imports.clients import CLIENTS
from clientbase.imports.kinds import Kind
from clientbase.imports.order_lines import ORDER_LINES
from clientbase.imports.orders import ORDERS

KINDS: Mapping[str, Kind] = {
    "clients": CLIENTS,
    "orders": ORDERS,
    "order_lines": ORDER_LINES,
    "actions": ACTIONS,
}
