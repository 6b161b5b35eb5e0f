"""Small bases for the oracle's own tests."""

from datetime import UTC, datetime
from decimal import Decimal

from .evaluate import members
from .world import Account, Action, Client, Line, Order, Product, ProductGroup, StatusChange, StatusDef, World

NOW = datetime(2026, 9, 28, 7, tzinfo=UTC)
"""Ten in the morning in Moscow, a Monday."""

STATUSES = {
    code: StatusDef(code, group)
    for code, group in (
        ("new", "new"),
        ("packing", "in_progress"),
        ("done", "done"),
        ("received", "done"),
        ("cancelled", "cancelled"),
    )
}
GROUPS = {
    code: ProductGroup(code, parent) for code, parent in (("food", None), ("tea", "food"), ("green", "tea"))
}
PRODUCTS = {code: Product(code, group) for code, group in (("p", "green"), ("q", "food"), ("loose", None))}


def at(text: str) -> datetime:
    """An instant; a text without an offset is UTC."""
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def client(number: int = 1, **fields) -> Client:
    return Client(number, NOW, NOW, **fields)


def world(*clients: Client, **rest) -> World:
    rest = {"account": Account(), "statuses": STATUSES, "product_groups": GROUPS, "products": PRODUCTS} | rest
    return World(now=NOW, clients={each.id: each for each in clients or (client(),)}, **rest)


def order(id_: int, *moves: tuple[str, str], total: str = "100", client: int = 1, **rest) -> Order:
    """An order by its moves (instant, status); the first is its creation."""
    history = tuple(StatusChange(at(when), status) for when, status in moves)
    return Order(id_, client, history[0].at, history, Decimal(total), **rest)


def line(product: str | None = "p", quantity: str = "1", amount: str = "100") -> Line:
    return Line(product, Decimal(quantity), None, Decimal(amount))


def action(type_: str, when: str, id_: int = 1, client: int = 1, **params) -> Action:
    return Action(id_, client, type_, at(when), params)


def field(name: str, operator: str, *value, **rest) -> dict:
    leaf = {"type": "field", "field": name, "operator": operator}
    return leaf | ({"value": value[0]} if value else {}) | rest


def did(action_: str, where: dict | None = None, **rest) -> dict:
    leaf = {"type": "action", "action": action_}
    return leaf | ({"where": where} if where else {}) | rest


def measure(action_: str, function: str, param: str | None, operator: str, *value, **rest) -> dict:
    measured = {"function": function} | ({"param": param} if param else {})
    condition = {"operator": operator} | ({"value": value[0]} if value else {})
    return did(action_, measure=measured, **condition, **rest)


def match(how: str, *nodes: dict, **rest) -> dict:
    return {"type": "group", "match": how, "nodes": list(nodes)} | rest


def found(base: World, root: dict, now: datetime = NOW) -> set[int]:
    return members(base, {"version": 1, "root": root}, now)


def holds(base: World, root: dict, now: datetime = NOW) -> bool:
    """Is client 1 meant?"""
    return 1 in found(base, root, now)
