"""Values of leaves: each type reads its JSON form and gives the form that is stored and compared."""

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from clientbase.filters.catalogue import Catalogue
from clientbase.filters.conditions import Scalar
from clientbase.filters.faults import Faults
from clientbase.filters.limits import MAX_TEXT
from clientbase.filters.specs import Field, Type
from clientbase.kit import emails, phones
from clientbase.kit.text import clean, fold

NUMBER_PLACES = 4
MAX_NUMBER = Decimal(10) ** 14
MAX_INTEGER = 10**14 - 1
MAX_CODE = 100
_MONEY = re.compile(r"-?\d{1,100}(?:\.\d{1,100})?", re.ASCII)
PART_OPERATORS = frozenset({"contains", "not_contains", "starts_with", "ends_with"})

Reader = Callable[[Any, Field, str, Catalogue], Scalar]


class Wrong(Exception):
    """A value that is not one of its type: code, message, what is allowed, or the codes it may have meant."""

    def __init__(
        self, code: str, message: str, allowed: list[object] | None = None, known: Iterable[str] | None = None
    ) -> None:
        super().__init__(code)
        self.code, self.message, self.allowed, self.known = code, message, allowed, known

    def tell(self, faults: Faults, pointer: str, given: object) -> None:
        """Add it to the faults of the tree."""
        if self.known is not None:
            faults.add_unknown(pointer, self.code, self.message, str(given), self.known)
        else:
            faults.add(pointer, self.code, self.message, self.allowed)


def read_scalar(raw: Any, field: Field, operator: str, catalogue: Catalogue) -> Scalar:
    """One value of a field that is no time. Raises Wrong."""
    if field.dictionary:
        return _DICTIONARIES[field.dictionary](raw, field, operator, catalogue)
    return _READERS[field.type](raw, field, operator, catalogue)


def text_of(raw: Any) -> str:
    """A text that is not blank, of bounded length, that UTF-8 and PostgreSQL can hold. Raises Wrong."""
    if not isinstance(raw, str):
        raise Wrong("WRONG_TYPE", "A text is expected here.")
    if len(raw) > MAX_TEXT:
        raise Wrong("TOO_LONG", f"A text has at most {MAX_TEXT} characters.", [MAX_TEXT])
    if "\0" in raw or any("\ud800" <= char <= "\udfff" for char in raw):
        raise Wrong("INVALID_TEXT", "The text holds characters that cannot be stored.")
    if not raw.strip():
        raise Wrong("BLANK_VALUE", "A blank value matches nothing; ask with empty or not_empty.")
    return raw


def _text(raw: Any, field: Field, operator: str, _: Catalogue) -> Scalar:
    return fold(text_of(raw))


def _phone(raw: Any, operator: str, catalogue: Catalogue) -> str:
    text = text_of(raw)
    digits = "".join(str(int(char)) for char in text if char.isdecimal())
    if not digits:
        raise Wrong("NO_DIGITS", "A phone has at least one digit.")
    if operator in PART_OPERATORS:
        return digits
    return phones.normalise(text, catalogue.region) or digits


def _email(raw: Any, operator: str) -> str:
    """As e-mails are stored: lower-case, not folded."""
    text = text_of(raw)
    whole = None if operator in PART_OPERATORS else emails.normalise(text)
    return whole or text.strip().lower()


def _text_by_form(raw: Any, field: Field, operator: str, catalogue: Catalogue) -> Scalar:
    if field.form == "phone":
        return _phone(raw, operator, catalogue)
    return _email(raw, operator) if field.form == "email" else _text(raw, field, operator, catalogue)


def _code(raw: Any, field: Field, operator: str, _: Catalogue) -> Scalar:
    code = clean(text_of(raw))
    assert code is not None
    if len(code) > MAX_CODE:
        raise Wrong("TOO_LONG", f"A code has at most {MAX_CODE} characters.", [MAX_CODE])
    return code


def _element(raw: Any, field: Field, operator: str, catalogue: Catalogue) -> Scalar:
    read = _text if field.form == "folded" else _code
    return read(raw, field, operator, catalogue)


def _choice(raw: Any, field: Field, _: str, __: Catalogue) -> Scalar:
    code = text_of(raw)
    if code not in field.choices.codes:
        raise Wrong("UNKNOWN_CHOICE", "choice", known=(choice.code for choice in field.choices))
    return code


def _number(raw: Any, field: Field, operator: str, _: Catalogue) -> Scalar:
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal):
        raise Wrong("WRONG_TYPE", "A number is expected here.", ["number"])
    value = Decimal(repr(raw)) if isinstance(raw, float) else Decimal(raw)
    if not value.is_finite():
        raise Wrong("WRONG_TYPE", "A number is expected here.", ["number"])
    return _placed(value, NUMBER_PLACES)


def _integer(raw: Any, field: Field, operator: str, catalogue: Catalogue) -> Scalar:
    value = _number(raw, field, operator, catalogue)
    assert isinstance(value, Decimal)
    if value != value.to_integral_value():
        raise Wrong("WRONG_TYPE", "A whole number is expected here.", ["integer"])
    return int(value)


def _money(raw: Any, field: Field, operator: str, catalogue: Catalogue) -> Scalar:
    if not isinstance(raw, str) or not _MONEY.fullmatch(raw):
        raise Wrong("WRONG_TYPE", "Money is a decimal string.", ["decimal string"])
    return _placed(Decimal(raw), catalogue.currency_exponent)


def _placed(value: Decimal, places: int) -> Decimal:
    if abs(value) >= MAX_NUMBER:
        raise Wrong("OUT_OF_RANGE", "The number is too large.", [str(-MAX_NUMBER), str(MAX_NUMBER)])
    placed = value.quantize(Decimal(1).scaleb(-places))
    if placed != value:
        raise Wrong("TOO_FINE", f"At most {places} places after the point.", [places])
    return placed


def _tag(raw: Any, field: Field, _: str, catalogue: Catalogue) -> Scalar:
    code = text_of(raw)
    if code not in catalogue.tags:
        raise Wrong("UNKNOWN_TAG", "tag", known=catalogue.tags)
    return catalogue.tags[code].id


def _segment(raw: Any, field: Field, _: str, catalogue: Catalogue) -> Scalar:
    """Actions name a segment by its id in decimal text."""
    code = text_of(raw)
    if code not in catalogue.segments:
        raise Wrong("UNKNOWN_SEGMENT", "segment", known=catalogue.segments)
    return str(catalogue.segments[code].id)


_READERS: dict[Type, Reader] = {
    Type.TEXT: _text_by_form,
    Type.NUMBER: _number,
    Type.INTEGER: _integer,
    Type.MONEY: _money,
    Type.CHOICE: _choice,
    Type.REFERENCE: _code,
    Type.SET: _element,
}
_DICTIONARIES: dict[str, Reader] = {"tag": _tag, "segment": _segment}
