"""Fields of a client: how each is read or counted from the facts."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction

from . import orders
from .base import Base
from .dates import age
from .vocabulary import CLIENT_FIELDS
from .world import Client

Reader = Callable[[Base, Client], object]


def field_type(base: Base, field: str) -> str:
    prefix, _, rest = field.partition(".")
    if prefix == "params":
        return base.world.client_params[rest].type
    return "text" if prefix == "external_id" else CLIENT_FIELDS[field]


def field_values(base: Base, client: Client, field: str) -> Iterable:
    """All values of a field: none, one or several."""
    prefix, _, rest = field.partition(".")
    if prefix == "params":
        return _listed(client.params.get(rest))
    if rest:
        return [each.external_id for each in client.identities if each.source == rest]
    reader = READERS.get(field, lambda _base, card: getattr(card, field))
    return _listed(reader(base, client))


def _listed(value: object) -> Iterable:
    if isinstance(value, list | tuple | set | frozenset):
        return value
    return [] if value is None else [value]


def _contacts(kind: str) -> Reader:
    return lambda base, client: [each.value for each in client.contacts if each.kind == kind]


def _phone_verified(base: Base, client: Client) -> bool | None:
    phones = [each for each in client.contacts if each.kind == "phone"]
    return any(each.verified for each in phones) if phones else None


def _age(base: Base, client: Client) -> int | None:
    return age(client.birth_date, base.clock.today) if client.birth_date else None


def _extra_key(number: int) -> Reader:
    return lambda base, client: client.extra_keys[number - 1]


def _consent(kind: str) -> Reader:
    return lambda base, client: client.consents.get(kind)


def _bonus_balance(base: Base, client: Client) -> Decimal:
    if client.stated_bonus_balance is not None:
        return client.stated_bonus_balance
    signs = {"loyalty.accrual": 1, "loyalty.writeoff": -1}
    operations = base.actions(client.id, *signs)
    return sum((signs[each.type] * each.params["amount"] for each in operations), Decimal(0))


def _count(*groups: str) -> Reader:
    return lambda base, client: len(orders.in_groups(base, client.id, *groups))


def _items_count(base: Base, client: Client) -> Decimal:
    done = orders.in_groups(base, client.id, "done")
    return sum((line.quantity for order in done for line in order.lines), Decimal(0))


def _cancelled_revenue(base: Base, client: Client) -> Decimal:
    return sum((order.total for order in orders.in_groups(base, client.id, "cancelled")), Decimal(0))


def _average_check(base: Base, client: Client) -> Fraction | None:
    sales = len(orders.in_groups(base, client.id, "done"))
    return Fraction(orders.revenue(base, client.id)) / sales if sales else None


def _last_purchase_amount(base: Base, client: Client) -> Decimal | None:
    bought = orders.purchases(base, client.id)
    return bought[-1][1].total if bought else None


def _purchased(place: int) -> Reader:
    def read(base: Base, client: Client):
        bought = orders.purchases(base, client.id)
        return bought[place][0] if bought else None

    return read


def _ordered(choose: Callable) -> Reader:
    return lambda base, client: choose((each.created_at for each in base.orders(client.id)), default=None)


def _client_since_days(base: Base, client: Client) -> int | None:
    bought = orders.purchases(base, client.id)
    return (base.clock.today - base.clock.day(bought[0][0])).days if bought else None


def _happened(place: int, type_: str) -> Reader:
    def read(base: Base, client: Client):
        found = base.actions(client.id, type_)
        return found[place].at if found else None

    return read


def _said(place: int, param: str) -> Reader:
    """The param of the first (0) or the last (-1) visit that has it."""

    def read(base: Base, client: Client):
        said = [visit.params.get(param) for visit in base.actions(client.id, "visit")]
        having = [value for value in said if value is not None and str(value).strip()]
        return having[place] if having else None

    return read


def _visit_set(param: str) -> Reader:
    return lambda base, client: [each.params.get(param) for each in base.actions(client.id, "visit")]


_ADVERTISING = ("ad_channel", "utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")

READERS: dict[str, Reader] = {
    "external_id": lambda base, client: [each.external_id for each in client.identities],
    "phone": _contacts("phone"),
    "phone_verified": _phone_verified,
    "email": _contacts("email"),
    "age": _age,
    **{f"extra_key_{number}": _extra_key(number) for number in range(1, 7)},
    "consent_marketing": _consent("marketing"),
    "consent_personal_data": _consent("personal_data"),
    "bonus_balance": _bonus_balance,
    "last_accrual_at": _happened(-1, "loyalty.accrual"),
    "last_writeoff_at": _happened(-1, "loyalty.writeoff"),
    "orders_count": lambda base, client: len(base.orders(client.id)),
    "sales_count": _count("done"),
    "items_count": _items_count,
    "deals_in_progress_count": _count("new", "in_progress"),
    "cancelled_count": _count("cancelled"),
    "cancelled_revenue": _cancelled_revenue,
    "revenue": lambda base, client: orders.revenue(base, client.id),
    "profit": lambda base, client: orders.profit(base, client.id),
    "ltv": lambda base, client: orders.profit(base, client.id),
    "average_check": _average_check,
    "last_purchase_amount": _last_purchase_amount,
    "first_order_at": _ordered(min),
    "last_order_at": _ordered(max),
    "first_purchase_at": _purchased(0),
    "last_purchase_at": _purchased(-1),
    "client_since_days": _client_since_days,
    "first_visit_at": _happened(0, "visit"),
    "last_visit_at": _happened(-1, "visit"),
    "visits_count": lambda base, client: len(base.actions(client.id, "visit")),
    **{code: _said(0, code) for code in _ADVERTISING},
    **{f"last_{code}": _said(-1, code) for code in _ADVERTISING},
    "referral_id": _said(0, "referral_id"),
    "visit_countries": _visit_set("country"),
    "visit_cities": _visit_set("city"),
}
"""Fields that are not simply an attribute of the card."""
