"""Exports and imports as they are listed and read: pages, ETags, and filters that read personal data."""

import json
import uuid
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from clientbase.config import settings
from clientbase.jobs.purge import purge
from clientbase.kit import clock
from clientbase.kit.db import writing
from tests import factories
from tests.conftest import http_client
from tests.imports.house import House
from tests.search.bases import field, in_segment, tree

PATH = "/api/v1/exports"


async def begin(house: House, **body: Any) -> dict[str, Any]:
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    answer = await house.api.post(PATH, json={"fields": ["id"], **body}, headers=headers)
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


async def seen(api: httpx.AsyncClient, export_id: int) -> tuple[Any, bool]:
    """The filter and whether it is hidden, the same in the list and alone."""
    alone = (await api.get(f"{PATH}/{export_id}")).json()
    (listed,) = [item for item in (await api.get(PATH)).json()["items"] if item["id"] == export_id]
    assert alone == listed
    return alone["filter"], alone["filter_hidden"]


async def test_a_filter_that_reads_personal_data_is_hidden_from_keys_without_the_scope(house: House) -> None:
    secret = tree(field("phone", "eq", "+79161234567"))
    plain = tree(field("revenue", "gte", "1.00"))
    made = await begin(house, filter=secret)
    assert (made["filter"], made["filter_hidden"]) == (secret, False)
    whole, open_ = made["id"], (await begin(house, filter=plain))["id"]
    assert await seen(house.api, whole) == (secret, False)
    key = await factories.create_key(house.sessions, house.account, scopes=["exports:write"])
    async with http_client(house.sessions, key) as api:
        assert await seen(api, whole) == (None, True)
        assert await seen(api, open_) == (plain, False)


async def test_a_filter_ends_with_the_file_and_leaves_word_of_itself(house: House) -> None:
    wanted = tree(field("phone", "eq", "+79161234567"))
    of_filter, of_all, waiting = [await begin(house, filter=one) for one in (wanted, None, wanted)]
    ids = [made["id"] for made in (of_filter, of_all, waiting)]
    for made in ids[:2]:
        assert (await house.work(made))["state"] == "succeeded"
    await purge_in(house, timedelta(hours=settings().export_retention_hours, minutes=-1))
    assert [await seen(house.api, each) for each in ids] == [(wanted, False), (None, False), (wanted, False)]
    await purge_in(house, timedelta(minutes=2))
    assert [await seen(house.api, each) for each in ids] == [(None, True), (None, False), (wanted, False)]
    assert (await house.work(ids[2]))["state"] == "succeeded"


async def test_an_export_that_has_lost_its_filter_is_not_one_of_everyone(house: House) -> None:
    made = await begin(house, filter=tree(field("phone", "eq", "+79161234567")))
    async with writing(house.sessions) as session:
        await session.execute(text("DELETE FROM export_filters WHERE run_id = :id"), {"id": made["id"]})
    run = await house.work(made["id"])
    assert (run["state"], run["error"]["code"]) == ("failed", "FILTER_EXPIRED")


async def purge_in(house: House, time: timedelta) -> None:
    """As if so much time had passed since the runs ended."""
    older = text(
        "UPDATE runs SET finished_at = finished_at - CAST(:time AS interval) WHERE account_id = :account_id"
    )
    async with writing(house.sessions) as session:
        await session.execute(older, {"time": time, "account_id": house.account.id})
        await purge(session, clock.now())


async def test_a_filter_is_hidden_once_what_it_stands_on_has_become_personal(house: House) -> None:
    body = {"code": "size", "name": "Размер", "type": "text"}
    tag = (await house.api.post("/api/v1/client-params", json=body)).headers["etag"]
    own = tree(field("params.size", "eq", "XL"))
    segment = {"code": "big", "name": "Big", "filter": own}
    assert (await house.api.post("/api/v1/segments", json=segment)).status_code == 201
    through = tree(in_segment("big"))
    ids = [(await begin(house, filter=each))["id"] for each in (own, through)]
    key = await factories.create_key(house.sessions, house.account, scopes=["exports:write"])
    async with http_client(house.sessions, key) as api:
        assert [await seen(api, each) for each in ids] == [(own, False), (through, False)]
        changed = await house.api.patch(
            "/api/v1/client-params/size", json={"personal": True}, headers={"If-Match": tag}
        )
        assert changed.status_code == 200
        assert [await seen(api, each) for each in ids] == [(None, True)] * 2


async def test_numbers_of_a_filter_stay_exact(house: House) -> None:
    for balance in (12.4, 12.5):
        body = {"full_name": "A", "bonus_balance": balance}
        assert (await house.api.post("/api/v1/clients", json=body)).status_code == 201
    wanted = tree(field("bonus_balance", "gte", 12.5))
    made = await begin(house, filter=wanted)
    assert made["filter"] == wanted
    assert await seen(house.api, made["id"]) == (wanted, False)
    run = await house.work(made["id"])
    assert run["state"] == "succeeded", run
    file = await house.api.get(f"{PATH}/{made['id']}/file")
    assert len(file.text.splitlines()) == 2


async def test_a_number_that_cannot_be_kept_is_refused(house: House) -> None:
    body = {"filter": tree(field("bonus_balance", "gte", 0))}
    content = json.dumps(body).replace(": 0}", ": 99999999999999.1234}")
    headers = {"Idempotency-Key": uuid.uuid4().hex, "Content-Type": "application/json"}
    answer = await house.api.post(PATH, content=content, headers=headers)
    assert [error["code"] for error in answer.json()["errors"]] == ["NUMBER_NOT_KEPT"]


@pytest.mark.parametrize("kind", ["exports", "imports"])
async def test_pages_are_a_partition(house: House, kind: str) -> None:
    made = []
    for number in range(3):
        sent = await house.send(f"phone\n+7916123456{number}\n") if kind == "imports" else None
        made.append(sent.json()["id"] if sent else (await begin(house))["id"])
    found: list[int] = []
    cursor: str | None = None
    while True:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await house.api.get(f"/api/v1/{kind}", params=params)).json()
        assert page["total"] == {"value": 3, "relation": "exact"}
        found += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == made[::-1]
    other = "imports" if kind == "exports" else "exports"
    first = (await house.api.get(f"/api/v1/{kind}", params={"limit": 1})).json()["next_cursor"]
    strange = await house.api.get(f"/api/v1/{other}", params={"cursor": first})
    assert (strange.status_code, strange.json()["code"]) == (400, "CURSOR_INVALID")
    one = await house.api.get(f"/api/v1/{kind}/{made[0]}")
    assert one.headers["etag"] == (await house.api.get(f"/api/v1/{kind}/{made[0]}")).headers["etag"]
