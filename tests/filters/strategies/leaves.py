"""Operators and values for a condition of any type."""

from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

from ..oracle.vocabulary import CHOICES, OPERATORS
from . import amounts, bounds, catalogue, texts
from .chance import Chance
from .sampling import Sample

VALUELESS = {"empty", "not_empty", "is_true", "is_false"}
LISTS = {"in", "not_in", "has_any", "has_all", "has_none"}
RANGES = {"between", "not_between"}
YEARLESS = {"eq", "ne", "between", "not_between"}
PARTS = {
    "contains": "contains",
    "not_contains": "contains",
    "starts_with": "starts_with",
    "ends_with": "ends_with",
}

KNOWN_CODES = {
    "tags": catalogue.TAGS,
    "source": catalogue.SOURCES,
    "ad_channel": catalogue.AD_CHANNELS,
    "last_ad_channel": catalogue.AD_CHANNELS,
    "mailing": catalogue.MAILINGS,
    "card_template": texts.CODES,
    "point_of_sale": texts.CODES,
    "product_group": (*catalogue.GROUPS, "no such group"),
    "product_groups": (*catalogue.GROUPS, "no such group"),
    "status": tuple(catalogue.STATUSES),
    "from_status": tuple(catalogue.STATUSES),
}
"""Codes for leaves beside those that the base holds; the rest takes any code of a source."""


class Leaf:
    """One condition in the making: what it is about, and a value that the base holds there."""

    def __init__(
        self, chance: Chance, sample: Sample, name: str, kind: str, seed: Callable[[], object | None]
    ):
        self.chance, self.sample, self.name, self.kind, self.seed = chance, sample, name, kind, seed
        self.clock = sample.base.clock
        self.operator = chance.one(OPERATORS[kind])

    def condition(self, *, dates_without_year: bool = True) -> dict:
        """`operator`, `value` where it takes one, and at times `ignore_year`."""
        if self.operator in VALUELESS:
            return {"operator": self.operator}
        if self.kind in ("date", "datetime"):
            return {"operator": self.operator} | self._time(dates_without_year)
        if self.operator in LISTS:
            return {"operator": self.operator, "value": self._list()}
        if self.operator in RANGES:
            return {"operator": self.operator, "value": self._range()}
        return {"operator": self.operator, "value": ONE[self.kind](self)}

    def _time(self, dates_without_year: bool) -> dict:
        near, chance = self.seed(), self.chance
        if dates_without_year and self.operator in YEARLESS and chance.happens(0.35):
            return {"value": bounds.yearless(chance, self.clock, self.operator, near), "ignore_year": True}
        stated = {"ignore_year": False} if dates_without_year and chance.happens(0.1) else {}
        return {"value": self._bound(near)} | stated

    def _bound(self, near) -> object:
        if self.operator in RANGES:
            return bounds.between(self.chance, self.clock, near)
        if self.kind == "datetime" and self.operator in ("eq", "ne"):
            return bounds.whole_bound(self.chance, self.clock, near)
        return bounds.bound(self.chance, self.clock, near)

    def _list(self) -> list:
        made = [ONE[self.kind](self) for _ in range(self.chance.between(1, 4))]
        return list(dict.fromkeys(made))

    def _range(self) -> dict:
        low, high = sorted((ONE[self.kind](self), ONE[self.kind](self)), key=lambda end: Decimal(str(end)))
        whole = {"from": low, "to": high}
        return self.chance.one((whole, whole, whole, {"from": low}, {"to": high}))

    def text(self) -> str:
        """A text of the base in another dress, part of one, or any word."""
        word = self.seed() if self.chance.happens(0.85) else None
        word = str(word) if word is not None else self.chance.one(texts.WORDS)
        if self.operator in PARTS:
            word = texts.fragment(self.chance, word, PARTS[self.operator])
        return texts.disguise(self.chance, word)

    def email(self) -> str:
        word = str(self.seed() or self.chance.one(texts.EMAILS))
        if self.operator in PARTS:
            word = texts.fragment(self.chance, word, PARTS[self.operator])
            return self.chance.one((word, word.upper(), f" {word} "))
        local, _, domain = word.rpartition("@")
        return self.chance.one((word, word.upper(), f" {word} ", f"{local}@{domain.encode('idna').decode()}"))

    def phone(self) -> str:
        number = str(self.seed() or self.chance.one(texts.MOBILE))
        if self.operator in PARTS:
            return texts.phone_fragment(self.chance, number, PARTS[self.operator])
        return texts.spell_phone(self.chance, number, self.sample.world.account.region)

    def code(self) -> str:
        """A code of the base or of the list; unknown ones only where the contract allows them."""
        seed = self.seed() if self.chance.happens(0.7) else None
        return str(seed) if seed is not None else self.chance.one(self._codes())

    def _codes(self) -> tuple[str, ...]:
        last = self.name.rpartition(".")[2]
        if last == "segment":
            return tuple(self.sample.world.segments)
        if last in self.sample.definitions:
            return self.sample.definitions[last].choices or (*texts.CODES, "no such code")
        if last in ("product", "products"):
            return (*self.sample.world.products, *catalogue.UNKNOWN_PRODUCTS, "no such product")
        return CHOICES.get(last) or KNOWN_CODES.get(last) or (*texts.CODES, "no such code")

    def place(self) -> str:
        """An element of a set of texts."""
        word = self.seed() if self.chance.happens(0.8) else None
        return texts.disguise(self.chance, str(word) if word is not None else self.chance.one(texts.WORDS))

    def number(self) -> int | float:
        """A JSON number of at most 4 places, at or beside a value of the base."""
        near = self._near(4, lambda: amounts.number(self.chance))
        return int(near) if near == near.to_integral_value() else float(near)

    def integer(self) -> int:
        return int(self._near(0, lambda: Decimal(self.chance.between(0, 8))))

    def money(self) -> str:
        """A decimal string of at most the currency's places."""
        exponent = self.sample.world.account.exponent
        near = self._near(exponent, lambda: amounts.money(self.chance, exponent))
        return f"{near.normalize():f}" if self.chance.happens(0.3) else f"{near:f}"

    def _near(self, places: int, otherwise: Callable[[], Decimal]) -> Decimal:
        """A value of the base to so many places, or a step beside it."""
        seed = self.seed() if self.chance.happens(0.85) else None
        step = Decimal(1).scaleb(-places)
        value = otherwise() if seed is None else _decimal(seed)
        return value.quantize(step, ROUND_HALF_EVEN) + step * self.chance.one((0, 0, 0, 0, 1, -1))


def _decimal(value) -> Decimal:
    fraction = Fraction(value)
    return Decimal(fraction.numerator) / Decimal(fraction.denominator)


ONE: dict[str, Callable[[Leaf], object]] = {
    "text": Leaf.text,
    "email": Leaf.email,
    "phone": Leaf.phone,
    "choice": Leaf.code,
    "reference": Leaf.code,
    "group": Leaf.code,
    "set": Leaf.code,
    "group_set": Leaf.code,
    "text_set": Leaf.place,
    "number": Leaf.number,
    "integer": Leaf.integer,
    "money": Leaf.money,
}
"""Type → one value of it."""
