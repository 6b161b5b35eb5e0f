"""The route of every operation: scope first, then strict JSON, then idempotency, then the handler."""

from collections.abc import Callable, Coroutine
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.requests import ClientDisconnect

from clientbase.accounts.schemas import Caller
from clientbase.accounts.scopes import Scope
from clientbase.accounts.service import authenticate
from clientbase.api import idempotency, limits, uploads
from clientbase.api.errors import documented, pointer
from clientbase.api.rows import next_link
from clientbase.api.turns import Turns, while_awaited
from clientbase.config import settings
from clientbase.kit import json
from clientbase.kit.db import writing
from clientbase.kit.errors import (
    Forbidden,
    Item,
    Malformed,
    TooLarge,
    Unauthenticated,
    UnsupportedMedia,
    invalid,
)

COMMON_ERRORS = (400, 401, 403, 422, 429, 503)
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Route(APIRoute):
    """An operation with its scope, body bound and idempotency declared in `openapi_extra`."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()
        extra = self.openapi_extra or {}
        query = _query_names(self.dependant)

        async def guarded(request: Request) -> Response:
            try:
                request.state.caller = await _caller(request)
            finally:  # whoever asks is counted: a caller by his key, anybody else by his address
                await limits.hit(request, heavy=extra.get("x-heavy", False))
            _check_scope(request.state.caller, Scope(extra["x-scope"]))
            _check_address(request, query)
            if extra.get("x-upload"):
                async with uploads.received(request) as digest:
                    return await self._answer(handle, request, digest)
            body = await _read(request, extra, has_body=self.body_field is not None)
            if extra.get("x-heavy") and extra.get("x-reads"):
                return await self._heavy_answer(handle, request, body)
            return await self._answer(handle, request, body)

        return guarded

    async def _answer(self, handle: Handler, request: Request, body: bytes) -> Response:
        """The handler's answer, or the kept one of the same call; `body` stands for what was sent."""
        extra = self.openapi_extra or {}
        call = None
        if self.methods == {"POST"} and not extra.get("x-reads"):
            required = extra.get("x-idempotency-key") == "required"
            call = idempotency.call_of(request, self.path, body, required=required)
            request.state.idempotent_call = call
        try:
            response = await handle(request)
        except idempotency.Replay as replay:
            return replay.response
        if call is not None:
            await idempotency.keep(call, response)
        if self._is_list():
            _link_next(request, response)
        return response

    async def _heavy_answer(self, handle: Handler, request: Request, body: bytes) -> Response:
        """The answer when the account's turn comes, for as long as somebody waits for it."""
        turns: Turns = request.app.state.turns
        async with turns.taken(request.state.caller.account.id):
            return await while_awaited(request, self._answer(handle, request, body))

    def _is_list(self) -> bool:
        return self.methods == {"GET"} and "next_cursor" in getattr(self.response_model, "model_fields", ())


def _link_next(request: Request, response: Response) -> None:
    """`Link` to the next page, unless the handler, which knew the cursor already, has given it."""
    if response.status_code == 200 and "link" not in response.headers:
        response.headers.update(next_link(request, orjson.loads(response.body)["next_cursor"]))


def _query_names(dependant: Dependant) -> frozenset[str]:
    """The names of all parameters that the query of an operation may have."""
    names = {name for part in dependant.dependencies for name in _query_names(part)}
    for field in dependant.query_params:
        shape = field.field_info.annotation
        if isinstance(shape, type) and issubclass(shape, BaseModel):
            names |= {part.alias or name for name, part in shape.model_fields.items()}
        else:
            names.add(field.alias)
    return frozenset(names)


async def _caller(request: Request) -> Caller:
    """Who asks, by the key in the header. Raises Unauthenticated."""
    kind, _, key = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not key:
        raise Unauthenticated("UNAUTHENTICATED", "Send `Authorization: Bearer cb_…`.")
    async with writing(request.app.state.sessions) as session:
        return await authenticate(session, key=key.strip())


def _check_scope(caller: Caller, scope: Scope) -> None:
    """Raises Forbidden when the key lacks the scope."""
    if not caller.may(scope):
        raise Forbidden("SCOPE_MISSING", f"The key lacks the scope {scope}.")


