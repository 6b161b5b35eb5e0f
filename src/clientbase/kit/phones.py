"""Phones as they are stored (E.164) and the digit forms by which parts of them are found."""

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat


def normalise(text: str, region: str) -> str | None:
    """E.164 of a phone, or None when it is not one.

    In Russia and Kazakhstan ten digits, and eleven that begin with 7 or 8, are a national number; elsewhere
    the rules of the region hold. Letters, extensions and impossible lengths are not a phone.
    """
    cleaned = text.strip()
    if not cleaned or any(char.isalpha() for char in cleaned):
        return None
    digits = "".join(str(int(char)) for char in cleaned if char.isdecimal())
    if region in ("RU", "KZ") and not cleaned.startswith("+"):
        if len(digits) == 11 and digits[0] in "78":
            cleaned = "+7" + digits[1:]
        elif len(digits) == 10:
            cleaned = "+7" + digits
    try:
        number = phonenumbers.parse(cleaned, region)
    except NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def digit_forms(e164: str) -> str:
    """International, national and significant digits, led, parted and ended by a space.

    >>> digit_forms("+79161234567")
    ' 79161234567 89161234567 9161234567 '
    """
    number = phonenumbers.parse(e164, None)
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    forms = [
        e164.removeprefix("+"),
        "".join(char for char in national if char.isdigit()),
        phonenumbers.national_significant_number(number),
    ]
    return f" {' '.join(dict.fromkeys(forms))} "
