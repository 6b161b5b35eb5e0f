"""Money between decimals and whole minor units."""

from decimal import Decimal

from babel.numbers import get_currency_precision

from clientbase.kit.errors import Item

MAX_MINOR_UNITS = 10**15


def exponent(currency: str) -> int:
    """How many places the currency has (RUB 2, JPY 0, KWD 3), by CLDR."""
    return get_currency_precision(currency)


def to_minor(amount: Decimal, places: int) -> int:
    """Whole minor units. Raises ValueError when the amount is finer than the currency or too large."""
    units = amount.scaleb(places)
    if units != units.to_integral_value() or abs(units) > MAX_MINOR_UNITS:
        raise ValueError("not an amount of this currency")
    return int(units)


def from_minor(units: int, places: int) -> Decimal:
    """A decimal with exactly the places of the currency."""
    return Decimal(units).scaleb(-places).quantize(Decimal(1).scaleb(-places))


def check_amount(amount: Decimal, places: int, pointer: str) -> list[Item]:
    """What is wrong with an amount on input: negative, too fine, too large."""
    if amount < 0:
        return [Item(pointer, "NEGATIVE_AMOUNT", "Amounts are not negative.")]
    try:
        to_minor(amount, places)
    except ValueError:
        return [Item(pointer, "NOT_AN_AMOUNT", f"At most {places} places and 15 digits.")]
    return []
