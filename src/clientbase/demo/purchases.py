"""What a client buys: orders with lines, the history of their statuses, and refunds."""

from dataclasses import dataclass
from random import Random

from clientbase.demo.chance import Calendar, Weighted
from clientbase.demo.people import Person
from clientbase.demo.shop import Line, Shop
from clientbase.demo.words import SHOPS

HOUR, DAY = 3600, 86400
GROUP_OF = {"new": "new", "in-progress": "in_progress", "done": "done", "cancelled": "cancelled"}
_LINE_COUNTS = Weighted(((1, 62), (2, 22), (3, 9), (4, 4), (5, 2), (8, 1)))
_DISCOUNTS = Weighted(((0, 75), (5, 10), (10, 10), (20, 5)))
"""Percent."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """An order with everything that happened to it; `entries` are its statuses, oldest first."""

    lines: list[Line]
    source: str
    shop: str | None
    entries: list[tuple[int, str]]
    total: int
    discount: int
    cost: int | None
    refund: tuple[int, int] | None
    """Moment and amount."""

    @property
    def created(self) -> int:
        """The moment of creation."""
        return self.entries[0][0]

    @property
    def purchased(self) -> int | None:
        """The moment at which it became done, if it is."""
        moment, status = self.entries[-1]
        return moment if status == "done" else None


def make_purchase(rng: Random, shop: Shop, person: Person) -> Purchase:
    """One order at a moment of the client's life."""
    created = person.life.moment(rng)
    in_shop = rng.random() < 0.65
    entries = [(created, "done")] if in_shop else _delivered(rng, shop.calendar, created)
    if entries[-1][1] == "done" and rng.random() < 0.01:
        _happen(entries, shop.calendar, entries[-1][0] + rng.randrange(DAY, 10 * DAY), "cancelled")
    lines = rng.choices(shop.lines, k=_LINE_COUNTS.draw(rng))
    gross = sum(line.amount for line in lines)
    discount = gross * _DISCOUNTS.draw(rng) // 100
    total = gross - discount
    return Purchase(
        lines=lines,
        source="pos" if in_shop else "site",
        shop=(person.shop or rng.choice(SHOPS)) if in_shop else None,
        entries=entries,
        total=total,
        discount=discount,
        cost=int(sum(line.amount * line.good.cost_share for line in lines)) if rng.random() < 0.95 else None,
        refund=_refund(rng, shop.calendar, entries, total),
    )


def _delivered(rng: Random, calendar: Calendar, created: int) -> list[tuple[int, str]]:
    """The statuses of an order from the site, as far as they have come by now."""
    entries = [(created, "new")]
    accepted = created + rng.randrange(HOUR // 6, 20 * HOUR)
    if rng.random() < 0.9:
        _happen(entries, calendar, accepted, "in-progress")
    _happen(
        entries,
        calendar,
        accepted + rng.randrange(DAY, 6 * DAY),
        "done" if rng.random() < 0.87 else "cancelled",
    )
    return entries


def _happen(entries: list[tuple[int, str]], calendar: Calendar, moment: int, status: str) -> None:
    if moment <= calendar.now:
        entries.append((moment, status))


def _refund(
    rng: Random, calendar: Calendar, entries: list[tuple[int, str]], total: int
) -> tuple[int, int] | None:
    moment, status = entries[-1]
    if status != "done" or rng.random() >= 0.03:
        return None
    moment += rng.randrange(DAY, 14 * DAY)
    amount = total if rng.random() < 0.4 else max(1, int(total * rng.random()))
    return (moment, amount) if moment <= calendar.now and amount else None
