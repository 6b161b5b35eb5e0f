"""The route of every operation: scope first, then strict JSON, then idempotency, then the handler."""

from collections.abc import Callable, Coroutine
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

from clientbase.accounts.scopes import Scope
from clientbase.accounts.service import authenticate
from clientbase.api import idempotency, limits, uploads
from clientbase.api.errors import documented
from clientbase.api.rows import next_link
from clientbase.config import settings
from clientbase.kit import json
from clientbase.kit.db import writing
from clientbase.kit.errors import Forbidden, TooLarge, Unauthenticated, UnsupportedMedia

COMMON_ERRORS = (400, 401, 403, 422, 429, 503)
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Route(APIRoute):
    """An operation with its scope, body bound and idempotency declared in `openapi_extra`."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()
        extra = self.openapi_extra or {}

        async def guarded(request: Request) -> Response:
            request.state.caller = await _authorise(request, Scope(extra["x-scope"]))
            _check_address(request)
            await limits.hit(request, heavy=extra.get("x-heavy", False))
            if extra.get("x-upload"):
                async with uploads.received(request) as digest:
                    return await self._answer(handle, request, digest)
            body = await _read(request, extra, has_body=self.body_field is not None)
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

    def _is_list(self) -> bool:
        return self.methods == {"GET"} and "next_cursor" in getattr(self.response_model, "model_fields", ())


def _link_next(request: Request, response: Response) -> None:
    """`Link` to the next page, unless the handler, which knew the cursor already, has given it."""
    if response.status_code == 200 and "link" not in response.headers:
        response.headers.update(next_link(request, orjson.loads(response.body)["next_cursor"]))


async def _authorise(request: Request, scope: Scope) -> Any:
    """Raises Unauthenticated, or Forbidden when the key lacks the scope."""
    kind, _, key = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not key:
        raise Unauthenticated("UNAUTHENTICATED", "Send `Authorization: Bearer cb_…`.")
    async with writing(request.app.state.sessions) as session:
        caller = await authenticate(session, key=key.strip())
    if not caller.may(scope):
        raise Forbidden("SCOPE_MISSING", f"The key lacks the scope {scope}.")
    return caller


def _check_address(request: Request) -> None:
    """NUL and half surrogates of an address never reach the database. Raises Invalid, Malformed."""
    for value in (
        *request.path_params.values(),
        *request.query_params.values(),
        *request.query_params.keys(),
    ):
        json.check_text(value)


async def _read(request: Request, extra: dict[str, Any], *, has_body: bool) -> bytes:
    """The body, bounded, and parsed strictly into what FastAPI will read.

    Raises TooLarge, UnsupportedMedia, Malformed.
    """
    bound = settings().max_batch_body_bytes if extra.get("x-batch") else settings().max_body_bytes
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > bound:
            raise TooLarge("BODY_TOO_LARGE", f"The body is larger than {bound} bytes.")
        chunks.append(chunk)
    body = request._body = b"".join(chunks)
    if body and has_body:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in ("application/json", "application/merge-patch+json"):
            raise UnsupportedMedia("UNSUPPORTED_MEDIA_TYPE", "Send the body as application/json.")
        request._json = json.loads(body)
    return body


class ApiRouter:
    """A router whose operations must declare a scope.

    `heavy`: its own, lower rate limit; `batch`: the larger bound of bodies; `reads`: a POST that writes
    nothing; `upload`: the handler reads the body itself; `idempotency_key="required"`: refused without a key.
    `errors`: further statuses beside the ones every operation may answer with; `headers`: what every success
    carries (names of `answer_headers`).
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
        responses = documented(*sorted({*COMMON_ERRORS, *errors, *body_errors})) | options.pop(
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
