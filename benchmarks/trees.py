"""What is measured with: fifteen representative trees, and a hundred segments over as many leaves."""

from random import Random
from typing import Any

Node = dict[str, Any]
SEED = 20_261_122
SEGMENTS = 100


def field(code: str, operator: str, value: Any = None, **more: Any) -> Node:
    """A leaf about a property."""
    node = {"type": "field", "field": code, "operator": operator, **more}
    return node if value is None else node | {"value": value}


def did(action: str, where: Node | None = None, **more: Any) -> Node:
    """A leaf about what a client did."""
    node = {"type": "action", "action": action, **more}
    return node if where is None else node | {"where": where}


def both(*nodes: Node, negate: bool = False) -> Node:
    """All of the nodes."""
    return {"type": "group", "match": "all", "negate": negate, "nodes": list(nodes)}


def either(*nodes: Node, negate: bool = False) -> Node:
    """Any of the nodes."""
    return {"type": "group", "match": "any", "negate": negate, "nodes": list(nodes)}


def tree(*nodes: Node) -> Node:
    """A filter with all of the nodes at its root."""
    return {"version": 1, "root": both(*nodes)}


def summed(action: str, param: str, at_least: str, days: int, where: Node | None = None) -> Node:
    """A sum over the last days."""
    measure = {"function": "sum", "param": param}
    period = {"from": f"now-{days}d"}
    return did(action, where, measure=measure, operator="gte", value=at_least, period=period)


def counted(action: str, operator: str, count: int, days: int, where: Node | None = None) -> Node:
    """A count over the last days."""
    return did(action, where, operator=operator, value=count, period={"from": f"now-{days}d"})


GOT_MAILING = either(
    did("mailing.received", field("mailing", "eq", "mailing-150")),
    did("mailing.received", field("mailing", "eq", "mailing-151")),
)
TREES: dict[str, Node] = {
    "city in two": tree(field("city", "in", ["Москва", "Казань"])),
    "birthday within three days": tree(
        field("birth_date", "between", {"from": "now/d", "to": "now+3d/d"}, ignore_year=True)
    ),
    "name contains": tree(field("full_name", "contains", "петр")),
    "spent much and gone": tree(
        field("revenue", "gte", "20000.00"), field("last_purchase_at", "before", "now-90d/d")
    ),
    "average check of regulars": tree(
        field("average_check", "gte", "1500.00"), field("sales_count", "between", {"from": 3, "to": 12})
    ),
    "tag and param": tree(
        field("tags", "has_any", ["vip", "gift-lover"]), field("params.taste", "in", ["sweet", "floral"])
    ),
    "tea last month for much": tree(
        summed("purchase.item", "amount", "1000.00", 30, field("product_group", "in", ["tea"]))
    ),
    "tea but never coffee": tree(
        did("purchase.item", field("product_group", "eq", "tea")),
        did("purchase.item", field("product_group", "eq", "coffee"), operator="eq", value=0),
    ),
    "five purchases a year": tree(counted("purchase", "gte", 5, 365)),
    "nothing bought for a quarter": tree(counted("purchase", "eq", 0, 90), field("orders_count", "gte", 1)),
    "mailing received, not opened": tree(
        GOT_MAILING, did("mailing.opened", operator="eq", value=0, period={"from": "now-30d"})
    ),
    "came from an advertisement": tree(
        counted("visit", "gte", 2, 180, field("utm_medium", "eq", "cpc")), field("email", "not_empty")
    ),
    "refunds and complaints": tree(either(did("refund"), field("tags", "has_any", ["complaint"]))),
    "own actions": tree(
        did("review", field("rating", "gte", 4)),
        did("app-login", operator="gte", value=2, period={"from": "now-180d"}),
    ),
    "nested, with everything": tree(
        field("consent_marketing", "is_true"),
        either(
            both(field("city", "eq", "Москва"), summed("purchase", "amount", "10000.00", 365)),
            both(field("loyalty_level", "in", ["gold", "silver"]), counted("visit", "gte", 1, 30)),
            either(field("revenue", "lt", "100.00"), GOT_MAILING, negate=True),
        ),
        both(did("call", field("status", "eq", "missed")), negate=True),
    ),
}


def segments() -> list[Node]:
    """A hundred trees of three or four leaves each, chosen from about a hundred: the same at every run."""
    rng = Random(SEED)
    pool = leaf_pool()
    # Every leaf is used once before any is used again, then the popular ones more often, as people do.
    firsts = rng.sample(pool, len(pool))
    chosen = [firsts[place::SEGMENTS] for place in range(SEGMENTS)]
    return [_segment(rng, own, pool) for own in chosen]


def _segment(rng: Random, own: list[Node], pool: list[Node]) -> Node:
    nodes = [*own]
    wanted = rng.choice((3, 4, 4, 4))
    while len(nodes) < wanted:
        node = pool[min(int(rng.expovariate(1 / 25)), len(pool) - 1)]
        if node not in nodes:
            nodes.append(node)
    group = either(*nodes[1:3], negate=rng.random() < 0.2)
    return tree(nodes[0], group, *nodes[3:])


def leaf_pool() -> list[Node]:
    """About a hundred distinct leaves over all tables that answer leaves."""
    days = (7, 30, 60, 90, 180, 365)
    groups = ("tea", "coffee", "sweets", "tableware", "gifts", "black-tea", "chocolate")
    cities = ("Москва", "Санкт-Петербург", "Казань", "Самара", "Пермь", "Омск", "Томск")
    return [
        *(counted("purchase", "gte", 1, day) for day in days),
        *(summed("purchase", "amount", "5000.00", day) for day in days),
        *(counted("visit", "gte", 1, day) for day in days),
        *(counted("mailing.opened", "gte", 1, day) for day in days),
        *(did("purchase.item", field("product_group", "eq", group)) for group in groups),
        *(
            summed("purchase.item", "amount", "2000.00", 180, field("product_group", "eq", group))
            for group in groups
        ),
        *(field("city", "eq", city) for city in cities),
        *(field("revenue", "gte", f"{amount}.00") for amount in (1000, 5000, 20000, 50000)),
        *(field("sales_count", "gte", count) for count in (1, 2, 5, 10)),
        *(field("last_purchase_at", "before", f"now-{day}d/d") for day in days),
        *(field("created_at", "after", f"now-{day}d/d") for day in days),
        *(
            field("tags", "has_any", [tag])
            for tag in ("vip", "complaint", "gift-lover", "tasting", "blogger")
        ),
        *(field("params.taste", "eq", taste) for taste in ("sweet", "tart", "floral", "smoky")),
        *(field("params.children", "gte", count) for count in (1, 2, 3)),
        *(field("loyalty_level", "eq", level) for level in ("base", "silver", "gold")),
        *(field("source", "eq", source) for source in ("site", "pos", "retailcrm", "partner")),
        *(field("utm_source", "eq", source) for source in ("yandex", "vk", "telegram")),
        *(field("bonus_balance", "gte", points) for points in (100, 500, 1000)),
        *(did("mailing.received", field("mailing", "eq", f"mailing-{number}")) for number in range(148, 154)),
        field("birth_date", "between", {"from": "now/d", "to": "now+7d/d"}, ignore_year=True),
        field("gender", "eq", "female"),
        field("email", "not_empty"),
        field("phone", "not_empty"),
        field("consent_marketing", "is_true"),
        did("refund"),
        did("call", field("direction", "eq", "in")),
        did("review", field("rating", "gte", 4)),
    ]
