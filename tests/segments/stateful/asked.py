"""The segments that every shop has: leaves of every kind, alone and together."""

from typing import Any

from tests.filters.oracle.build import did, field, match, measure

Tree = dict[str, Any]
SIZED: dict[str, Tree] = {
    "number": field("params.size", "gte", 10),
    "text": field("params.size", "contains", "a"),
    "date": field("params.size", "after", "now-30d"),
    "boolean": field("params.size", "is_false"),
    "choice": field("params.size", "ne", "a"),
}
"""What is asked of a param by the type that it has."""
SOON = {"from": "now/d", "to": "now+7d/d"}
LAST_MONTH = {"from": "now-1M/M", "to": "now-1M/M"}

CARDS: dict[str, Tree] = {
    "kazan": field("city", "in", ["Казань", "орел", "100%"]),
    "nameless": field("full_name", "empty"),
    "birthday": field("birth_date", "between", SOON, ignore_year=True),
    "leap": field("birth_date", "between", {"from": "02-28", "to": "03-01"}, ignore_year=True),
    "grown": field("age", "gte", 40),
    "triggered": field("date_trigger", "between", {"from": "now-1d/d", "to": "now+2d/d"}),
    "fresh": match("any", field("created_at", "after", "now-2d"), field("updated_at", "eq", "now/h")),
    "today": match("any", field("created_at", "eq", "now/d"), did("visit", period={"from": "now-1d/d"})),
    "before": field("created_at", "before", "2040-01-01"),
    "marked": field("tags", "has_any", ["vip", "msk"]),
    "bare": match("all", field("tags", "has_none", ["vip"]), field("params.grade", "empty")),
    "sized": SIZED["number"],
    "agreed": field("consent_marketing", "is_true"),
    "reachable": match(
        "any",
        field("phone", "contains", "916"),
        field("email", "ends_with", "mail.ru"),
        field("external_id.crm", "not_empty"),
        field("phone_verified", "is_true"),
    ),
    "loyal": match("any", field("bonus_balance", "gt", 0), field("last_accrual_at", "after", "now-1w")),
}
DEEDS: dict[str, Tree] = {
    "rich": field("revenue", "gte", "100"),
    "checked": field("average_check", "between", {"from": "10", "to": "5000"}),
    "back": match(
        "all", field("last_purchase_at", "before", "now-3d"), field("client_since_days", "lte", 40)
    ),
    "busy": match("any", field("deals_in_progress_count", "gte", 1), field("cancelled_count", "gte", 1)),
    "regular": did("purchase", period={"from": "now-40d", "to": "now"}, operator="gte", value=2),
    "tea": measure(
        "purchase.item", "sum", "amount", "gte", "50",
        period=LAST_MONTH, where=field("product_group", "in", ["tea"]),
    ),
    "coffee-less": did(
        "purchase.item",
        match("any", field("product_group", "eq", "coffee"), field("receipt.shop", "eq", "S1")),
        operator="eq", value=0,
    ),
    "failed": match("any", did("purchase.failed", period={"from": "now/d"}), did("refund")),
    "moved": did(
        "order.status_changed",
        match("all", field("status_group", "eq", "done"), field("time", "after", "now-2h")),
    ),
    "couriers": did("order.created", field("order.delivery", "in", ["a", "b"]), period={"from": "now-90d/d"}),
    "guests": measure("visit", "count_distinct", "utm_source", "gte", 2),
    "late": measure("visit", "max", "time", "before", "now-1d"),
    "advertised": match(
        "any", field("ad_channel", "eq", "seo"), field("visit_cities", "has_any", ["казань"])
    ),
    "tested": measure("quiz", "avg", "score", "gt", 0, period={"to": "now-1h"}),
    "unread": match(
        "all",
        did("mailing.received", period={"from": "now-60d"}),
        did("mailing.opened", period={"from": "now-60d"}, operator="eq", value=0),
    ),
}  # fmt: skip
OVER: dict[str, Tree] = {
    "poor": {"type": "segment", "operator": "not_in", "value": ["rich"]},
    "kept": {"type": "segment", "operator": "in", "value": ["old"]},
    "select": match(
        "all",
        {"type": "segment", "operator": "in", "value": ["chosen", "old", "kazan"]},
        match("any", {"type": "segment", "operator": "in", "value": ["poor"]}, CARDS["marked"], negate=True),
    ),
    "welcomed": did("segment.entered", field("segment", "in", ["rich", "chosen"]), period={"from": "now-1d"}),
    "gone": did("segment.left", field("segment", "eq", "kazan"), operator="lt", value=2),
    "greeted": {"type": "segment", "operator": "in", "value": ["welcomed"]},
}
DYNAMIC = CARDS | DEEDS | OVER
MANUAL, STATIC = "chosen", "old"
