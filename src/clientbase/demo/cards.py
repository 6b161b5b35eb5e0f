"""The rows of a client: the card itself, contacts, identities, params, tags and consents."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Any

from clientbase.clients.quick_search import SEARCHED_FIELDS, search_text
from clientbase.demo import words
from clientbase.demo.deeds import Deed
from clientbase.demo.people import Person, phone_digits
from clientbase.demo.purchases import Purchase
from clientbase.demo.shop import Shop
from clientbase.demo.tables import CLIENT_FIELDS, FOLDED_CLIENT_FIELDS, Rows
from clientbase.kit.text import fold

CONSENT_TEXT = "2024-01"
TASTES = ("sweet", "tart", "floral", "smoky")
_LEVELS = ((10_000_00, "base"), (50_000_00, "silver"))
"""Purchases below so much, in minor units, keep a card at the level."""
_DISCOUNT = {"base": 3, "silver": 5, "gold": 10}
_fold = lru_cache(maxsize=4096)(fold)


def add_client(
    rng: Random, rows: Rows, shop: Shop, person: Person, *, purchases: list[Purchase], deeds: list[Deed]
) -> None:
    """Everything of a client that is neither an order nor an action."""
    card = _card(rng, shop, person, purchases, deeds)
    external_id = f"C{person.number:08d}"
    folded = [_fold(card[name]) if card[name] is not None else None for name in FOLDED_CLIENT_FIELDS]
    rows.add("clients", person.id, *(card[name] for name in CLIENT_FIELDS), *folded)
    texts = [*(card.get(name) for name in SEARCHED_FIELDS), person.email, external_id]
    texts += _add_params(rng, rows, shop, person)
    texts += [form for phone in person.phones for form in phone_digits(phone).split()]
    rows.add("client_search", person.id, search_text(texts=texts, phones=()))
    _add_contacts(rng, rows, person)
    url = f"https://crm.example/customers/{person.number}" if person.source == "retailcrm" else None
    rows.add("client_identities", person.id, person.source, external_id, fold(external_id), url)
    _add_tags(rng, rows, shop, person)
    _add_consents(rows, shop, person)


def _card(
    rng: Random, shop: Shop, person: Person, purchases: list[Purchase], deeds: list[Deed]
) -> dict[str, Any]:
    last, first, middle = person.names
    at = shop.calendar.at
    card: dict[str, Any] = dict.fromkeys(CLIENT_FIELDS)
    card |= {
        "full_name": f"{last} {first} {middle}",
        "last_name": last,
        "first_name": first,
        "middle_name": middle,
        "birth_date": person.birth_date,
        "gender": person.gender,
        "city": person.place[0],
        "region": person.place[1],
        "country": words.COUNTRY,
        "car_number": _car_number(rng) if rng.random() < 0.08 else None,
        "extra_key_1": f"K-{rng.randrange(10**6):06d}" if rng.random() < 0.1 else None,
        "source": person.source,
        "manager": person.manager,
        "shop": person.shop,
        "consent_marketing": person.marketing,
        "consent_personal_data": True if person.number % 20 else None,
        "created_at": at(person.created),
        "updated_at": at(person.until),
    }
    return card | (_loyalty(shop, person, purchases, deeds) if person.has_card else {})


def _loyalty(shop: Shop, person: Person, purchases: list[Purchase], deeds: list[Deed]) -> dict[str, Any]:
    spent = sum(purchase.total for purchase in purchases if purchase.purchased is not None)
    level = next((name for bound, name in _LEVELS if spent < bound), "gold")
    number = f"{7000_0000_0000 + person.number}"
    return {
        "card_number": number,
        "card_barcode": f"2{number}",
        "card_template": "main",
        "device": person.device,
        "loyalty_level": level,
        "discount_percent": _DISCOUNT[level],
        "last_accrual_at": _latest(shop, deeds, "loyalty.accrual"),
        "last_writeoff_at": _latest(shop, deeds, "loyalty.writeoff"),
        "issue_form": person.issue_form,
        "point_of_sale": person.shop,
    }


def _latest(shop: Shop, deeds: list[Deed], type_: str) -> datetime | None:
    moment = max((deed.at for deed in deeds if deed.type == type_), default=None)
    return None if moment is None else shop.calendar.at(moment)


def _car_number(rng: Random) -> str:
    letters = rng.choices(words.CAR_LETTERS, k=3)
    return f"{letters[0]}{rng.randrange(1000):03d}{letters[1]}{letters[2]}{rng.choice((77, 78, 16, 54, 66))}"


def _add_contacts(rng: Random, rows: Rows, person: Person) -> None:
    for place, phone in enumerate(dict.fromkeys(person.phones)):
        verified = True if rng.random() < 0.5 else None
        rows.add("client_contacts", person.id, "phone", phone, phone_digits(phone), place == 0, verified)
    if person.email:
        rows.add("client_contacts", person.id, "email", person.email, None, True, None)


def _add_params(rng: Random, rows: Rows, shop: Shop, person: Person) -> list[str | None]:
    """Values of the account's own params, each known of some clients; returns the texts among them."""
    ids, texts = shop.defined.client_params, []
    for code, share, value in _PARAMS:
        if rng.random() < share:
            stored = value(rng, shop, person)
            rows.add("client_param_values", person.id, ids[code], *stored)
            texts.append(stored[0])
    return texts


def _children(rng: Random, *_: object) -> tuple[Any, ...]:
    return None, None, min(5, int(rng.expovariate(1.0) * 1.3)), None, None


def _anniversary(rng: Random, shop: Shop, _: Person) -> tuple[Any, ...]:
    return None, None, None, (shop.opened_at - timedelta(rng.randrange(9000))).date(), None


def _tea_club(rng: Random, *_: object) -> tuple[Any, ...]:
    return None, None, None, None, rng.random() < 0.4


def _taste(rng: Random, *_: object) -> tuple[Any, ...]:
    return None, rng.choice(TASTES), None, None, None


def _workplace(rng: Random, *_: object) -> tuple[Any, ...]:
    text = f"ООО «{rng.choice(words.SURNAMES)} и партнёры»"
    return text, fold(text), None, None, None


Value = Callable[[Random, Shop, Person], tuple[Any, ...]]
_PARAMS: tuple[tuple[str, float, Value], ...] = (
    ("taste", 0.5, _taste),
    ("children", 0.3, _children),
    ("anniversary", 0.15, _anniversary),
    ("tea-club", 0.4, _tea_club),
    ("workplace", 0.1, _workplace),
)
"""Param, share of the clients of whom it is known, and text, folded, number, day, boolean of a value."""
_TAG_SHARES = tuple((code, share) for code, _, _, share in words.TAGS)


def _add_tags(rng: Random, rows: Rows, shop: Shop, person: Person) -> None:
    for code, share in _TAG_SHARES:
        if rng.random() < share:
            rows.add("client_tags", person.id, shop.defined.tags[code], shop.calendar.at(person.created))


def _add_consents(rows: Rows, shop: Shop, person: Person) -> None:
    """Consents as they were stated; those who refuse advertising once agreed to it and took it back."""
    at = shop.calendar.at
    if person.number % 20:
        rows.add(
            "client_consents",
            person.id,
            "personal_data",
            True,
            at(person.created),
            person.source,
            CONSENT_TEXT,
        )
    if person.marketing is None:
        return
    given = (person.created, True)
    stated = [given] if person.marketing else [given, (person.until, False)]
    for moment, answer in stated:
        rows.add("client_consents", person.id, "marketing", answer, at(moment), person.source, CONSENT_TEXT)
