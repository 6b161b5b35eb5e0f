"""Filters in JSON columns: numbers are kept as JSON numbers and read back as exact decimals."""

from decimal import Decimal
from typing import Any

import orjson

from clientbase.kit import json
from clientbase.kit.errors import Item, invalid

_INTEGERS = range(-(2**63), 2**64)


def plain(raw: dict[str, Any] | None) -> dict[str, Any] | None:
    """A checked filter as it is stored. Raises Invalid (NUMBER_NOT_KEPT) for numbers too long to be kept."""
    faults = [
        Item(f"/filter{pointer}", "NUMBER_NOT_KEPT", "A filter cannot keep so many digits.")
        for pointer, number in _numbers(raw)
        if not _is_kept(number)
    ]
    if faults:
        raise invalid(faults)
    stored: dict[str, Any] | None = orjson.loads(orjson.dumps(raw, default=float))
    return stored


def exact(stored: dict[str, Any] | None) -> Any:
    """A stored filter as requests bring it: numbers with a point are Decimal."""
    return json.loads(orjson.dumps(stored))


def _numbers(raw: Any) -> list[tuple[str, int | Decimal]]:
    found, todo = [], [("", raw)]
    while todo:
        pointer, item = todo.pop()
        if isinstance(item, int | Decimal):
            found.append((pointer, item))
        elif isinstance(item, dict):
            todo.extend((f"{pointer}/{key}", inner) for key, inner in item.items())
        elif isinstance(item, list):
            todo.extend((f"{pointer}/{place}", inner) for place, inner in enumerate(item))
    return found


def _is_kept(number: int | Decimal) -> bool:
    if isinstance(number, int):
        return number in _INTEGERS
    return Decimal(str(float(number))) == number
