"""Problems as answers: which class is which status, and how each is written (RFC 9457)."""

from collections.abc import Sequence
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from pydantic import Field
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from clientbase.api import limits
from clientbase.kit import errors
from clientbase.kit.logging import get_logger
from clientbase.kit.schema import Shape

MEDIA_TYPE = "application/problem+json"
STATUS: dict[type[errors.Problem], int] = {
    errors.Malformed: 400,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Gone: 410,
    errors.Stale: 412,
    errors.TooLarge: 413,
    errors.UnsupportedMedia: 415,
    errors.Invalid: 422,
    errors.PreconditionMissing: 428,
    errors.TooMany: 429,
    errors.Unavailable: 503,
}
TITLES = {
    400: "Malformed request", 401: "Not authenticated", 403: "Not allowed", 404: "Not found",
    405: "Method not allowed", 409: "Conflict", 410: "Gone", 412: "Changed meanwhile", 413: "Too large",
    415: "Unsupported media type", 416: "Range not satisfiable", 422: "Wrong in meaning",
    428: "Precondition missing", 429: "Too many requests", 500: "Internal error", 503: "Try again later",
}  # fmt: skip
_MAX_ITEMS = 1000
_MAX_POINTER = 4096
log = get_logger(__name__)


class ProblemItem(Shape):
    """One wrong place of the request."""

    pointer: str = Field(max_length=_MAX_POINTER, examples=["/filter/root/nodes/0/value"])
    code: str = Field(max_length=64, examples=["WRONG_TYPE"])
    message: str = Field(max_length=1000)
    allowed: list[Any] | None = Field(default=None, max_length=_MAX_ITEMS)


class ProblemOut(Shape):
    """An error (RFC 9457)."""

    type: str = Field(max_length=255)
    title: str = Field(max_length=255)
    status: int = Field(ge=400, le=599)
    detail: str = Field(max_length=1000)
    code: str = Field(max_length=64)
    request_id: str = Field(max_length=64)
    errors: list[ProblemItem] = Field(default_factory=list, max_length=_MAX_ITEMS)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route for these statuses."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}
    return {status: {"description": TITLES[status], "content": content} for status in statuses}


def render(
    request: Request,
    status: int,
    code: str,
    detail: str,
    items: Sequence[errors.Item] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    """One problem as an answer; values of the request are never echoed."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES.get(status, "Error"),
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": request.scope.get("request_id", ""),
        "errors": [_item(item) for item in items[:_MAX_ITEMS]],
    }
    return Response(orjson.dumps(body, default=str), status, headers, media_type=MEDIA_TYPE)


def _item(item: errors.Item) -> dict[str, Any]:
    body: dict[str, Any] = {
        "pointer": item.pointer[:_MAX_POINTER],
        "code": item.code,
        "message": item.message,
    }
    return body if item.allowed is None else {**body, "allowed": list(item.allowed[:_MAX_ITEMS])}


async def _problem(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, errors.Problem)
    headers = {}
    if problem.retry_after is not None:
        headers["Retry-After"] = str(max(1, round(problem.retry_after)))
    if isinstance(problem, errors.Unauthenticated):
        headers["WWW-Authenticate"] = 'Bearer realm="clientbase"'
    status = STATUS[type(problem)]
    return render(request, status, problem.code, problem.detail, problem.errors, headers)


_CODES = {
    "missing": "MISSING_FIELD",
    "extra_forbidden": "UNKNOWN_FIELD",
    "string_too_long": "TOO_LONG",
    "string_too_short": "TOO_SHORT",
    "too_long": "TOO_MANY_ITEMS",
    "too_short": "TOO_FEW_ITEMS",
    "greater_than_equal": "NUMBER_OUT_OF_RANGE",
    "less_than_equal": "NUMBER_OUT_OF_RANGE",
    "string_pattern_mismatch": "BAD_FORM",
    "literal_error": "NOT_ALLOWED",
    "enum": "NOT_ALLOWED",
}


def pointer(*places: str) -> str:
    """The JSON pointer (RFC 6901) that leads through these places."""
    return "".join("/" + place.replace("~", "~0").replace("/", "~1") for place in places)


def _validation_item(error: dict[str, Any]) -> errors.Item:
    kind = error["type"]
    code = _CODES.get(kind) or (kind.upper() if kind.isidentifier() and "_type" not in kind else "WRONG_TYPE")
    places = [str(part) for part in error["loc"] if part != "body"]
    return errors.Item(pointer(*places), code, error["msg"])


async def _validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    items = [_validation_item(item) for item in error.errors()]
    return render(request, 422, "VALIDATION_FAILED", "The request is readable but wrong in meaning.", items)


_HTTP_CODES = {
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    413: "BODY_TOO_LARGE",
    416: "RANGE_NOT_SATISFIABLE",
}


async def _http(request: Request, error: Exception) -> Response:
    """What no route has taken comes here uncounted, and counts for its address."""
    assert isinstance(error, HTTPException)
    if not hasattr(request.state, "rate"):
        try:
            await limits.hit(request)
        except errors.TooMany as problem:
            return await _problem(request, problem)
    status, headers = error.status_code, dict(error.headers or {})
    if status == 405:
        headers["Allow"] = ", ".join(_methods(request))
    code = _HTTP_CODES.get(status, "BAD_REQUEST")
    return render(request, status, code, TITLES.get(status, "Error"), headers=headers)


def _methods(request: Request) -> list[str]:
    """All methods of a path; the router knows only those of the first operation that it finds there."""
    routes = (
        route
        for route in iter_route_contexts(request.app.routes)
        if route.matches(request.scope)[0] is not Match.NONE
    )
    return sorted({method for route in routes for method in route.methods or ()})


_LOST = errors.Unavailable("UNAVAILABLE", "The database does not answer; try again.", retry_after=2)
_REFUSED: dict[str, errors.Problem] = {
    "22003": errors.Invalid("NUMBER_OUT_OF_RANGE", "A number is larger than can be kept."),
    "23505": errors.Conflict("ALREADY_EXISTS", "Another request has just made the same."),
    "57014": errors.Unavailable("QUERY_TOO_SLOW", "This takes longer than is allowed.", retry_after=30),
}
"""What the database says no to, by SQLSTATE."""


async def _database(request: Request, error: Exception) -> Response:
    """Lost connections and an empty pool are temporary; what is neither that nor a no is ours to mend."""
    state = getattr(getattr(error, "orig", None), "sqlstate", None) or ""
    if state in _REFUSED:
        log.warning("database_refused", sqlstate=state)
        return await _problem(request, _REFUSED[state])
    lost = isinstance(error, PoolTimeoutError | InterfaceError) or (
        isinstance(error, DBAPIError)
        and (error.connection_invalidated or state[:2] in ("08", "53", "57", "40"))
    )
    if lost or isinstance(error, OperationalError | OSError):
        log.warning("database_unavailable", sqlstate=state, kind=type(error).__name__)
        return await _problem(request, _LOST)
    return unexpected(request, error)


def unexpected(request: Request, error: Exception) -> Response:
    """The answer to what nobody has foreseen, which is logged."""
    log.error("unexpected_error", kind=type(error).__name__, exc_info=error)
    return render(request, 500, "INTERNAL_ERROR", "Something went wrong on our side.")


def install(app: FastAPI) -> None:
    """Every error with a meaning goes through here; the middleware answers the others."""
    app.add_exception_handler(errors.Problem, _problem)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(DBAPIError, _database)
    app.add_exception_handler(PoolTimeoutError, _database)
    app.add_exception_handler(OSError, _database)
