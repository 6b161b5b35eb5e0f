"""Segments of the chain: a filter, and the same in SQL written by hand. Now is 2 January 2018, in UTC."""

from typing import Any, NamedTuple

NOW = "2018-01-02T00:00:00Z"
Node = dict[str, Any]


class Case(NamedTuple):
    """A segment by its code."""

    code: str
    root: Node
    sql: str


def group(match: str, *nodes: Node, negate: bool = False) -> Node:
    return {"type": "group", "match": match, "negate": negate, "nodes": list(nodes)}


def field(name: str, operator: str, value: Any = None) -> Node:
    node = {"type": "field", "field": name, "operator": operator}
    return node if value is None else {**node, "value": value}


def action(name: str, operator: str = "gte", value: Any = 1, **more: Any) -> Node:
    return {"type": "action", "action": name, "operator": operator, "value": value, **more}


def total(of: str) -> Node:
    return {"function": "sum", "param": of}


def days(start: str, end: str) -> Node:
    return {"from": start, "to": end}


def in_segment(operator: str, *codes: str) -> Node:
    return {"type": "segment", "operator": operator, "value": list(codes)}


MAY = days("2017-05-01", "2017-05-31")
WINE = field("product_group", "in", ["LIQUOR", "SPIRITS"])
MEAT = field("product_group", "eq", "MEAT")

