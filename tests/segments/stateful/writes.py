"""What sources and people send to a shop: bodies of requests made at random, mostly right ones."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from tests.filters.oracle.datemath import Clock
from tests.filters.oracle.vocabulary import CHOICES
from tests.filters.oracle.world import ParamDef, World
from tests.filters.strategies import amounts, catalogue, texts, times
from tests.filters.strategies.chance import Chance

Body = dict[str, Any]
CLIENT_PARAM, ORDER_PARAM = ("number", "text", "date", "boolean", "choice"), ("choice", "number")
ACTIONS = (
    "visit", "visit", "call", "lead", "mailing.received", "mailing.received", "mailing.opened",
    "loyalty.accrual", "loyalty.writeoff", "quiz", "quiz",
)  # fmt: skip
CITIES = ("Казань", "казань", "Орёл", "орел", "100%", "100", "Москва", "")


class Writes:
    """Bodies of requests about what a world holds, at the instant and in the zone of its account."""

    def __init__(self, chance: Chance, world: World) -> None:
        self.chance, self.world, self.account = chance, world, world.account
        self.clock = Clock(world.now, ZoneInfo(world.account.time_zone))

    def card(self, least: int = 1, most: int = 4) -> Body:
        """Some of the fields of a card; null clears one."""
        return {name: CARD[name](self) for name in self.chance.some(tuple(CARD), least, most)}

    def client(self, number: int, least: int = 1, most: int = 4) -> Body:
        """A record of a client as a source has it: by its id there, and maybe by what others share."""
        identity = {"source": self.chance.one(catalogue.SOURCES), "external_id": f"K-{number}"}
        since = {"created_at": self.past()} if self.chance.happens(0.5) else {}
        return self.card(least, most) | {"identities": [identity]} | since

    def purchase(self, client: int, number: int) -> Body:
        """A receipt with lines."""
        head = {"source": "shop", "external_id": f"R-{number}", "client": {"id": client}, "status": "done"}
        return head | {"created_at": self.past(), "lines": [self.line(), *self.several(self.line, 2)]}

    def order(self, source: str, external_id: str, client: int | None) -> Body:
        """An order, new or known; of a known one without a client only some things change."""
        body: Body = {"source": source, "external_id": external_id}
        if client is not None:
            body |= {"status": self.status(), "total": self.money(), "created_at": self.past()}
            body |= {"client": {"id": client}}
        for part in self.chance.some(tuple(ORDER), 1, 3):
            body |= ORDER[part](self)
        if "status_history" in body:
            body.pop("status", None)
        return body

    def action(self, client: int, number: int) -> Body:
        """Something that a client did; with an external id it may be done again, otherwise or by another."""
        chance = self.chance
        type_ = chance.one(ACTIONS)
        own = self.world.action_types.get(type_)
        makers: dict[str, Callable[[], Any]] = {
            name: partial(make, self) for name, make in PARAMS.get(type_, {}).items()
        }
        for one in own.params.values() if own else ():
            makers[one.code] = partial(self.param, one)
        params = {name: make() for name, make in makers.items() if name == "amount" or chance.happens(0.6)}
        body: Body = {"type": type_, "client": {"id": client}, "at": self.moment(), "params": params}
        return body | ({"external_id": f"D-{number}"} if chance.happens(0.6) else {})

    def consent(self) -> Body:
        """A consent given or withdrawn, at any time up to now."""
        kind = self.chance.one(("marketing", "marketing", "personal_data"))
        dated = {"at": self.past()} if self.chance.happens(0.6) else {}
        return {"kind": kind, "given": self.chance.happens(0.5)} | dated

    def param(self, param: ParamDef) -> Any:
        """A value of a custom param as it is sent."""
        value = catalogue.scalar(self.chance, param, self.account, self.clock)
        return str(value) if param.type == "money" else sent(value)

    def params(self, defs: dict[str, ParamDef]) -> Body:
        """Values of some params; null removes one."""
        chosen = self.chance.some(tuple(defs.values()), 1, 2)
        return {one.code: None if self.chance.happens(0.2) else self.param(one) for one in chosen}

    def past(self) -> str:
        """An instant not after now."""
        return _instant(min(times.instant(self.chance, self.clock), self.world.now))

    def moment(self) -> str:
        """An instant; at times of the days to come."""
        if self.chance.happens(0.15):
            return _instant(self.world.now + timedelta(hours=self.chance.between(1, 60)))
        return self.past()

    def money(self) -> str:
        """An amount of the account's currency."""
        return str(amounts.money(self.chance, self.account.exponent))

    def status(self) -> str:
        """A status of any group."""
        return self.chance.one((*self.world.statuses, "done", "done"))

    def walk(self) -> list[Body]:
        """A history of statuses in full."""
        at = sorted(times.instant(self.chance, self.clock) for _ in range(self.chance.between(1, 3)))
        return [{"at": _instant(each), "status": self.status()} for each in at]

    def line(self) -> Body:
        """A line of an order."""
        products = (*self.world.products, *catalogue.UNKNOWN_PRODUCTS)
        quantity = sent(amounts.quantity(self.chance))
        return {"product": self.chance.one(products), "quantity": quantity, "amount": self.money()}

    def several(self, make: Callable[[], Any], most: int) -> list[Any]:
        """None, one or some."""
        return [make() for _ in range(self.chance.between(0, most))]


