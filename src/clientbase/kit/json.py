"""Strict JSON: no NaN or Infinity, no duplicate keys, no lone surrogates, no NUL; decimals stay exact."""

import json
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from clientbase.kit.errors import Invalid, Malformed

_MAX_EXPONENT = 4300
"""As many digits as Python lets a whole number have: with more, exact arithmetic would take for ever."""


def loads(body: bytes) -> Any:
    """Parse JSON as the contract allows it; numbers with a point or exponent become Decimal.

    Raises Malformed (INVALID_JSON, INVALID_UNICODE, INVALID_JSON_NUMBER, DUPLICATE_KEY) or Invalid
    (NUL_NOT_ALLOWED, JSON_TOO_DEEP).
    """
    try:
        text = body.decode("utf-8")
        value = _DECODER.decode(text)
    except UnicodeDecodeError:
        raise Malformed("INVALID_UNICODE", "The body is not valid UTF-8.") from None
    except RecursionError:
        raise Invalid("JSON_TOO_DEEP", "The body is nested too deeply.") from None
    except json.JSONDecodeError as error:
        raise Malformed("INVALID_JSON", f"The body is not valid JSON (character {error.pos}).") from None
    except (ValueError, InvalidOperation):
        raise Malformed("INVALID_JSON_NUMBER", "A number has too many digits.") from None
    if "\\u" in text or "\0" in text:
        _refuse_bad_text(value)
    return value


def check_text(text: str) -> None:
    """Refuse what PostgreSQL or UTF-8 cannot hold. Raises Malformed or Invalid."""
    if "\0" in text:
        raise Invalid("NUL_NOT_ALLOWED", "A text contains the NUL character.")
    if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        raise Malformed("INVALID_UNICODE", "A text contains half of a surrogate pair.")


def _refuse_bad_text(value: Any) -> None:
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            check_text(item)
        elif isinstance(item, dict):
            todo.extend(item.keys())
            todo.extend(item.values())
        elif isinstance(item, list):
            todo.extend(item)


def _refuse_constant(_: str) -> NoReturn:
    raise Malformed("INVALID_JSON_NUMBER", "NaN and Infinity are not JSON numbers.")


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    if abs(number.adjusted()) > _MAX_EXPONENT:
        raise ValueError("too large an exponent")
    return number


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise Malformed("DUPLICATE_KEY", "An object names the same key twice.")
    return result


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_refuse_constant, parse_float=_decimal)
