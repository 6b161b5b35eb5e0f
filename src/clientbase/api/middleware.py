"""What every request passes: its id, its log line, its metrics, and the headers of every answer."""

import re
import time
import uuid
from typing import Any

import structlog
from prometheus_client import Counter, Histogram
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clientbase.api.errors import unexpected
from clientbase.kit.logging import get_logger

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
}
REQUESTS = Counter("clientbase_http_requests_total", "Requests", ["method", "route", "status"])
SECONDS = Histogram("clientbase_http_request_seconds", "Duration of requests", ["method", "route"])
log = get_logger(__name__)


class RequestMiddleware:
    """Pure ASGI, so that it neither buffers answers nor swallows disconnects."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = scope["request_id"] = _request_id(scope)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started, status = time.perf_counter(), 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(scope, MutableHeaders(scope=message))
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        except Exception as error:  # what no handler of the app has foreseen: the answer is ours to give
            if status:  # it has begun and cannot be taken back
                raise
            answer = unexpected(Request(scope), error)
            await answer(scope, receive, send_with_headers)
        finally:
            _observe(scope, status or 500, time.perf_counter() - started)


def _request_id(scope: Scope) -> str:
    given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
    return given if _ID.fullmatch(given) else uuid.uuid4().hex


def _add_headers(scope: Scope, headers: MutableHeaders) -> None:
    headers["X-Request-ID"] = scope["request_id"]
    for name, value in _SECURITY.items():
        headers.setdefault(name, value)
    headers.setdefault("Cache-Control", "no-store")
    rate = scope.get("state", {}).get("rate")
    if rate is not None:
        headers["RateLimit-Policy"] = f'"{rate.policy}";q={rate.quota};w=60'
        headers["RateLimit"] = f'"{rate.policy}";r={rate.remaining};t={rate.reset_seconds}'


def _observe(scope: Scope, status: int, seconds: float) -> None:
    """The route's template is logged, never the path: a query or an id may be personal."""
    route: Any = scope.get("route")
    template = getattr(route, "path", "unmatched")
    REQUESTS.labels(scope["method"], template, status).inc()
    SECONDS.labels(scope["method"], template).observe(seconds)
    log.info("request", method=scope["method"], route=template, status=status, ms=round(seconds * 1000, 1))
