"""Definitions of a random base: params, own action types, statuses, products, tags."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from ..oracle.datemath import Clock
from ..oracle.vocabulary import ACTION_PARAM_TYPES, CLIENT_PARAM_TYPES
from ..oracle.world import Account, ActionType, ParamDef, Product, ProductGroup, Scalar, StatusDef
from . import texts, times
from .amounts import money, number
from .chance import Chance

SOURCES = ("crm", "site", "1c")
TAGS = ("vip", "msk", "b2b", "a_b", "axb", "new-2026")
MAILINGS = ("a", "b", "A", "spring 10%", "spring_10")
AD_CHANNELS = ("direct", "Direct", "seo", "vk_ads")
CURRENCIES = (("RUB", 2), ("RUB", 2), ("RUB", 2), ("JPY", 0), ("KWD", 3))

STATUSES = {
    status.code: status
    for status in (
        StatusDef("new", "new"),
        StatusDef("draft", "new"),
        StatusDef("assembling", "in_progress"),
        StatusDef("delivery", "in_progress"),
        StatusDef("done", "done"),
        StatusDef("received", "done"),
        StatusDef("cancelled", "cancelled"),
        StatusDef("no-stock", "cancelled"),
    )
}

GROUPS = {
    group.code: group
    for group in (
        ProductGroup("food"),
        ProductGroup("tea", "food"),
        ProductGroup("green_tea", "tea"),
        ProductGroup("Чай 100%", "tea"),
        ProductGroup("coffee", "food"),
        ProductGroup("dishes"),
        ProductGroup("cups", "dishes"),
    )
}

UNKNOWN_PRODUCTS = ("gone-1", "gone%2")
"""Codes that orders name and no catalogue has brought yet."""


def account(chance: Chance) -> Account:
    currency, exponent = chance.one(CURRENCIES)
    return Account(chance.one(times.ZONES), currency, exponent, chance.one(("RU", "RU", "RU", "DE")))


def params(prefix: str, types: tuple[str, ...]) -> dict[str, ParamDef]:
    """Two params of every type."""
    codes = [(f"{prefix}_{kind}{suffix}", kind) for kind in types for suffix in ("", "-2")]
    return {code: ParamDef(code, kind, tuple("abc") if kind == "choice" else ()) for code, kind in codes}


def client_params() -> dict[str, ParamDef]:
    return params("own", CLIENT_PARAM_TYPES)


def order_params() -> dict[str, ParamDef]:
    return params("deal", CLIENT_PARAM_TYPES)


def action_types() -> dict[str, ActionType]:
    return {
        code: ActionType(code, params(code[0], types))
        for code, types in (("quiz", ACTION_PARAM_TYPES), ("webinar", ("number", "text")), ("empty-one", ()))
    }


def products(chance: Chance) -> dict[str, Product]:
    """Products in groups at every level, and some without."""
    codes = [f"p{number}" for number in range(14)] + ["P1", "p_1", "Чай 5%"]
    return {code: Product(code, chance.maybe(0.85, lambda: chance.one(tuple(GROUPS)))) for code in codes}


def scalar(chance: Chance, param: ParamDef, account: Account, clock: Clock) -> Scalar:
    """A value of a param of any type."""
    if param.type == "choice":
        return chance.one(param.choices)
    makers: dict[str, Callable[[], str | Decimal | bool | date]] = {
        "text": lambda: texts.text(chance),
        "number": lambda: number(chance),
        "money": lambda: money(chance, account.exponent),
        "boolean": lambda: chance.happens(0.5),
        "date": lambda: times.birthday(chance, clock) if chance.happens(0.4) else times.day(chance, clock),
        "datetime": lambda: times.instant(chance, clock),
        "reference": lambda: chance.one(texts.CODES),
    }
    return makers[param.type]()


def scalars(
    chance: Chance, defs: dict[str, ParamDef], account: Account, clock: Clock, each: float
) -> dict[str, Scalar]:
    """Values of some of the params, each with the given chance."""
    chosen = [param for param in defs.values() if chance.happens(each)]
    return {param.code: scalar(chance, param, account, clock) for param in chosen}
