"""The same POST many times at once, from several connections: one effect, one answer."""

import asyncio
from datetime import timedelta

import httpx
from sqlalchemy import text, update

from clientbase.accounts.schemas import AccountInfo
from clientbase.kit import clock
from clientbase.kit.db import Sessions
from clientbase.models import IdempotencyKey
from clientbase.models.accounts import IDEMPOTENCY_KEYS_KEPT
from tests import factories
from tests.conftest import http_client

PATH = "/api/v1/tags"


async def test_many_at_once_have_one_effect(api: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "together"}
    answers = await asyncio.gather(
        *(api.post(PATH, json={"name": "Один"}, headers=headers) for _ in range(16))
    )
    statuses = {answer.status_code for answer in answers}
    assert statuses <= {201, 409}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {
        "IDEMPOTENT_REQUEST_RUNNING"
    }
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    again = await api.post(PATH, json={"name": "Один"}, headers=headers)
    assert again.headers["idempotency-replayed"] == "true"
    assert (await api.get(PATH)).json()["total"]["value"] == 1


async def test_a_failed_request_leaves_its_key_free(api: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "retry"}
    await api.post(PATH, json={"name": "A", "code": "taken"})
    refused = await api.post(PATH, json={"name": "A", "code": "taken"}, headers=headers)
    assert refused.status_code == 409
    made = await api.post(PATH, json={"name": "A", "code": "free"}, headers=headers)
    assert made.status_code == 201


async def test_keys_of_accounts_and_routes_are_apart(
    api: httpx.AsyncClient, other_api: httpx.AsyncClient
) -> None:
    headers = {"Idempotency-Key": "same"}
    body = {"name": "A", "code": "a", "type": "text"}
    assert (await api.post(PATH, json={"name": "A", "code": "a"}, headers=headers)).status_code == 201
    assert (await other_api.post(PATH, json={"name": "A", "code": "a"}, headers=headers)).status_code == 201
    assert (await api.post("/api/v1/client-params", json=body, headers=headers)).status_code == 201


async def test_a_secret_is_shown_once_and_never_kept(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    path, body = "/api/v1/api-keys", {"name": "reader", "scopes": ["clients:read"]}
    headers = {"Idempotency-Key": "secret"}
    made = await api.post(path, json=body, headers=headers)
    assert made.status_code == 201
    again = await api.post(path, json=body, headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "SHOWN_ONCE")
    assert (await api.get(path)).json()["total"]["value"] == 2
    kept = text(
        "SELECT count(*) FROM idempotency_keys k WHERE account_id = :id AND position(:s IN k.body) > 0"
    )
    async with sessions() as session:
        values = {"id": account.id, "s": made.json()["key"].rpartition("_")[2].encode()}
        assert await session.scalar(kept, values) == 0


async def test_an_answer_is_replayed_only_to_the_key_that_asked(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    path, headers = "/api/v1/clients", {"Idempotency-Key": "client"}
    body = {"phones": [{"value": "+79161234567"}]}
    assert (await api.post(path, json=body, headers=headers)).status_code == 201
    assert (await api.post(path, json=body, headers=headers)).status_code == 201
    blind = await factories.create_key(sessions, account, scopes=["clients:write"])
    async with http_client(sessions, blind) as other:
        refused = await other.post(path, json=body, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert "9161234567" not in refused.text


async def test_a_key_that_has_outlived_its_time_is_as_if_absent(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    headers = {"Idempotency-Key": "old"}
    assert (await api.post(PATH, json={"name": "A"}, headers=headers)).status_code == 201
    old = clock.now() - IDEMPOTENCY_KEYS_KEPT - timedelta(seconds=1)
    async with sessions.begin() as session:
        await session.execute(
            update(IdempotencyKey).where(IdempotencyKey.account_id == account.id).values(created_at=old)
        )
    anew = await api.post(PATH, json={"name": "B"}, headers=headers)
    assert (anew.status_code, anew.json()["name"]) == (201, "B")
    again = await api.post(PATH, json={"name": "B"}, headers=headers)
    assert (again.content, again.headers["idempotency-replayed"]) == (anew.content, "true")


async def test_one_of_many_writers_wins_each_version(api: httpx.AsyncClient) -> None:
    made = await api.post(PATH, json={"name": "0", "code": "counter"})
    etag = made.headers["etag"]
    path = f"{PATH}/counter"
    edits = (api.patch(path, json={"name": str(n)}, headers={"If-Match": etag}) for n in range(8))
    statuses = [answer.status_code for answer in await asyncio.gather(*edits)]
    assert sorted(statuses) == [200] + [412] * 7


async def test_two_loaders_never_make_one_client_twice(api: httpx.AsyncClient) -> None:
    body = {"items": [{"phones": [{"value": "+79161234567"}], "city": "Омск"}]}
    answers = await asyncio.gather(*(api.post("/api/v1/clients/batch", json=body) for _ in range(8)))
    statuses = [answer.json()["items"][0]["status"] for answer in answers]
    assert sorted(statuses) == ["created"] + ["unchanged"] * 7


async def test_edits_and_loads_of_one_client_do_not_wait_for_each_other_for_ever(
    api: httpx.AsyncClient,
) -> None:
    identity = [{"source": "crm", "external_id": "1"}]
    client = (await api.post("/api/v1/clients", json={"identities": identity})).json()
    path = f"/api/v1/clients/{client['id']}"
    loads = (
        api.post("/api/v1/clients/batch", json={"items": [{"identities": identity, "city": str(n)}]})
        for n in range(8)
    )
    edits = (api.patch(path, json={"region": str(n)}) for n in range(8))
    answers = await asyncio.gather(*loads, *edits)
    assert {answer.status_code for answer in answers} == {200, 207}