def sent(value: object) -> Any:
    """A value as JSON has it."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return _instant(value)
    return value.isoformat() if isinstance(value, date) else value


def _instant(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _or_none(make: Callable[[Writes], Any]) -> Callable[[Writes], Any]:
    return lambda of: None if of.chance.happens(0.15) else make(of)


def _choice(field: str) -> Callable[[Writes], Any]:
    return _or_none(lambda of: of.chance.one(CHOICES[field]))


def _contacts(values: tuple[str, ...]) -> Callable[[Writes], Any]:
    return lambda of: [
        {"value": value, "verified": of.chance.one((True, False, None))}
        for value in of.chance.some(values, 0, 2)
    ]


def _text(of: Writes) -> str:
    return texts.text(of.chance)


def _code(of: Writes) -> str:
    return of.chance.one(texts.CODES)


CARD: dict[str, Callable[[Writes], Any]] = {
    "city": _or_none(lambda of: of.chance.one(CITIES)),
    "full_name": _or_none(_text),
    "last_name": _or_none(_text),
    "birth_date": _or_none(lambda of: sent(times.birthday(of.chance, of.clock))),
    "date_trigger": _or_none(lambda of: sent(times.day(of.chance, of.clock))),
    "gender": _choice("gender"),
    "loyalty_level": _choice("loyalty_level"),
    "extra_key_1": _or_none(_text),
    "manager": _or_none(_code),
    "source": _or_none(lambda of: of.chance.one(catalogue.SOURCES)),
    "bonus_balance": _or_none(lambda of: sent(amounts.number(of.chance))),
    "phones": _contacts(texts.MOBILE),
    "emails": _contacts(texts.EMAILS),
    "tags": lambda of: of.chance.some(of.world.tags, 0, 2),
    "params": lambda of: of.params(of.world.client_params),
    "consents": lambda of: [of.consent()],
}
"""Fields of a card."""
ORDER: dict[str, Callable[[Writes], Body]] = {
    "lines": lambda of: {"lines": of.several(of.line, 3)},
    "refunds": lambda of: {
        "refunds": [{"external_id": of.chance.one("xy"), "at": of.moment(), "amount": of.money()}]
    },
    "params": lambda of: {"params": of.params(of.world.order_params)},
    "status": lambda of: {"status": of.status()},
    "history": lambda of: {"status_history": of.walk()},
    "total": lambda of: {"total": of.money()},
    "head": lambda of: {"shop": _code(of), "number": _text(of), "cost": of.money(), "discount": of.money()},
}
"""Parts of an order."""
PARAMS: dict[str, dict[str, Callable[[Writes], Any]]] = {
    "visit": {
        "ad_channel": lambda of: of.chance.one(catalogue.AD_CHANNELS),
        "utm_source": _text,
        "city": lambda of: of.chance.one(CITIES),
        "device": lambda of: of.chance.one(CHOICES["device"]),
    },
    "call": {"direction": lambda of: of.chance.one(("in", "out")), "duration": lambda of: 30},
    "lead": {"form": _text, "amount": Writes.money, "manager": _code},
    "mailing.received": {"mailing": lambda of: of.chance.one(catalogue.MAILINGS)},
    "mailing.opened": {"mailing": lambda of: of.chance.one(catalogue.MAILINGS)},
    "loyalty.accrual": {"amount": lambda of: sent(amounts.quantity(of.chance))},
    "loyalty.writeoff": {"amount": lambda of: sent(amounts.quantity(of.chance))},
}
"""Params of built-in actions."""
