"""Rate limits: told by every answer; a key counts for itself, whoever has none for his address."""

from collections.abc import AsyncIterator

import httpx
import pytest

from clientbase.accounts.schemas import AccountInfo
from clientbase.app import create_app
from clientbase.config import settings
from clientbase.kit.db import Sessions
from tests import factories

TAGS = "/api/v1/tags"
QUOTA = 3


@pytest.fixture
async def limited(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a key of an application that lets three requests a minute through."""
    monkeypatch.setenv("CLIENTBASE_REQUESTS_PER_MINUTE", str(QUOTA))
    settings.cache_clear()
    app = create_app(sessions)
    monkeypatch.undo()
    settings.cache_clear()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


async def bearer(sessions: Sessions, account: AccountInfo, *scopes: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {await factories.create_key(sessions, account, scopes=scopes)}"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", TAGS, 200),
        ("POST", TAGS, 403),
        ("GET", "/api/v1/tags/absent", 404),
        ("GET", "/api/v1/nothing", 404),
        ("PUT", TAGS, 405),
        ("GET", "/api/v1/tags?limit=0", 422),
        ("GET", "/api/v1/tags?limt=1", 422),
    ],
)
async def test_limits_are_on_every_answer(
    limited: httpx.AsyncClient, sessions: Sessions, account: AccountInfo, method: str, path: str, status: int
) -> None:
    reader = await bearer(sessions, account, "clients:read")
    answer = await limited.request(method, path, headers=reader)
    assert answer.status_code == status
    assert answer.headers["ratelimit-policy"] == f'"default";q={QUOTA};w=60'
    assert answer.headers["ratelimit"].startswith(f'"default";r={QUOTA - 1};t=')


async def test_who_is_unknown_counts_for_his_address(
    limited: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    asked = [("GET", TAGS, {}), ("GET", TAGS, {"Authorization": "Bearer cb_a_b"}), ("GET", "/nothing", {})]
    answers = [await limited.request(method, path, headers=headers) for method, path, headers in asked]
    assert [answer.status_code for answer in answers] == [401, 401, 404]
    assert [answer.headers["ratelimit"].split(";")[1] for answer in answers] == ["r=2", "r=1", "r=0"]
    for path in (TAGS, "/nothing"):
        over = await limited.get(path)
        assert (over.status_code, over.json()["code"]) == (429, "RATE_LIMITED")
        assert over.headers["retry-after"]
    known = await limited.get(TAGS, headers=await bearer(sessions, account, "clients:read"))
    assert (known.status_code, known.headers["ratelimit"].split(";")[1]) == (200, "r=2")
    assert (await limited.get("/livez")).status_code == 200, "a probe is never too many"
