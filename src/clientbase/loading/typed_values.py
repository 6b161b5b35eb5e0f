"""A value of a custom param as it is stored: one column of several holds it."""

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from clientbase.kit.text import fold

_COLUMN = {"number": "number", "integer": "number", "date": "day", "boolean": "boolean", "choice": "folded"}


class TypedValue(NamedTuple):
    """The columns of a param value; text stands in two, as written and folded."""

    text: str | None = None
    folded: str | None = None
    number: Decimal | None = None
    day: date | None = None
    boolean: bool | None = None


def typed_value(kind: str, value: Any) -> TypedValue | None:
    """The columns of a checked value by the type of its param; blank is no value."""
    if value is None:
        return None
    if kind == "text":
        return TypedValue(text=value, folded=fold(value))
    return TypedValue(**{_COLUMN[kind]: value})
