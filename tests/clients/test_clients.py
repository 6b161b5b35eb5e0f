"""Clients over HTTP: made, read, changed, upserted in batches, merged, deleted."""

from typing import Any

import httpx
import pytest

from tests.committed import committed_engine, sessions

__all__ = ["committed_engine", "sessions"]

PATH = "/api/v1/clients"
ANNA = {
    "last_name": "Иванова",
    "first_name": "Анна",
    "birth_date": "1990-02-28",
    "phones": [{"value": "8 (916) 123-45-67", "verified": True}, {"value": "+7 495 000 00 00"}],
    "emails": [{"value": "Anna@Example.ru"}],
    "identities": [{"source": "crm", "external_id": "1", "url": "https://crm.example.ru/1"}],
    "bonus_balance": 12.5,
}


async def make(api: httpx.AsyncClient, **values: Any) -> int:
    answer = await api.post(PATH, json=values)
    assert answer.status_code == 201, answer.text
    client_id: int = answer.json()["id"]
    return client_id


async def test_a_client_is_made_read_and_changed(api: httpx.AsyncClient) -> None:
    made = await api.post(PATH, json=ANNA)
    assert made.status_code == 201
    body = made.json()
    assert body["full_name"] == "Иванова Анна"
    assert [phone["value"] for phone in body["phones"]] == ["+79161234567", "+74950000000"]
    assert body["emails"][0]["value"] == "anna@example.ru"
    assert (body["orders_count"], body["revenue"], body["bonus_balance"]) == (0, "0.00", 12.5)

    path = made.headers["location"]
    read = await api.get(path)
    assert read.json() == body
    assert read.headers["etag"] == made.headers["etag"]

    changed = await api.patch(
        path,
        json={"city": "Казань", "phones": [], "birth_date": None},
        headers={"If-Match": read.headers["etag"]},
    )
    assert (changed.json()["city"], changed.json()["phones"], changed.json()["birth_date"]) == (
        "Казань",
        [],
        None,
    )
    stale = await api.patch(path, json={"city": "Омск"}, headers={"If-Match": read.headers["etag"]})
    assert (stale.status_code, stale.json()["code"]) == (412, "STALE")


async def test_only_the_wanted_fields_are_read(api: httpx.AsyncClient) -> None:
    client_id = await make(api, **ANNA)
    answer = await api.get(f"{PATH}/{client_id}", params={"fields": "full_name,emails"})
    assert answer.json().keys() == {"id", "full_name", "emails"}
    unknown = await api.get(f"{PATH}/{client_id}", params={"fields": "full_name,shoe_size"})
    assert (unknown.status_code, unknown.json()["errors"][0]["code"]) == (422, "UNKNOWN_FIELD")


