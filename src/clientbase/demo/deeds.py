"""What a client does beside buying: visits, calls, leads, mailings, loyalty, and own action types."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from random import Random
from typing import NamedTuple

from clientbase.demo import words
from clientbase.demo.chance import Weighted, around
from clientbase.demo.params import NONE, Params, params
from clientbase.demo.people import Person
from clientbase.demo.purchases import Purchase
from clientbase.demo.shop import Mailing, Shop

BONUS_SHARE = 5
"""Percent of a purchase that comes back as bonuses."""
_FORMS = ("callback", "wholesale", "tasting")
_CALL_STATUSES = Weighted((("answered", 75), ("missed", 20), ("busy", 5)))
_REVIEWS = ("Отличный чай", "Доставили вовремя", "Упаковка помята", "Беру не первый раз", "Вкус не тот")


class Deed(NamedTuple):
    """An action: its type by code, moment, hot params, the other params, and the key that it is known by."""

    type: str
    at: int
    amount: Decimal | int | None = None
    reference: str | None = None
    params: Params = NONE
    key: str | None = None


@lru_cache(maxsize=4096)
def _params(*pairs: tuple[str, str | bool]) -> Params:
    return params(dict(pairs))


def deeds_of(rng: Random, shop: Shop, person: Person, purchases: list[Purchase]) -> Iterator[Deed]:
    """Everything that the client did beside buying, ten actions on average, not in order of time."""
    yield from _visits(rng, shop, person)
    yield from _calls(rng, person)
    yield from _leads(rng, person)
    yield from _mailings(rng, shop, person)
    yield from _own_actions(rng, shop, person)
    if person.has_card:
        yield from _loyalty(rng, purchases)


def _visits(rng: Random, shop: Shop, person: Person) -> Iterator[Deed]:
    count = around(rng, 3.9 * person.activity)
    for visit in rng.choices(shop.visits[person.place[0]], k=count):
        yield Deed("visit", person.life.moment(rng), reference=visit.channel, params=visit.params)


def _calls(rng: Random, person: Person) -> Iterator[Deed]:
    for _ in range(around(rng, 0.35 * person.activity) if person.phones else 0):
        status = _CALL_STATUSES.draw(rng)
        seconds = int(rng.expovariate(1 / 150)) + 1 if status == "answered" else 0
        direction = "in" if rng.random() < 0.6 else "out"
        more = _params(("status", status), ("manager", rng.choice(words.MANAGERS)))
        yield Deed("call", person.life.moment(rng), seconds, direction, more)


def _leads(rng: Random, person: Person) -> Iterator[Deed]:
    for number in range(around(rng, 0.4 * person.activity)):
        amount = rng.randrange(1, 200) * 100 if rng.random() < 0.6 else None
        manager, form = rng.choice(words.MANAGERS), _params(("form", rng.choice(_FORMS)))
        yield Deed("lead", person.life.moment(rng), amount, manager, form, f"{person.number}-{number + 1}")


def _mailings(rng: Random, shop: Shop, person: Person) -> Iterator[Deed]:
    """Some of the mailings sent between the first and the last day of a client who agreed to them."""
    if not (person.email and person.marketing):
        return
    first = bisect_left(shop.mailings, person.created, key=lambda mailing: mailing.at)
    last = bisect_right(shop.mailings, person.until, key=lambda mailing: mailing.at)
    wanted = min(around(rng, 2.2 * person.activity), last - first)
    for place in rng.sample(range(first, last), wanted):
        yield from _mailing(rng, shop.calendar.now, shop.mailings[place])


_STEPS = (("sent", 1.0, 600), ("received", 0.97, 600), ("opened", 0.3, 86400), ("clicked", 0.25, 900))
"""How a mailing gets on: the event, the share that comes so far, the seconds that it takes at most."""


def _mailing(rng: Random, now: int, mailing: Mailing) -> Iterator[Deed]:
    moment = mailing.at
    for event, share, delay in _STEPS:
        moment += 1 + int(rng.random() * delay)
        if rng.random() >= share or moment > now:
            return
        link = _params(("link", f"https://shop.example/{mailing.code}")) if event == "clicked" else NONE
        yield Deed(f"mailing.{event}", moment, reference=mailing.code, params=link)


def _own_actions(rng: Random, shop: Shop, person: Person) -> Iterator[Deed]:
    for _ in range(around(rng, 0.3 * person.activity) if person.orders else 0):
        rating = min(5, rng.randrange(1, 9))
        more = _params(("text", rng.choice(_REVIEWS)), ("recommends", rating > 3))
        yield Deed("review", person.life.moment(rng), rating, rng.choice(shop.lines).good.code, more)
    for _ in range(around(rng, 0.7 * person.activity) if person.has_card else 0):
        platform = "ios" if rng.random() < 0.4 else "android"
        yield Deed("app-login", person.life.moment(rng), None, platform, _params(("version", "4.2")))


def _loyalty(rng: Random, purchases: list[Purchase]) -> Iterator[Deed]:
    """Bonuses for purchases, and now and then some of them spent: never more than there are."""
    balance = 0
    for moment, total in sorted(
        (item.purchased, item.total) for item in purchases if item.purchased is not None
    ):
        if balance > 100 and rng.random() < 0.15:
            spent = rng.randrange(1, balance + 1)
            balance -= spent
            yield Deed("loyalty.writeoff", moment, spent, params=_params(("reason", "Оплата покупки")))
        earned = total * BONUS_SHARE // 10000
        if earned and rng.random() < 0.8:
            balance += earned
            yield Deed("loyalty.accrual", moment, earned, params=_params(("reason", "Бонусы за покупку")))