CASES = (
    Case(
        "may-over-200",
        action("purchase", value="200.00", measure=total("amount"), period=MAY),
        "SELECT id FROM baskets WHERE moment >= '2017-05-01' AND moment < '2017-06-01' GROUP BY id HAVING sum(cents) >= 20000",
    ),
    Case(
        "no-visit-in-december",
        action("purchase", "eq", 0, period=days("2017-12-01", "2017-12-31")),
        "SELECT id FROM households EXCEPT"
        " SELECT id FROM baskets WHERE moment >= '2017-12-01' AND moment < '2018-01-01'",
    ),
    Case(
        "hundred-baskets",
        action("purchase", value=100),
        "SELECT id FROM baskets GROUP BY id HAVING count(*) >= 100",
    ),
    Case(
        "meat-never-spirits",
        group(
            "all",
            action("purchase.item", where=MEAT),
            action("purchase.item", "eq", 0, where=WINE),
        ),
        "SELECT DISTINCT id FROM lines WHERE department = 'MEAT' EXCEPT"
        " SELECT id FROM lines WHERE department IN ('LIQUOR', 'SPIRITS')",
    ),
    Case(
        "soft-drinks-over-100",
        action(
            "purchase.item",
            "gt",
            "100.00",
            measure=total("amount"),
            where=field("product_group", "eq", "GROCERY/SOFT DRINKS"),
        ),
        "SELECT id FROM lines WHERE category = 'SOFT DRINKS' AND department = 'GROCERY'"
        " GROUP BY id HAVING sum(cents) > 10000",
    ),
    Case(
        "campaign-8-or-13-redeemed-nothing",
        group(
            "all",
            group(
                "any",
                action("mailing.received", where=field("mailing", "eq", "8")),
                action("mailing.received", where=field("mailing", "eq", "13")),
            ),
            action("redemption", "eq", 0),
        ),
        "SELECT id FROM received WHERE campaign_id IN (8, 13) EXCEPT SELECT id FROM redeemed",
    ),
    Case(
        "campaign-18-redeemed-of-it",
        group(
            "all",
            action("mailing.received", where=field("mailing", "in", ["18"])),
            action("redemption", where=field("campaign", "eq", "18")),
        ),
        "SELECT id FROM received WHERE campaign_id = 18 INTERSECT"
        " SELECT id FROM redeemed WHERE campaign_id = 18",
    ),
    Case(
        "last-30-days-relative",
        action("purchase", value=5, period=days("now-30d/d", "now")),
        "SELECT id FROM baskets WHERE moment >= '2017-12-03' AND moment <= '2018-01-02' GROUP BY id HAVING count(*) >= 5",
    ),
    Case(
        "last-month-whole",
        action(
            "purchase",
            "between",
            {"from": "50.00", "to": "150.00"},
            measure=total("amount"),
            period=days("now-1M/M", "now-1M/M"),
        ),
        "SELECT id FROM baskets WHERE moment >= '2017-12-01' AND moment < '2018-01-01' GROUP BY id"
        " HAVING sum(cents) BETWEEN 5000 AND 15000",
    ),
    Case(
        "asleep-since-autumn",
        field("last_purchase_at", "before", "now-60d/d"),
        "SELECT id FROM baskets GROUP BY id HAVING max(moment) < '2017-11-03'",
    ),
    Case(
        "average-check-over-40",
        field("average_check", "gt", "40.00"),
        "SELECT id FROM baskets GROUP BY id HAVING sum(cents) > 4000 * count(*)",
    ),
    Case(
        "young-or-rich-families",
        group(
            "all",
            group(
                "any",
                field("params.age", "in", ["19-24", "25-34"]),
                field("params.income", "starts_with", "1"),
            ),
            field("params.household_size", "gte", 3),
        ),
        "SELECT id FROM people WHERE (age IN ('19-24', '25-34') OR income LIKE '1%')"
        " AND CAST(rtrim(household_size, '+') AS INT) >= 3",
    ),
    Case(
        "unknown-or-old-age",
        field("params.age", "not_in", ["19-24", "25-34", "35-44", "45-54"]),
        "SELECT id FROM households EXCEPT"
        " SELECT id FROM people WHERE age IN ('19-24', '25-34', '35-44', '45-54')",
    ),
    Case(
        "nested-negations",
        group(
            "all",
            group("any", action("purchase.item", where=MEAT), action("redemption"), negate=True),
            group(
                "all",
                group("all", field("orders_count", "gte", 3), negate=True),
                field("params.age", "empty"),
                negate=True,
            ),
            negate=True,
        ),
        "SELECT id FROM households WHERE NOT ("
        " NOT (id IN (SELECT id FROM lines WHERE department = 'MEAT') OR id IN (SELECT id FROM redeemed))"
        " AND NOT (NOT id IN (SELECT id FROM baskets GROUP BY id HAVING count(*) >= 3)"
        "          AND id NOT IN (SELECT id FROM people WHERE age IS NOT NULL)))",
    ),
    Case(
        "many-different-products",
        action("purchase.item", "gte", 1000, measure={"function": "count_distinct", "param": "product"}),
        "SELECT id FROM lines GROUP BY id HAVING count(DISTINCT product_id) >= 1000",
    ),
    Case(
        "one-shop-only",
        group(
            "all",
            action("purchase", "eq", 1, measure={"function": "count_distinct", "param": "shop"}),
            action("purchase", value=20),
        ),
        "SELECT id FROM baskets GROUP BY id HAVING count(DISTINCT store_id) = 1 AND count(*) >= 20",
    ),
    Case(
        "one-big-basket",
        action("purchase", "gte", "300.00", measure={"function": "max", "param": "amount"}),
        "SELECT id FROM baskets GROUP BY id HAVING max(cents) >= 30000",
    ),
    Case(
        "dairy-in-a-big-basket",
        action(
            "purchase.item",
            where=group(
                "all",
                field("product_group", "eq", "GROCERY/FLUID MILK PRODUCTS"),
                field("receipt.amount", "gte", "150.00"),
                field("quantity", "gte", 2),
            ),
        ),
        "SELECT DISTINCT l.id FROM lines l JOIN baskets b USING (basket_id) WHERE l.quantity >= 2"
        " AND l.department = 'GROCERY' AND l.category = 'FLUID MILK PRODUCTS' AND b.cents >= 15000",
    ),
    Case(
        "loyal-but-not-in-may",
        group("all", in_segment("in", "hundred-baskets"), in_segment("not_in", "may-over-200")),
        "SELECT id FROM baskets GROUP BY id HAVING count(*) >= 100 EXCEPT"
        " SELECT id FROM baskets WHERE moment >= '2017-05-01' AND moment < '2017-06-01' GROUP BY id"
        " HAVING sum(cents) >= 20000",
    ),
    Case(
        "segments-three-deep",
        group(
            "any",
            group("all", in_segment("in", "loyal-but-not-in-may"), field("revenue", "lt", "3000.00")),
            in_segment("in", "one-big-basket"),
        ),
        "WITH loyal AS (SELECT id FROM baskets GROUP BY id HAVING count(*) >= 100 EXCEPT"
        " SELECT id FROM baskets WHERE moment >= '2017-05-01' AND moment < '2017-06-01' GROUP BY id"
        " HAVING sum(cents) >= 20000)"
        " SELECT id FROM baskets GROUP BY id HAVING (id IN (FROM loyal) AND sum(cents) < 300000)"
        " OR max(cents) >= 30000",
    ),
)