def _check_address(request: Request, query: frozenset[str]) -> None:
    """NUL and half surrogates of an address never reach the database; its query has declared names only.

    Raises Invalid (UNKNOWN_FIELD for another name), Malformed.
    """
    for value in (
        *request.path_params.values(),
        *request.query_params.values(),
        *request.query_params.keys(),
    ):
        json.check_text(value)
    unknown = [name for name in request.query_params if name not in query]
    if unknown:
        raise invalid(
            Item(pointer("query", name), "UNKNOWN_FIELD", "There is no such parameter.") for name in unknown
        )


async def _read(request: Request, extra: dict[str, Any], *, has_body: bool) -> bytes:
    """The body, bounded, and parsed strictly into what FastAPI will read.

    Raises TooLarge, UnsupportedMedia, Malformed.
    """
    bound = settings().max_batch_body_bytes if extra.get("x-batch") else settings().max_body_bytes
    body = request._body = await _received(request, bound)
    if body and has_body:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in ("application/json", "application/merge-patch+json"):
            raise UnsupportedMedia("UNSUPPORTED_MEDIA_TYPE", "Send the body as application/json.")
        request._json = json.loads(body)
    return body


async def _received(request: Request, bound: int) -> bytes:
    """The bytes of the body. Raises TooLarge, Malformed when the caller has gone before its end."""
    chunks, size = [], 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > bound:
                raise TooLarge("BODY_TOO_LARGE", f"The body is larger than {bound} bytes.")
            chunks.append(chunk)
    except ClientDisconnect:
        raise Malformed("BODY_ABORTED", "The body ended before its end.") from None
    return b"".join(chunks)


class ApiRouter:
    """A router whose operations must declare a scope.

    `heavy`: its own, lower rate limit, and when it only `reads` few at once; `batch`: the larger bound of
    bodies; `reads`: a POST that writes nothing; `upload`: the handler reads the body itself;
    `idempotency_key="required"`: refused without a key. `errors`: further statuses beside the ones every
    operation may answer with; `headers`: what every success carries (names of `answer_headers`).
    """

    def __init__(self, *, tag: str) -> None:
        self.routes = APIRouter(tags=[tag], route_class=Route)

    def add(
        self,
        method: str,
        path: str,
        *,
        scope: Scope,
        errors: tuple[int, ...] = (),
        headers: tuple[str, ...] = (),
        heavy: bool = False,
        batch: bool = False,
        reads: bool = False,
        upload: bool = False,
        idempotency_key: str | None = None,
        **options: Any,
    ) -> Decorator:
        """Declare one operation."""
        flags = {"x-heavy": heavy, "x-batch": batch, "x-reads": reads, "x-upload": upload}
        extra: dict[str, Any] = {"x-scope": str(scope), **{name: True for name, on in flags.items() if on}}
        if idempotency_key:
            extra["x-idempotency-key"] = idempotency_key
        if headers:
            extra["x-headers"] = list(headers)
        extra |= options.pop("openapi_extra", {})
        body_errors = (413, 415) if method != "GET" else ()
        conflicts = (409,) if method in ("POST", "PUT", "PATCH") and not reads else ()
        responses = documented(*sorted({*COMMON_ERRORS, *errors, *body_errors, *conflicts})) | options.pop(
            "responses", {}
        )
        return self.routes.api_route(
            path, methods=[method], openapi_extra=extra, responses=responses, **options
        )

    def get(self, path: str, *, scope: Scope, **options: Any) -> Decorator:
        """Declare a GET."""
        return self.add("GET", path, scope=scope, **options)

    def post(self, path: str, *, scope: Scope, **options: Any) -> Decorator:
        """Declare a POST."""
        return self.add("POST", path, scope=scope, **options)

    def patch(self, path: str, *, scope: Scope, **options: Any) -> Decorator:
        """Declare a PATCH (JSON merge patch)."""
        return self.add("PATCH", path, scope=scope, **options)

    def put(self, path: str, *, scope: Scope, **options: Any) -> Decorator:
        """Declare a PUT."""
        return self.add("PUT", path, scope=scope, **options)

    def delete(self, path: str, *, scope: Scope, **options: Any) -> Decorator:
        """Declare a DELETE."""
        return self.add("DELETE", path, scope=scope, **options)
