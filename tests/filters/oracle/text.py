"""Texts, phones and e-mails: how they compare."""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

import phonenumbers


@lru_cache(maxsize=100_000)
def fold(text: str) -> str:
    """The form in which texts compare: trimmed, without case, NFC, ё as е. Blank text becomes empty.

    Folding may part what was one sign, so what it leaves is composed again.
    """
    folded = unicodedata.normalize("NFC", text).strip().casefold()
    return unicodedata.normalize("NFC", folded).replace("ё", "е")


COMPARE: dict[str, Callable[[str, str], bool]] = {
    "eq": lambda stored, asked: stored == asked,
    "contains": lambda stored, asked: asked in stored,
    "starts_with": lambda stored, asked: stored.startswith(asked),
    "ends_with": lambda stored, asked: stored.endswith(asked),
}


def text_holds(operator: str, stored: str, asked: object) -> bool:
    """A positive text operator on one stored text; `asked` is a list for `in`."""
    if operator == "in":
        assert isinstance(asked, list)
        return any(text_holds("eq", stored, each) for each in asked)
    return COMPARE[operator](fold(stored), fold(str(asked)))


def phone_holds(operator: str, stored: str, asked: object, region: str) -> bool:
    """A positive operator on one stored phone: whole phones once normalised, parts by their digits."""
    if operator == "in":
        assert isinstance(asked, list)
        return any(phone_holds("eq", stored, each, region) for each in asked)
    if operator == "eq":
        return stored == normalise_phone(str(asked), region)
    return any(COMPARE[operator](form, digits(str(asked))) for form in digit_forms(stored))


def digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)


@lru_cache(maxsize=10_000)
def normalise_phone(text: str, region: str) -> str:
    """E.164: as it stands if it says its country, a Russian one by its length, others by the region."""
    only = digits(text)
    if text.strip().startswith("+"):
        return "+" + only
    if region == "RU" and len(only) == 10:
        return "+7" + only
    if region == "RU" and len(only) == 11 and only[0] in "78":
        return "+7" + only[1:]
    return _by_region(text, region) or "+" + only


def _by_region(text: str, region: str) -> str | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@lru_cache(maxsize=10_000)
def digit_forms(e164: str) -> tuple[str, ...]:
    """Digits as one dials abroad (7916…), at home (8916…), and without any prefix (916…)."""
    number = phonenumbers.parse(e164)
    home = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    return digits(e164), digits(home), phonenumbers.national_significant_number(number)
