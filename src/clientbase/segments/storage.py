"""Filters in JSON columns: numbers are kept as JSON numbers and read back as exact decimals."""

from typing import Any

import orjson

from clientbase.kit import json


def plain(raw: dict[str, Any] | None) -> dict[str, Any] | None:
    """A checked filter as it is stored."""
    stored: dict[str, Any] | None = orjson.loads(orjson.dumps(raw, default=float))
    return stored


def exact(stored: dict[str, Any] | None) -> Any:
    """A stored filter as requests bring it: numbers with a point are Decimal."""
    return json.loads(orjson.dumps(stored))
