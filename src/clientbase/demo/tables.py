"""The tables that a chunk of clients is written to, in the order in which they refer to each other."""

from collections.abc import Iterator
from typing import Any

from clientbase.models.clients import FOLDED_FIELDS

Row = tuple[Any, ...]

CLIENT_FIELDS = (
    "full_name", "last_name", "first_name", "middle_name", "birth_date", "gender", "city", "region",
    "country", "car_number", "extra_key_1", "source", "manager", "shop", "card_number", "card_barcode",
    "card_template", "device", "loyalty_level", "discount_percent", "last_accrual_at", "last_writeoff_at",
    "issue_form", "point_of_sale", "consent_marketing", "consent_personal_data", "created_at", "updated_at",
)  # fmt: skip
FOLDED_CLIENT_FIELDS = tuple(name for name in FOLDED_FIELDS if name in CLIENT_FIELDS)
_PARAM_VALUE = ("param_id", "text", "folded", "number", "day", "boolean")

ADVERTISING = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")
_VISIT_TEXTS = (*ADVERTISING, *(f"last_{name}" for name in ADVERTISING), "referral_id")
_VISIT_PLACES = ("visit_countries", "visit_cities")

COLUMNS: dict[str, tuple[str, ...]] = {
    "clients": ("id", *CLIENT_FIELDS, *(f"{name}_folded" for name in FOLDED_CLIENT_FIELDS)),
    "client_search": ("client_id", "text"),
    "client_contacts": ("client_id", "kind", "value", "digits", "is_primary", "verified"),
    "client_identities": ("client_id", "source", "external_id", "external_id_folded", "url"),
    "client_param_values": ("client_id", *_PARAM_VALUE),
    "client_tags": ("client_id", "tag_id", "created_at"),
    "client_stats": (
        "client_id", "orders_count", "sales_count", "items_count", "deals_in_progress_count",
        "cancelled_count", "cancelled_revenue", "revenue", "profit", "last_purchase_amount",
        "first_order_at", "last_order_at", "first_purchase_at", "last_purchase_at", "bonus_balance",
    ),
    "client_visits": (
        "client_id", "visits_count", "first_visit_at", "last_visit_at", "ad_channel", "last_ad_channel",
        *_VISIT_TEXTS, *_VISIT_PLACES, *(f"{name}_folded" for name in (*_VISIT_TEXTS, *_VISIT_PLACES)),
    ),
    "client_consents": ("client_id", "kind", "given", "at", "source", "text_version"),
    "orders": (
        "id", "client_id", "source", "external_id", "number", "number_folded", "status", "status_group",
        "created_at", "purchased_at", "total", "discount", "cost", "shop", "manager", "url", "updated_at",
        "items_count",
    ),
    "order_lines": (
        "order_id", "position", "client_id", "product_id", "quantity", "price", "amount", "purchased_at",
    ),
    "order_status_history": (
        "order_id", "client_id", "at", "from_status", "to_status", "from_group", "to_group",
    ),
    "order_param_values": ("order_id", "client_id", *_PARAM_VALUE),
    "refunds": ("order_id", "client_id", "external_id", "at", "amount"),
    "actions": (
        "client_id", "type_id", "at", "amount", "reference", "params", "folded", "source", "dedupe_key",
    ),
}  # fmt: skip
"""Columns beside `account_id`; ids that nothing refers to are left to their sequences."""


class Rows:
    """Rows of one account by table."""

    def __init__(self, account_id: int) -> None:
        self._account_id = account_id
        self._rows: dict[str, list[Row]] = {table: [] for table in COLUMNS}

    def add(self, table: str, *values: Any) -> None:
        """One row, its values in the order of `COLUMNS` after the account."""
        self._rows[table].append((self._account_id, *values))

    def tables(self) -> Iterator[tuple[str, list[Row]]]:
        """Tables with their rows, what is referred to first; those without rows are left out."""
        return ((table, rows) for table, rows in self._rows.items() if rows)
