"""What is the same for all clients of a demo base: products, mailings, ids of definitions."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from random import Random

from clientbase.demo.chance import Calendar, Weighted
from clientbase.demo.visits import Visits
from clientbase.demo.words import CARRIER_BAG, PRODUCTS, VARIANTS

MAILING_EVERY = 7 * 86400
LINES = 5000
_QUANTITIES = Weighted(
    (Decimal(text), share)
    for text, share in (("1", 60), ("2", 20), ("3", 8), ("0.5", 4), ("0.25", 4), ("5", 3), ("10", 1))
)


@dataclass(frozen=True, slots=True)
class Good:
    """A product on sale: price in minor units, share of the price that it costs the shop."""

    code: str
    name: str
    group: str | None
    price: int
    cost_share: float


@dataclass(frozen=True, slots=True)
class Line:
    """So much of a product in an order; the amount in minor units."""

    good: Good
    quantity: Decimal
    amount: int


@dataclass(frozen=True, slots=True)
class Mailing:
    """A mailing of the shop and its moment."""

    code: str
    at: int


@dataclass(frozen=True)
class Definitions:
    """Ids of what is defined in the account, by code."""

    products: dict[str, int]
    tags: dict[str, int]
    client_params: dict[str, int]
    order_params: dict[str, int]
    action_types: dict[str, int]


@dataclass(frozen=True)
class Shop:
    """Everything that is the same for all clients of one demo base."""

    account_id: int
    calendar: Calendar
    goods: tuple[Good, ...]
    lines: list[Line]
    """What the lines of orders are chosen from, the popular products more often."""
    visits: Visits
    mailings: tuple[Mailing, ...]
    defined: Definitions

    @property
    def opened_at(self) -> datetime:
        """When the history of the base begins."""
        return self.calendar.start


def make_goods(rng: Random) -> tuple[Good, ...]:
    """All products: every kind in every variant, and the bag that belongs to no group."""
    goods = [
        Good(f"{group}-{kind + 1}-{variant + 1}", f"{name}, {form}", group, _price(rng, middle), _cost(rng))
        for group, (kinds, middle) in PRODUCTS.items()
        for kind, name in enumerate(kinds)
        for variant, form in enumerate(VARIANTS)
    ]
    code, name, price = CARRIER_BAG
    return (*goods, Good(code, name, None, price, 0.4))


def make_lines(rng: Random, goods: tuple[Good, ...]) -> list[Line]:
    """Lines of products whose shares follow Zipf's law, in an order of chance."""
    ranked = rng.sample(goods, len(goods))
    popular = Weighted((good, 1 / (rank + 3)) for rank, good in enumerate(ranked))
    drawn = ((popular.draw(rng), _QUANTITIES.draw(rng)) for _ in range(LINES))
    return [Line(good, quantity, int(good.price * quantity)) for good, quantity in drawn]


def make_mailings(calendar: Calendar) -> tuple[Mailing, ...]:
    """A mailing a week, at noon UTC, the latest in the last week."""
    moments = range(12 * 3600, calendar.now, MAILING_EVERY)
    return tuple(Mailing(f"mailing-{number:03d}", moment) for number, moment in enumerate(moments, 1))


def _price(rng: Random, middle: int) -> int:
    return max(1000, round(middle * rng.lognormvariate(0, 0.35) / 1000) * 1000 - 100)


def _cost(rng: Random) -> float:
    return rng.uniform(0.45, 0.75)
