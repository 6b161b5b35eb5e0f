"""Phones as they are stored (E.164) and the digit forms by which parts of them are found."""

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

_PLAIN = re.compile(r"\+?[\d()\s.–-]+", re.ASCII)
_NOT_DIGITS = re.compile(r"\D", re.ASCII)


def normalise(text: str, region: str) -> str | None:
    """E.164 of a phone, or None when it is not one.

    In Russia and Kazakhstan ten digits, and eleven that begin with 7 or 8, are a national number; elsewhere
    the rules of the region hold. Letters, extensions and impossible lengths are not a phone.
    """
    cleaned = text.strip()
    if not cleaned or any(char.isalpha() for char in cleaned):
        return None
    russian = _russian(cleaned, region)
    if russian is not None:
        return russian
    try:
        number = phonenumbers.parse(cleaned, region)
    except NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _russian(text: str, region: str) -> str | None:
    """The usual Russian spellings, which need no library: it would take most of the time of an import."""
    if not _PLAIN.fullmatch(text):
        return None
    digits = _NOT_DIGITS.sub("", text)
    if text.startswith("+"):
        return f"+{digits}" if len(digits) == 11 and digits[0] == "7" else None
    if region not in ("RU", "KZ"):
        return None
    if len(digits) == 11 and digits[0] in "78":
        return f"+7{digits[1:]}"
    return f"+7{digits}" if len(digits) == 10 else None


def digit_forms(e164: str) -> str:
    """International, national and significant digits, led, parted and ended by a space.

    >>> digit_forms("+79161234567")
    ' 79161234567 89161234567 9161234567 '
    """
    if len(e164) == 12 and e164.startswith("+7"):
        return f" {e164[1:]} 8{e164[2:]} {e164[2:]} "
    number = phonenumbers.parse(e164, None)
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    forms = [
        e164.removeprefix("+"),
        "".join(char for char in national if char.isdigit()),
        phonenumbers.national_significant_number(number),
    ]
    return f" {' '.join(dict.fromkeys(forms))} "
