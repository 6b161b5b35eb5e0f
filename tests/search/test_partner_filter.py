"""`GET /clients`: AND between parameters, OR between the values of one; wrong values named by parameter."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from clientbase.accounts.schemas import AccountInfo
from clientbase.kit.db import Sessions
from tests.search.bases import START, Known, make_base

CLIENTS = "/api/v1/clients"
MOSCOW = ZoneInfo("Europe/Moscow")


async def _ids(api: httpx.AsyncClient, **params: Any) -> set[int]:
    answer = await api.get(CLIENTS, params={"limit": 1000, "fields": "id", **params})
    assert answer.status_code == 200, answer.text
    return {item["id"] for item in answer.json()["items"]}


async def test_parameters_narrow_and_values_widen(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    clients = await make_base(sessions, account, 50)

    def those(**wanted: tuple[Any, ...]) -> set[int]:
        def fits(client: Known) -> bool:
            return all(getattr(client, name) in values for name, values in wanted.items())

        return {client.id for client in clients if fits(client)}

    some = clients[5:9]
    assert await _ids(api, id=",".join(str(client.id) for client in some)) == {client.id for client in some}
    spelled = [f"8 ({one.phone[2:5]}) {one.phone[5:]}" for one in some[:2]]
    assert await _ids(api, phone=spelled) == {client.id for client in some[:2]}
    assert await _ids(api, external_id=["c-3", "C-4"]) == {clients[3].id, clients[4].id}
    assert await _ids(api, city=["москва", "ЕЛКИНО"]) == those(city=("Москва", "Ёлкино"))
    assert await _ids(api, city="Казань", external_id=["c-1", "c-2", "c-3"]) == those(
        city=("Казань",), external_id=("C-1", "C-2", "C-3")
    )
    half = START.replace(minute=50).isoformat().replace("+00:00", "Z")
    assert await _ids(api, created_to=half) == {
        client.id for client in clients if client.created_at <= START.replace(minute=50)
    }
    day = date(2026, 1, 2)
    assert await _ids(api, last_order_from=str(day), last_order_to=str(day)) == {
        client.id
        for client in clients
        if client.last_order_at is not None and client.last_order_at.astimezone(MOSCOW).date() == day
    }


async def test_tags_are_had_and_not_had(api: httpx.AsyncClient) -> None:
    for code in ("vip", "new"):
        await api.post("/api/v1/tags", json={"name": code, "code": code})
    made = {}
    for name, tags in (("a", ["vip"]), ("b", ["vip", "new"]), ("c", [])):
        answer = await api.post(CLIENTS, json={"full_name": name, "tags": tags})
        assert answer.status_code == 201, answer.text
        made[name] = answer.json()["id"]
    assert await _ids(api, tag="vip,new") == {made["a"], made["b"]}
    assert await _ids(api, tag="vip", tag_not="new") == {made["a"]}
    assert await _ids(api, tag_not="vip") == {made["c"]}


@pytest.mark.parametrize(
    ("params", "pointer"),
    [
        ({"tag": "nope"}, "/tag"),
        ({"segment_not": "nope"}, "/segment_not"),
        ({"phone": "abc"}, "/phone"),
        ({"id": "x"}, "/id"),
        ({"created_from": "yesterday"}, "/created"),
        ({"gender": "male", "loyalty_level": "nope"}, "/loyalty_level"),
        ({"q": "я"}, "/q/0"),
        ({"sort": "-"}, "/sort"),
        ({"fields": "id,nope"}, "/fields"),
    ],
)
async def test_wrong_values_are_told_by_parameter(
    api: httpx.AsyncClient, params: dict[str, str], pointer: str
) -> None:
    answer = await api.get(CLIENTS, params=params)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_unknown_parameters_and_bad_bounds_are_refused(api: httpx.AsyncClient) -> None:
    for params in ({"shoe_size": "44"}, {"limit": "1001"}, {"count": "maybe"}):
        answer = await api.get(CLIENTS, params=params)
        assert answer.status_code == 422, params


async def test_the_link_leads_through_all_pages(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    clients = await make_base(sessions, account, 12)
    path: str | None = f"{CLIENTS}?sort=-created_at&limit=5&city=Москва&count=none"
    seen: list[int] = []
    while path:
        answer = await api.get(path)
        assert answer.json()["total"] is None
        seen += [item["id"] for item in answer.json()["items"]]
        path = answer.links["next"]["url"] if "next" in answer.links else None
    moscow = [client for client in clients if client.city == "Москва"]
    newest = sorted(moscow, key=lambda client: (client.created_at, client.id), reverse=True)
    assert seen == [client.id for client in newest]


@pytest.mark.parametrize("param", ["segment", "segment_not", "tag", "id", "phone", "gender"])
async def test_a_parameter_without_a_value_never_means_everyone(api: httpx.AsyncClient, param: str) -> None:
    for blank in (",", " , ", "%20"):
        answer = await api.get(f"{CLIENTS}?{param}={blank}")
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["pointer"] == f"/{param}"
