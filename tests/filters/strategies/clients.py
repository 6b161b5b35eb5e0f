"""Random cards of clients."""

from decimal import Decimal

from ..oracle.datemath import Clock
from ..oracle.vocabulary import CHOICES
from ..oracle.world import Account, Client, Contact, Identity, ParamDef
from . import catalogue, texts, times
from .amounts import number, quantity
from .chance import Chance

FILLED = 0.7
TEXTS = ("city", "region", "country", "car_number", "card_number", "card_barcode", "event_trigger")
CODES = ("manager", "shop", "card_template", "point_of_sale")
CHOSEN = ("gender", "loyalty_level", "issue_form", "device")


def random_client(
    chance: Chance, number_: int, account: Account, clock: Clock, params: dict[str, ParamDef]
) -> Client:
    created = times.instant(chance, clock)
    return Client(
        id=number_,
        created_at=created,
        updated_at=max(created, times.instant(chance, clock)),
        source=chance.maybe(FILLED, lambda: chance.one(catalogue.SOURCES)),
        **_names(chance),
        **{field: chance.maybe(FILLED, lambda: texts.text(chance)) for field in TEXTS},
        **{field: chance.maybe(FILLED, lambda: chance.one(texts.CODES)) for field in CODES},
        **{field: chance.maybe(FILLED, lambda field=field: chance.one(CHOICES[field])) for field in CHOSEN},
        extra_keys=tuple(chance.maybe(0.3, lambda: texts.text(chance)) for _ in range(6)),
        birth_date=chance.maybe(FILLED, lambda: times.birthday(chance, clock)),
        date_trigger=chance.maybe(FILLED, lambda: times.day(chance, clock)),
        stated_bonus_balance=chance.maybe(0.3, lambda: number(chance)),
        discount_percent=chance.maybe(FILLED, lambda: min(quantity(chance), Decimal(100))),
        contacts=_contacts(chance),
        identities=_identities(chance, number_),
        params=catalogue.scalars(chance, params, account, clock, 0.5),
        tags=frozenset(chance.some(catalogue.TAGS)),
        consents={
            kind: chance.happens(0.6) for kind in ("marketing", "personal_data") if chance.happens(0.6)
        },
    )


def _names(chance: Chance) -> dict[str, str | None]:
    names = {
        field: chance.maybe(FILLED, lambda: texts.text(chance))
        for field in ("last_name", "first_name", "middle_name")
    }
    parts = [name.strip() for name in names.values() if name and name.strip()]
    return names | {"full_name": " ".join(parts) or None}


def _contacts(chance: Chance) -> tuple[Contact, ...]:
    phones = chance.some(texts.MOBILE + texts.FOREIGN, at_most=3)
    emails = chance.some(texts.EMAILS, at_most=2)
    return tuple(
        Contact(kind, value, chance.happens(0.4))
        for kind, values in (("phone", phones), ("email", emails))
        for value in values
    )


def _identities(chance: Chance, number_: int) -> tuple[Identity, ...]:
    # Unique within a source by the client's number, and yet alike to the eye.
    spell = chance.one((str, lambda n: f"Ё-{n}", lambda n: f"k_{n}", lambda n: f"100%{n}"))
    return tuple(Identity(source, spell(number_)) for source in chance.some(catalogue.SOURCES))
