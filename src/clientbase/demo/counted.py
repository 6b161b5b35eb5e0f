"""The rows of a client's counted fields, from the facts at hand: what `clients.stats.recount` would write."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from clientbase.demo.deeds import Deed
from clientbase.demo.people import Person
from clientbase.demo.purchases import GROUP_OF, Purchase
from clientbase.demo.shop import Shop
from clientbase.demo.tables import ADVERTISING, Rows
from clientbase.kit.text import fold

_SIGNS = {"loyalty.accrual": 1, "loyalty.writeoff": -1}


def add_counted(rows: Rows, shop: Shop, person: Person, purchases: list[Purchase], deeds: list[Deed]) -> None:
    """Sums of orders and bonuses, zeros included, and the visits of a client who came. Both lists by time."""
    at = shop.calendar.at
    done = [purchase for purchase in purchases if purchase.purchased is not None]
    groups = [GROUP_OF[purchase.entries[-1][1]] for purchase in purchases]
    refunded = sum(purchase.refund[1] for purchase in done if purchase.refund)
    revenue = sum(purchase.total for purchase in done) - refunded
    bought = sorted(purchase.purchased or 0 for purchase in done)
    # Of two at one moment the later order; `max` keeps the first that it meets.
    last = max(reversed(done), key=lambda purchase: purchase.purchased or 0, default=None)
    rows.add(
        "client_stats",
        person.id,
        len(purchases),
        len(done),
        sum((line.quantity for purchase in done for line in purchase.lines), Decimal(0)),
        groups.count("new") + groups.count("in_progress"),
        groups.count("cancelled"),
        sum(
            purchase.total for purchase, group in zip(purchases, groups, strict=True) if group == "cancelled"
        ),
        revenue,
        revenue - sum(purchase.cost or 0 for purchase in done),
        last.total if last else None,
        at(purchases[0].created) if purchases else None,
        at(purchases[-1].created) if purchases else None,
        at(bought[0]) if bought else None,
        at(bought[-1]) if bought else None,
        sum(_SIGNS[deed.type] * (deed.amount or 0) for deed in deeds if deed.type in _SIGNS),
    )
    visits = [deed for deed in deeds if deed.type == "visit"]
    if visits:
        rows.add("client_visits", person.id, *_visits(shop, visits))


def _visits(shop: Shop, visits: list[Deed]) -> list[Any]:
    """First and last values of the visits that have any, and the places of all."""
    first, last = _latest(reversed(visits)), _latest(visits)
    texts = [*(first.get(name) for name in ADVERTISING), *(last.get(name) for name in ADVERTISING)]
    texts.append(first.get("referral_id"))
    places = [[last["country"]], [last["city"]]]
    return [
        len(visits),
        shop.calendar.at(visits[0].at),
        shop.calendar.at(visits[-1].at),
        visits[0].reference,
        visits[-1].reference,
        *texts,
        *places,
        *(fold(text) if text is not None else None for text in texts),
        *([fold(place) for place in some] for some in places),
    ]


def _latest(visits: Iterable[Deed]) -> dict[str, Any]:
    """Every param with its last value."""
    values: dict[str, Any] = {}
    for visit in visits:
        values.update(visit.params.values)
    return values
