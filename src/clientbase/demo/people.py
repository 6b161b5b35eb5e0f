"""Who the clients are: names, contacts, places, cards, and how lively they are."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from clientbase.demo import words
from clientbase.demo.chance import Calendar, Span, Weighted
from clientbase.kit.phones import digit_forms
from clientbase.kit.text import code_from

_CITIES = Weighted(((city, region), share) for city, region, share in words.CITIES)
_SOURCES = Weighted(words.SOURCES)
_ISSUE_FORMS = Weighted((("virtual", 5.0), ("plastic", 3.0), ("wallet", 2.0)))
_DEVICES = Weighted((("android", 6.0), ("ios", 4.0), ("desktop", 1.0)))
_LATIN = {name: code_from(name) for name in words.SURNAMES}
_SAMPLE = "9161234567"
_FORM_HEADS = [form.removesuffix(_SAMPLE) for form in digit_forms(f"+7{_SAMPLE}").split()]
"""What stands before the ten digits in each digit form of a Russian mobile phone, whichever it is."""
_BORN_SINCE = date(1945, 1, 1)
_BORN_DAYS = (date(2007, 12, 31) - _BORN_SINCE).days
_LIFETIME = 500 * 86400


@dataclass(frozen=True, slots=True)
class Person:
    """A client before anything that they did; moments are seconds from the start of the base's history."""

    id: int
    number: int
    """The place in the base, from 1: the same for the same seed whatever the ids are."""
    created: int
    until: int
    """The last moment at which they may be seen."""
    life: Span
    orders: int
    activity: float
    """How much they do beside buying, 1 on average."""
    names: tuple[str, str, str]
    """Last, first, middle."""
    gender: str
    birth_date: date | None
    place: tuple[str, str]
    source: str
    phones: tuple[str, ...]
    email: str | None
    has_card: bool
    device: str | None
    issue_form: str | None
    shop: str | None
    manager: str | None
    marketing: bool | None
    """Consent to advertising; None: never asked."""


def make_person(rng: Random, calendar: Calendar, *, id_: int, number: int, orders: int) -> Person:
    """One client. The draws depend on the generator alone, never on ids."""
    created = calendar.span(0, calendar.now).moment(rng)
    until = _last_seen(rng, created, calendar.now)
    has_card = rng.random() < (0.7 if orders else 0.3)
    female = rng.random() < 0.62
    surname = rng.choice(words.SURNAMES)
    email = _email(rng, surname, number) if rng.random() < 0.66 else None
    return Person(
        id=id_,
        number=number,
        created=created,
        until=until,
        life=calendar.span(created, until),
        orders=orders,
        activity=rng.lognormvariate(-0.32, 0.8),
        names=_names(rng, surname, female=female),
        gender="female" if female else "male",
        birth_date=_BORN_SINCE + timedelta(rng.randrange(_BORN_DAYS)) if rng.random() < 0.72 else None,
        place=_CITIES.draw(rng),
        source=_SOURCES.draw(rng),
        phones=tuple(_phone(rng) for _ in range(_phone_count(rng))),
        email=email,
        has_card=has_card,
        device=_DEVICES.draw(rng) if has_card else None,
        issue_form=_ISSUE_FORMS.draw(rng) if has_card else None,
        shop=rng.choice(words.SHOPS) if rng.random() < 0.8 else None,
        manager=rng.choice(words.MANAGERS) if rng.random() < 0.3 else None,
        marketing=(rng.random() < 0.82) if rng.random() < 0.9 else None,
    )


def phone_digits(phone: str) -> str:
    """What `kit.phones.digit_forms` makes of a +7 phone, without parsing it anew for each of a million."""
    own = phone[2:]
    return f" {' '.join([head + own for head in _FORM_HEADS])} "


def _last_seen(rng: Random, created: int, now: int) -> int:
    """Half of the clients stay to this day, the others go away sooner or later."""
    return now if rng.random() < 0.5 else min(now, created + int(rng.expovariate(1 / _LIFETIME)))


def _names(rng: Random, surname: str, *, female: bool) -> tuple[str, str, str]:
    stem = rng.choice(words.PATRONYMIC_STEMS)
    if not female:
        return surname, rng.choice(words.MALE_NAMES), f"{stem}ич"
    ending = f"{surname[:-2]}ая" if surname.endswith(("ий", "ый")) else f"{surname}а"
    return ending, rng.choice(words.FEMALE_NAMES), f"{stem}на"


def _phone_count(rng: Random) -> int:
    chance = rng.random()
    return 0 if chance < 0.04 else 1 if chance < 0.94 else 2


def _phone(rng: Random) -> str:
    return f"+7{rng.choice(words.MOBILE_PREFIXES)}{rng.randrange(10**7):07d}"


def _email(rng: Random, surname: str, number: int) -> str:
    return f"{_LATIN[surname]}{number % 10000}@{rng.choice(words.MAIL_DOMAINS)}"