async def test_personal_data_needs_its_scope(api: httpx.AsyncClient) -> None:
    client_id = await make(api, **ANNA)
    key = (await api.post("/api/v1/api-keys", json={"name": "r", "scopes": ["clients:read"]})).json()["key"]
    answer = await api.get(f"{PATH}/{client_id}", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200
    for value in ("Иванова", "9161234567", "example.ru", "1990-02-28"):
        assert value not in answer.text


@pytest.mark.parametrize(
    "same",
    [
        {"identities": [{"source": "crm", "external_id": "1"}]},
        {"phones": [{"value": "89161234567"}]},
        {"emails": [{"value": "ANNA@example.ru"}]},
    ],
)
async def test_a_client_is_not_made_twice(api: httpx.AsyncClient, same: dict[str, Any]) -> None:
    client_id = await make(api, **ANNA)
    second = await api.post(PATH, json=same)
    assert (second.status_code, second.json()["code"]) == (409, "CLIENT_EXISTS")
    assert second.json()["errors"][0]["allowed"] == [client_id]


async def test_a_batch_says_what_became_of_every_row(api: httpx.AsyncClient) -> None:
    items = [ANNA, {"identities": [{"source": "crm", "external_id": "2"}], "gender": "robot"}]
    first = await api.post(f"{PATH}/batch", json={"items": items})
    assert first.status_code == 207
    assert [item["status"] for item in first.json()["items"]] == ["created", "rejected"]
    assert first.json()["items"][1]["errors"][0]["pointer"] == "/gender"
    assert first.json()["progress"] == {"total": 2, "created": 1, "updated": 0, "skipped": 0, "rejected": 1}
    again = await api.post(f"{PATH}/batch", json={"items": items})
    assert [item["status"] for item in again.json()["items"]] == ["unchanged", "rejected"]


async def test_all_faults_of_a_client_are_told_with_their_places(api: httpx.AsyncClient) -> None:
    wrong = {"phones": [{"value": "нет"}], "tags": ["none"], "params": {"none": 1}, "discount_percent": 101}
    answer = await api.post(PATH, json=wrong)
    assert answer.status_code == 422
    assert {(error["pointer"], error["code"]) for error in answer.json()["errors"]} == {
        ("/phones/0/value", "PHONE_INVALID"),
        ("/tags/0", "UNKNOWN_TAG"),
        ("/params/none", "UNKNOWN_PARAM"),
        ("/discount_percent", "NUMBER_OUT_OF_RANGE"),
    }


async def test_params_and_tags_of_a_client(api: httpx.AsyncClient) -> None:
    await api.post("/api/v1/client-params", json={"code": "size", "name": "Размер", "type": "number"})
    await api.post("/api/v1/tags", json={"code": "vip", "name": "VIP"})
    client_id = await make(api, params={"size": 42.5}, tags=["vip"])
    card = (await api.get(f"{PATH}/{client_id}")).json()
    assert card["params"] == {"size": 42.5}
    assert [tag if isinstance(tag, str) else tag["code"] for tag in card["tags"]] == ["vip"]
    wrong = await api.patch(f"{PATH}/{client_id}", json={"params": {"size": "big"}})
    assert wrong.json()["errors"][0]["code"] == "WRONG_TYPE"
    cleared = await api.patch(f"{PATH}/{client_id}", json={"params": {"size": None}, "tags": []})
    assert (cleared.json()["params"], cleared.json()["tags"]) == ({}, [])


async def merge(api: httpx.AsyncClient, survivor: int, *merged: int) -> httpx.Response:
    body = {"survivor_id": survivor, "merged_ids": list(merged)}
    return await api.post(f"{PATH}/merges", json=body, headers={"Idempotency-Key": f"m{survivor}-{merged}"})


async def test_a_merge_joins_cards_facts_and_ids(api: httpx.AsyncClient) -> None:
    survivor = await make(api, first_name="Анна", phones=[{"value": "+79161234567"}])
    other = await make(
        api, **{**ANNA, "first_name": "Аня", "phones": [{"value": "+79160000000"}]}, city="Тверь"
    )
    order = {
        "source": "shop",
        "external_id": "o1",
        "client": {"id": other},
        "status": "done",
        "created_at": "2026-01-01T10:00:00Z",
        "total": "100.00",
    }
    sent = await api.post("/api/v1/orders/batch", json={"items": [order]})
    assert sent.json()["items"][0]["status"] == "created", sent.text

    merged = await merge(api, survivor, other)
    assert merged.status_code == 201, merged.text
    assert merged.json()["moved"]["orders"] == 1

    card = (await api.get(f"{PATH}/{survivor}")).json()
    assert (card["first_name"], card["last_name"], card["city"]) == ("Анна", "Иванова", "Тверь")
    assert {phone["value"] for phone in card["phones"]} == {"+79161234567", "+79160000000"}
    assert (card["orders_count"], card["revenue"]) == (1, "100.00")
    by_old_id = (await api.get(f"{PATH}/{other}")).json()
    assert by_old_id["id"] == survivor
    (row,) = (await api.post(f"{PATH}/batch", json={"items": [{**ANNA, "phones": []}]})).json()["items"]
    assert row["id"] == survivor


async def test_a_merge_is_refused_for_clients_that_do_not_exist(
    api: httpx.AsyncClient, other_api: httpx.AsyncClient
) -> None:
    mine, foreign = await make(api, city="Омск"), await make(other_api, city="Омск")
    for wrong, code in ((foreign, "UNKNOWN_CLIENT"), (mine, "SAME_CLIENT"), (10**12, "UNKNOWN_CLIENT")):
        answer = await merge(api, mine, wrong)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code)
    missing = await api.post(f"{PATH}/merges", json={"survivor_id": mine, "merged_ids": [1]})
    assert (missing.status_code, missing.json()["code"]) == (400, "IDEMPOTENCY_KEY_MISSING")


async def test_a_deleted_client_is_gone_from_everything(api: httpx.AsyncClient) -> None:
    client_id = await make(api, **ANNA)
    assert (await api.delete(f"{PATH}/{client_id}")).status_code == 204
    assert (await api.get(f"{PATH}/{client_id}")).status_code == 404
    assert (await api.delete(f"{PATH}/{client_id}")).status_code == 404
    assert await make(api, **ANNA) != client_id, "ids are never used again"


async def test_clients_of_another_account_do_not_exist(
    api: httpx.AsyncClient, other_api: httpx.AsyncClient
) -> None:
    client_id = await make(api, **ANNA)
    path = f"{PATH}/{client_id}"
    for answer in (
        await other_api.get(path),
        await other_api.patch(path, json={}),
        await other_api.delete(path),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    (row,) = (await other_api.post(f"{PATH}/batch", json={"items": [{"id": client_id, "city": "X"}]})).json()[
        "items"
    ]
    assert row["errors"][0]["code"] == "UNKNOWN_CLIENT"
