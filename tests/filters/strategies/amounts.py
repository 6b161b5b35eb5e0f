"""Money and quantities with their extremes."""

from decimal import Decimal

from .chance import Chance

QUANTITIES = tuple(map(Decimal, ("0", "0.0001", "0.5", "1", "1", "2", "3.3333", "10", "1000", "99999.9999")))
MINOR = (0, 0, 1, 99, 100, 100, 5000, 5000, 9999, 10_000, 123_456, 500_000, 999_999_999_99)


def money(chance: Chance, exponent: int) -> Decimal:
    """An amount in the currency's smallest step; round ones often, so that amounts coincide."""
    minor = chance.one(MINOR) if chance.happens(0.6) else chance.between(0, 1_000_000)
    return Decimal(minor).scaleb(-exponent)


def quantity(chance: Chance) -> Decimal:
    return chance.one(QUANTITIES)


def number(chance: Chance) -> Decimal:
    """A number param: 4 places, of either sign."""
    sign = chance.one((1, 1, -1))
    size = quantity(chance) if chance.happens(0.6) else Decimal(chance.between(0, 10**6)).scaleb(-4)
    return sign * size + 0  # never a negative zero
