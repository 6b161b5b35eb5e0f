"""Heavy requests: two of an account at once, and none for a caller who has gone."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from sqlalchemy import text

from clientbase.accounts.schemas import AccountInfo
from clientbase.app import create_app
from clientbase.kit.db import Sessions, writing
from tests import factories
from tests.search.bases import field, tree
from tests.segments.work import SEGMENTS
from tests.waiting import eventually

FILTER = tree(field("city", "eq", "Казань"))
GONE_SECONDS = 5
_BLOCKED = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'relation'")


@asynccontextmanager
async def standing_still(sessions: Sessions) -> AsyncIterator[None]:
    """Whoever reads clients waits."""
    async with writing(sessions) as session:
        await session.execute(text("LOCK TABLE clients IN ACCESS EXCLUSIVE MODE"))
        yield


async def blocked(sessions: Sessions, number: int, seconds: float = 10) -> float:
    async def are_so() -> bool:
        async with sessions() as session:
            return int(await session.scalar(_BLOCKED) or 0) == number

    return await eventually(are_so, seconds=seconds, said=f"{number} that wait")


async def test_two_previews_of_an_account_at_once_and_the_third_is_told_to_wait(
    api: httpx.AsyncClient, other_api: httpx.AsyncClient, sessions: Sessions
) -> None:
    async def preview(client: httpx.AsyncClient) -> httpx.Response:
        return await client.post(f"{SEGMENTS}/preview", json={"filter": FILTER})

    async with standing_still(sessions):
        first = [asyncio.ensure_future(preview(api)) for _ in range(2)]
        await blocked(sessions, 2)
        foreign = asyncio.ensure_future(preview(other_api))
        third = await preview(api)
        await blocked(sessions, 3)
    assert (third.status_code, third.json()["code"]) == (429, "TOO_MANY_AT_ONCE")
    assert int(third.headers["retry-after"]) >= 1
    assert [answer.status_code for answer in await asyncio.gather(*first, foreign)] == [200] * 3
    assert (await preview(api)).status_code == 200


async def test_the_query_of_a_caller_who_has_gone_is_ended(sessions: Sessions, account: AccountInfo) -> None:
    key = await factories.create_key(sessions, account)
    body = json.dumps({"filter": FILTER}).encode()
    gone = asyncio.Event()
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> dict[str, Any]:
        for message in messages:
            return message
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        pass

    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    scope = {
        "type": "http", "method": "POST", "path": f"{SEGMENTS}/preview", "raw_path": b"", "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "http_version": "1.1", "scheme": "http", "server": ("test", 80), "client": ("test", 1),
        "root_path": "",
    }  # fmt: skip
    async with standing_still(sessions):
        asked = asyncio.ensure_future(create_app(sessions)(scope, receive, send))
        await blocked(sessions, 1)
        gone.set()
        async with asyncio.timeout(GONE_SECONDS):
            await asked
        await blocked(sessions, 0, seconds=GONE_SECONDS)
