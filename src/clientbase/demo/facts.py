"""The rows of what clients did: orders with their parts, and actions."""

from functools import lru_cache
from random import Random

from clientbase.demo.deeds import Deed
from clientbase.demo.people import Person
from clientbase.demo.purchases import GROUP_OF, Purchase
from clientbase.demo.shop import Shop
from clientbase.demo.tables import Rows
from clientbase.kit.text import fold

DELIVERIES = ("courier", "pickup", "post")
FIRST_NUMBER = 100_000
_fold = lru_cache(maxsize=4096)(fold)


def add_order(
    rng: Random, rows: Rows, shop: Shop, person: Person, purchase: Purchase, *, id_: int, number: int
) -> None:
    """An order with its lines, the history of its statuses, its params and its refund."""
    at = shop.calendar.at
    purchased_at = None if purchase.purchased is None else at(purchase.purchased)
    changed, status = purchase.entries[-1]
    text = str(FIRST_NUMBER + number)
    rows.add(
        "orders", id_, person.id, purchase.source, text, text, text, status, GROUP_OF[status],
        at(purchase.created), purchased_at, purchase.total, purchase.discount, purchase.cost, purchase.shop,
        person.manager, None, at(changed), sum(line.quantity for line in purchase.lines),
    )  # fmt: skip
    products = shop.defined.products
    for place, line in enumerate(purchase.lines, 1):
        good = line.good
        rows.add(
            "order_lines", id_, place, person.id, products[good.code], line.quantity, good.price, line.amount,
            purchased_at,
        )  # fmt: skip
    _add_history(rows, shop, person, purchase, id_)
    _add_params(rng, rows, shop, person, purchase, id_)
    if purchase.refund:
        moment, amount = purchase.refund
        rows.add("refunds", id_, person.id, f"R{text}", at(moment), amount)


def _add_history(rows: Rows, shop: Shop, person: Person, purchase: Purchase, id_: int) -> None:
    before: str | None = None
    for moment, status in purchase.entries:
        group = GROUP_OF[before] if before else None
        rows.add(
            "order_status_history",
            id_,
            person.id,
            shop.calendar.at(moment),
            before,
            status,
            group,
            GROUP_OF[status],
        )
        before = status


def _add_params(rng: Random, rows: Rows, shop: Shop, person: Person, purchase: Purchase, id_: int) -> None:
    ids = shop.defined.order_params
    if purchase.source == "site" and rng.random() < 0.5:
        delivery = rng.choice(DELIVERIES)
        rows.add("order_param_values", id_, person.id, ids["delivery"], None, delivery, None, None, None)
    if purchase.discount and rng.random() < 0.4:
        promo = f"ЧАЙ{rng.randrange(10, 30)}"
        rows.add("order_param_values", id_, person.id, ids["promo"], promo, _fold(promo), None, None, None)


def add_actions(rows: Rows, shop: Shop, person: Person, deeds: list[Deed]) -> None:
    """The actions of a client."""
    ids = shop.defined.action_types
    for deed in deeds:
        rows.add(
            "actions", person.id, ids[deed.type], shop.calendar.at(deed.at), deed.amount, deed.reference,
            deed.params.written, deed.params.folded, person.source, deed.key,
        )  # fmt: skip
