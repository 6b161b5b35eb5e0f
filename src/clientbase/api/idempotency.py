"""Idempotency keys: the same POST again gets the same answer, kept in the transaction of its effect."""

import hashlib
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from sqlalchemy import insert, text

from clientbase.kit import clock
from clientbase.kit.db import WriteSession
from clientbase.kit.errors import Conflict, Invalid, Malformed
from clientbase.models import IdempotencyKey
from clientbase.models.accounts import IDEMPOTENCY_KEYS_KEPT

HEADER = "Idempotency-Key"
MAX_LENGTH = 255
_KEPT_HEADERS = ("content-type", "location", "etag", "link")
_TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, :account_id))")


@dataclass
class Call:
    """A POST that carries a key: what is needed to recognise it and to keep its answer."""

    account_id: int
    route: str
    key: str
    fingerprint: bytes
    shown_once: bool = False
    """The answer holds a secret: it is never kept, and a repetition is refused instead of replayed."""
    session: WriteSession | None = None


class Replay(Exception):
    """The answer of the first such request, to be given again."""

    def __init__(self, response: Response) -> None:
        self.response = response


def call_of(request: Request, route: str, body: bytes, *, required: bool) -> Call | None:
    """The call that a POST makes, or None without a key. Raises Malformed for a bad or missing key."""
    keys = request.headers.getlist(HEADER)
    if not keys and not required:
        return None
    if not keys:
        raise Malformed("IDEMPOTENCY_KEY_MISSING", "This operation needs an Idempotency-Key header.")
    key = keys[0]
    if len(keys) > 1 or not 1 <= len(key) <= MAX_LENGTH or not (key.isascii() and key.isprintable()):
        raise Malformed("INVALID_HEADER", "One Idempotency-Key of 1 to 255 printable ASCII characters.")
    caller = request.state.caller
    sent = b"\0".join((caller.key_id.encode(), request.url.query.encode(), body))
    return Call(
        caller.account.id,
        f"{request.method} {request.url.path}",
        key,
        hashlib.sha256(sent).digest(),
        shown_once=(request.scope["route"].openapi_extra or {}).get("x-shown-once", False),
    )


async def begin(session: WriteSession, request: Request) -> None:
    """Before the effect: replay the kept answer, or hold the key for this transaction.

    Raises Replay; Conflict while the first is still running, or when its answer was shown once only; Invalid
    when the body or the API key differs.
    """
    call: Call | None = getattr(request.state, "idempotent_call", None)
    if call is None:
        return
    name = f"{call.route} {call.key}"
    if not await session.scalar(_TRY_LOCK, {"name": name, "account_id": call.account_id}):
        raise Conflict("IDEMPOTENT_REQUEST_RUNNING", "The first request with this key is still running.")
    kept = await _kept(session, call)
    if kept is None:
        call.session = session
        return
    if kept.fingerprint != call.fingerprint:
        raise Invalid("IDEMPOTENCY_KEY_REUSED", "This key was used with another request.")
    if call.shown_once:
        raise Conflict("SHOWN_ONCE", "It was made by the first request, whose answer is shown only once.")
    headers = {**kept.headers, "Idempotency-Replayed": "true"}
    raise Replay(Response(kept.body, kept.status, headers))


async def _kept(session: WriteSession, call: Call) -> IdempotencyKey | None:
    """The record of the first request; one that has outlived its time is deleted and as if absent."""
    kept = await session.get(IdempotencyKey, (call.account_id, call.route, call.key))
    if kept is not None and kept.created_at < clock.now() - IDEMPOTENCY_KEYS_KEPT:
        await session.delete(kept)
        await session.flush()
        return None
    return kept


async def keep(call: Call, response: Response) -> None:
    """After the effect, before its commit: store the answer. Answers of errors are not kept."""
    if call.session is None or response.status_code >= 400:
        return
    values: dict[str, Any] = {
        "account_id": call.account_id,
        "route": call.route,
        "key": call.key,
        "fingerprint": call.fingerprint,
        "status": response.status_code,
        "headers": {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers},
        "body": b"" if call.shown_once else bytes(response.body),
        "created_at": clock.now(),
    }
    await call.session.execute(insert(IdempotencyKey).values(**values))
