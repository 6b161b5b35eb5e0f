"""Searching and counting over HTTP, compared with what the test itself knows of its clients."""

from typing import Any

import httpx
import pytest

from clientbase.accounts.schemas import AccountInfo
from clientbase.kit.db import Sessions
from clientbase.kit.text import fold
from tests import factories
from tests.conftest import http_client
from tests.search.bases import Known, all_pages, field, ids_of, make_base, tree

SEARCH = "/api/v1/clients/search"
COUNT = "/api/v1/clients/count"


def _sort_value(client: Known, name: str) -> Any:
    if name in ("full_name", "city"):
        text = getattr(client, name)
        return None if text is None else fold(text)
    return getattr(client, name)


def _sorted(clients: list[Known], sort: str) -> list[int]:
    """A naive stable sort, key by key from the last: empty last whatever the direction."""
    keys = sort.split(",")
    found = sorted(clients, key=lambda client: client.id, reverse=keys[-1].startswith("-"))
    for key in reversed(keys):
        name = key.removeprefix("-")
        full = [client for client in found if _sort_value(client, name) is not None]
        empty = [client for client in found if _sort_value(client, name) is None]
        full.sort(key=lambda client: _sort_value(client, name), reverse=key.startswith("-"))
        found = full + empty
    return [client.id for client in found]


async def test_a_filter_finds_and_counts_its_clients(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    clients = await make_base(sessions, account, 60)
    wanted = tree(field("city", "in", ["москва", "Елкино"]), field("revenue", "gt", "0.00"))
    expected = {client.id for client in clients if client.city in ("Москва", "Ёлкино") and client.revenue > 0}
    found = (await api.post(SEARCH, json={"filter": wanted, "limit": 100})).json()
    assert {item["id"] for item in found["items"]} == expected
    assert found["total"] == {"value": len(expected), "relation": "exact"}
    counted = (await api.post(COUNT, json={"filter": wanted})).json()
    assert counted["total"]["value"] == len(expected)
    everyone = (await api.post(COUNT, json={"filter": None})).json()
    assert everyone["total"]["value"] == 60


@pytest.mark.parametrize("wanted", [None, tree(field("revenue", "gte", "1500.00"))])
@pytest.mark.parametrize(
    "sort",
    [
        "id", "-id", "full_name", "-full_name", "city", "-city", "revenue", "-revenue", "last_order_at",
        "-last_order_at", "created_at", "-city,revenue", "revenue,-last_order_at",
        "last_order_at,-city,full_name",
    ],
)  # fmt: skip
async def test_pages_are_a_partition_in_order(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo, sort: str, wanted: dict[str, Any] | None
) -> None:
    clients = await make_base(sessions, account, 40)
    members = [client for client in clients if wanted is None or client.revenue >= 150_000]
    pages = await all_pages(api, SEARCH, {"filter": wanted, "sort": sort, "fields": ["id"]})
    assert ids_of(pages) == _sorted(members, sort)


async def test_clients_that_stay_are_listed_once_while_others_change(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    clients = await make_base(sessions, account, 30)
    body = {"filter": None, "sort": "-created_at", "limit": 10, "fields": ["id"]}
    first = (await api.post(SEARCH, json=body)).json()
    added = await make_base(sessions, account, 25, seed=2)
    seen = [item["id"] for item in first["items"]]
    cursor = first["next_cursor"]
    while cursor:
        page = (await api.post(SEARCH, json={**body, "cursor": cursor})).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
    old = {client.id for client in clients} | {client.id for client in added}
    assert len(seen) == len(set(seen))
    assert {client.id for client in clients} <= set(seen) <= old


async def test_a_cursor_belongs_to_its_list(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    await make_base(sessions, account, 10)
    first = (await api.post(SEARCH, json={"filter": None, "sort": "id", "limit": 3})).json()
    others = [{"filter": None, "sort": "-id"}, {"filter": tree(field("id", "gt", 0)), "sort": "id"}]
    for other in others:
        answer = await api.post(SEARCH, json={**other, "limit": 3, "cursor": first["next_cursor"]})
        assert (answer.status_code, answer.json()["code"]) == (400, "CURSOR_INVALID")


async def test_wrong_filters_sorts_and_fields_are_told_by_their_place(api: httpx.AsyncClient) -> None:
    wrong = tree(field("city", "gt", "x"), field("nonsense", "eq", 1))
    answer = await api.post(SEARCH, json={"filter": wrong})
    assert answer.status_code == 422
    assert [(item["pointer"], item["code"]) for item in answer.json()["errors"]] == [
        ("/filter/root/nodes/0/operator", "OPERATOR_NOT_ALLOWED"),
        ("/filter/root/nodes/1/field", "UNKNOWN_FIELD"),
    ]
    for body, pointer in (({"sort": "shoe_size"}, "/sort"), ({"fields": ["shoe_size"]}, "/fields")):
        answer = await api.post(SEARCH, json={"filter": None, **body})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_quick_search_finds_names_phones_and_ids(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    clients = await make_base(sessions, account, 30)
    queries = {
        "ЕЖИКОВ": {client.id for client in clients if "Ёжиков" in client.full_name},
        "8 (916) 000-00-07": {clients[7].id},
        "916000001": {clients[number].id for number in range(10, 20)},
        "c-12": {clients[12].id},
        "100%": set(),
    }
    for text, expected in queries.items():
        found = (await api.get("/api/v1/clients", params={"q": text, "limit": 100})).json()
        assert {item["id"] for item in found["items"]} == expected, text
    both = (await api.get("/api/v1/clients", params={"q": ["c-12", "c-13"]})).json()
    assert {item["id"] for item in both["items"]} == {clients[12].id, clients[13].id}
    narrowed = {"filter": tree(field("id", "ne", clients[12].id)), "q": ["c-12", "c-13"]}
    assert (await api.post(COUNT, json=narrowed)).json()["total"]["value"] == 1


async def test_personal_data_needs_its_scope(sessions: Sessions, account: AccountInfo) -> None:
    await make_base(sessions, account, 5)
    key = await factories.create_key(sessions, account, scopes=["clients:read"])
    async with http_client(sessions, key) as api:
        page = (await api.get("/api/v1/clients")).json()
        assert {item["full_name"] for item in page["items"]} == {None}
        assert {item["phone"] for item in page["items"]} == {None}
        assert any(item["city"] for item in page["items"])
        asked: list[dict[str, Any]] = [
            {"filter": tree(field("full_name", "not_empty"))},
            {"filter": None, "sort": "full_name"},
            {"filter": None, "q": ["иван"]},
        ]
        for body in asked:
            refused = await api.post(SEARCH, json=body)
            assert (refused.status_code, refused.json()["code"]) == (403, "PERSONAL_SCOPE_NEEDED")
        refused = await api.post(COUNT, json={"filter": tree(field("phone", "not_empty"))})
        assert refused.status_code == 403


async def test_clients_of_another_account_do_not_exist(
    api: httpx.AsyncClient, other_api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    clients = await make_base(sessions, account, 3)
    body = {"filter": tree(field("id", "eq", clients[0].id))}
    assert (await api.post(COUNT, json=body)).json()["total"]["value"] == 1
    assert (await other_api.post(COUNT, json=body)).json()["total"]["value"] == 0
    assert (await other_api.get("/api/v1/clients")).json()["items"] == []
