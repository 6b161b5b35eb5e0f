"""What goes wrong below the routes: the database says no, the caller goes away, the code fails."""

import asyncio
import json

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from clientbase.accounts.schemas import AccountInfo
from clientbase.app import create_app
from clientbase.config import settings
from clientbase.kit.db import Sessions, make_engine, reading, session_factory, writing
from tests import factories
from tests.conftest import http_client
from tests.databases import Databases

TAGS = "/api/v1/tags"
_WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'")


async def _somebody_waits(sessions: Sessions) -> None:
    async with reading(sessions) as session:
        while not await session.scalar(_WAITING):
            pass


async def test_the_second_of_two_equal_creations_at_once_is_told(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    values = {"account_id": account.id}
    made = text(
        "INSERT INTO tags (account_id, code, name, color, created_at, updated_at) "
        "VALUES (:account_id, 'vip', 'VIP', '#000000', now(), now())"
    )
    async with writing(sessions) as first:
        await first.execute(made, values)
        second = asyncio.create_task(api.post(TAGS, json={"name": "VIP", "code": "vip"}))
        await asyncio.wait_for(_somebody_waits(sessions), 10)
    answer = await second
    assert (answer.status_code, answer.json()["code"]) == (409, "ALREADY_EXISTS")
    assert (await api.get(TAGS)).json()["total"]["value"] == 1


async def test_a_statement_that_takes_too_long_is_no_lost_database(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLIENTBASE_DATABASE_STATEMENT_TIMEOUT_MS", "300")
    settings.cache_clear()
    engine = make_engine(databases.clone("slow").service_url)
    monkeypatch.undo()
    settings.cache_clear()
    sessions = session_factory(engine)
    key = await factories.create_key(sessions, await factories.create_account(sessions))
    async with http_client(sessions, key) as api, writing(sessions) as other:
        await other.execute(text("LOCK TABLE tags IN SHARE MODE"))
        answer = await api.post(TAGS, json={"name": "A"})
    await engine.dispose()
    assert (answer.status_code, answer.json()["code"]) == (503, "QUERY_TOO_SLOW")
    assert int(answer.headers["retry-after"]) > 2


@pytest.fixture
def app(sessions: Sessions) -> FastAPI:
    """The application with two routes that fail."""
    app = create_app(sessions)

    @app.get("/too-large")
    async def too_large() -> None:
        async with reading(sessions) as session:
            await session.execute(text("SELECT 2147483647 + 1"))

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("canary")

    return app


async def test_a_number_that_the_database_cannot_hold_is_the_callers(app: FastAPI) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        answer = await client.get("/too-large")
    assert (answer.status_code, answer.json()["code"]) == (422, "NUMBER_OUT_OF_RANGE")


async def test_an_answer_to_our_own_fault_has_the_headers_of_every_answer(app: FastAPI) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        answer = await client.get("/broken", headers={"X-Request-ID": "mine"})
    assert (answer.status_code, answer.json()["code"]) == (500, "INTERNAL_ERROR")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"] == answer.json()["request_id"] == "mine"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "canary" not in answer.text


async def test_a_body_that_ends_early_is_the_callers(sessions: Sessions, account: AccountInfo) -> None:
    key = await factories.create_key(sessions, account)
    parts = [
        {"type": "http.request", "body": b'{"name": ', "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[dict] = []

    async def receive() -> dict:
        return parts.pop(0)

    async def send(message: dict) -> None:
        sent.append(message)

    headers = [(b"authorization", f"Bearer {key}".encode()), (b"content-type", b"application/json")]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": TAGS, "raw_path": TAGS.encode(), "root_path": "", "query_string": b"", "headers": headers,
        "client": ("127.0.0.1", 1), "server": ("test", 80),
    }  # fmt: skip
    await create_app(sessions)(scope, receive, send)
    assert sent[0]["status"] == 400
    assert json.loads(sent[1]["body"])["code"] == "BODY_ABORTED"
