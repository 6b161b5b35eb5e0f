"""Traces reach a collector, without values of requests."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from clientbase.app import create_app
from clientbase.config import settings
from clientbase.kit import tracing
from clientbase.kit.db import Sessions
from tests.service import wait_for


@contextmanager
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """A server that keeps what is posted to it."""
    bodies: list[bytes] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", bodies
    server.shutdown()
    server.server_close()


@pytest.mark.skipif(not tracing.INSTALLED, reason="the extra otel is not installed")
async def test_requests_are_traced(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    with collector() as (address, bodies):
        monkeypatch.setenv("CLIENTBASE_OTEL_ENDPOINT", address)
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
        settings.cache_clear()
        app = create_app(sessions)
        monkeypatch.undo()
        settings.cache_clear()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            assert (await client.get("/api/v1/tags?cursor=canary")).status_code == 401
        wait_for(lambda: bodies)
        sent = b"".join(bodies)
        assert b"/tags" in sent
        assert b"canary" not in sent, "queries may be personal"
