"""Keyset pages: opaque signed cursors bound to account, filter and sort, and the envelope of lists."""

import base64
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, Literal, TypeVar

import orjson
from pydantic import Field

from clientbase.config import settings
from clientbase.kit.errors import Malformed
from clientbase.kit.schema import Int, Shape

T = TypeVar("T")
R = TypeVar("R")
DEFAULT_LIMIT = 50
MAX_LIMIT = 1000
_SIGNATURE = 12


class Total(Shape):
    """How many there are in all."""

    value: Int
    relation: Literal["exact", "at_least"] = "exact"


class Page(Shape, Generic[T]):
    """One page of a list; `next_cursor` is null on the last one, `total` with `count=none`."""

    items: list[T] = Field(max_length=MAX_LIMIT)
    next_cursor: str | None = Field(default=None, max_length=4096)
    total: Total | None = None


@dataclass(frozen=True)
class PageRequest:
    """What part of a list is asked for. Raises Malformed (CURSOR_INVALID) for an empty cursor."""

    limit: int = DEFAULT_LIMIT
    cursor: str | None = None
    count: bool = True

    def __post_init__(self) -> None:
        if self.cursor == "":
            raise _cursor_invalid()


def binding(*parts: object) -> bytes:
    """What a cursor belongs to: account, list, filter, sort, as bytes to sign with."""
    return hashlib.sha256(orjson.dumps(parts, default=str)).digest()


class Keyset:
    """One list on its way through its pages: where this page begins, and the answer made of its rows."""

    def __init__(self, page: PageRequest, *bound_to: object) -> None:
        """`bound_to`: account, list and filters. Raises Malformed for a cursor of another list."""
        self._page = page
        self._bound_to = binding(*bound_to)
        self.after: list[Any] | None = (
            decode_cursor(page.cursor, self._bound_to) if page.cursor is not None else None
        )
        """The position after which the page begins."""
        self.take = page.limit + 1
        """How many rows to read: one more than are shown tells whether there are more."""

    @property
    def after_one(self) -> Any:
        """The position, of a list that is sorted by one value."""
        return self.after[0] if self.after else None

    async def answer(
        self,
        rows: Sequence[R],
        *,
        make: Callable[[R], T],
        position: Callable[[R], list[Any]],
        total: Callable[[], Awaitable[int]],
    ) -> Page[T]:
        """The page of these rows; the total is asked for only where it is wanted."""
        shown = rows[: self._page.limit]
        more = len(rows) > len(shown)
        return Page(
            items=[make(row) for row in shown],
            next_cursor=encode_cursor(position(shown[-1]), self._bound_to) if more else None,
            total=Total(value=await total()) if self._page.count else None,
        )


def encode_cursor(position: list[Any], bound_to: bytes) -> str:
    """An opaque cursor of a position (sort values, then the id)."""
    payload = orjson.dumps([_pack(value) for value in position])
    return base64.urlsafe_b64encode(_sign(payload, bound_to) + payload).decode().rstrip("=")


def decode_cursor(cursor: str, bound_to: bytes) -> list[Any]:
    """The position in a cursor.

    Raises Malformed: CURSOR_INVALID, also for a cursor of another list, filter, sort or account.
    """
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raw = b""
    signature, payload = raw[:_SIGNATURE], raw[_SIGNATURE:]
    if not payload or not hmac.compare_digest(signature, _sign(payload, bound_to)):
        raise _cursor_invalid()
    return [_unpack(value) for value in orjson.loads(payload)]


def _cursor_invalid() -> Malformed:
    return Malformed("CURSOR_INVALID", "The cursor does not belong to this list, filter and sort.")


def _sign(payload: bytes, bound_to: bytes) -> bytes:
    key = settings().secret_key.get_secret_value().encode()
    return hmac.digest(key, b"cursor" + bound_to + payload, "sha256")[:_SIGNATURE]


def _pack(value: Any) -> Any:
    """JSON loses the types of times and decimals: they travel with a mark."""
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    if isinstance(value, Decimal):
        return {"n": str(value)}
    return value


_UNPACK: dict[str, Callable[[str], Any]] = {
    "t": datetime.fromisoformat,
    "d": date.fromisoformat,
    "n": Decimal,
}


def _unpack(value: Any) -> Any:
    if isinstance(value, dict):
        ((mark, text),) = value.items()
        return _UNPACK[mark](text)
    return value
