"""Headers of answers: what each says, and which answers always carry which."""

from collections.abc import Iterable
from typing import Any

_TEXT = {"type": "string"}
_HEADERS: dict[str, tuple[str, dict[str, Any]]] = {
    "X-Request-ID": ("Names this request in our log; yours when you send a plain one", _TEXT),
    "RateLimit-Policy": ('The limit that counts here: `"default";q=600;w=60`, quota and seconds', _TEXT),
    "RateLimit": ('What is left of it: `"default";r=599;t=60`, requests and seconds', _TEXT),
    "Retry-After": ("Seconds to wait", {"type": "integer", "minimum": 1}),
    "WWW-Authenticate": ("How to authenticate", _TEXT),
    "ETag": ("Version of the resource, for `If-Match`", {"type": "string", "pattern": '^".*"$'}),
    "Location": ("Address of what was made: the resource, or the run of long work", _TEXT),
    "Link": ('The next page: `<…>; rel="next"`; absent on the last one', _TEXT),
    "Idempotency-Replayed": ("`true` when this is the kept answer of an earlier request", _TEXT),
    "Content-Language": ("Language of the labels", {"type": "string", "enum": ["ru", "en"]}),
    "Content-Disposition": ("Name of the file", _TEXT),
}
_ALWAYS = {401: ("WWW-Authenticate",), 429: ("Retry-After",), 503: ("Retry-After",)}
_SOMETIMES = ("Link", "Idempotency-Replayed")
NAMES = frozenset(_HEADERS)


def documented(status: int, declared: Iterable[str]) -> dict[str, Any]:
    """The `headers` of an answer: those of every answer, and of a success those that its route declares."""
    own = declared if status < 300 else ()
    names = ["X-Request-ID", "RateLimit-Policy", "RateLimit", *_ALWAYS.get(status, ()), *own]
    return {name: _header(name, status) for name in names}


def _header(name: str, status: int) -> dict[str, Any]:
    text, schema = _HEADERS[name]
    # A refusal may come before the limits are looked at.
    always = name not in _SOMETIMES and (status < 300 or not name.startswith("RateLimit"))
    return {"description": text, "required": always, "schema": schema}
