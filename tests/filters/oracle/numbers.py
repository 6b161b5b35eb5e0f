"""Numbers: counts, quantities, money; always exact."""

import operator as python
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

Number = int | Decimal | Fraction

COMPARE: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "eq": python.eq,
    "lt": python.lt,
    "lte": python.le,
    "gt": python.gt,
    "gte": python.ge,
}


def exact(value: object) -> Fraction:
    """A stored number, a JSON number (by its decimal spelling) or a decimal string as a fraction."""
    return Fraction(value) if isinstance(value, int | Fraction) else Fraction(str(value))


def number_holds(operator: str, stored: Number, asked: object) -> bool:
    """A positive operator on one stored number; `asked` is a list for `in`, a range for `between`."""
    value = exact(stored)
    if operator == "in":
        assert isinstance(asked, list)
        return any(value == exact(each) for each in asked)
    if operator == "between":
        assert isinstance(asked, dict)
        low, high = asked.get("from"), asked.get("to")
        return (low is None or exact(low) <= value) and (high is None or value <= exact(high))
    return COMPARE[operator](value, exact(asked))
