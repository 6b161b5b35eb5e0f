"""Why a client is in a segment: its state, the last change, and which conditions hold."""

from typing import Any

import httpx

from clientbase.accounts.schemas import AccountInfo
from clientbase.kit.db import Sessions
from tests import factories
from tests.search.bases import field, in_segment, tree
from tests.segments.work import SEGMENTS, change, make, make_due, recount

NOBODY = 10**12


async def explained(api: httpx.AsyncClient, code: str, client: int, language: str = "en") -> dict[str, Any]:
    answer = await api.get(f"{SEGMENTS}/{code}/members/{client}", headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def new_client(api: httpx.AsyncClient, **values: object) -> int:
    answer = await api.post("/api/v1/clients", json={"full_name": "Анна", **values})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


async def buy(api: httpx.AsyncClient, client: int, number: str, total: str) -> None:
    order = {"source": "shop", "external_id": number, "client": {"id": client}, "status": "done",
             "created_at": "2026-02-01T10:00:00Z", "total": total}  # fmt: skip
    answer = await api.post("/api/v1/orders/batch", json={"items": [order]})
    assert answer.json()["items"][0]["status"] == "created", answer.text


async def test_every_condition_has_its_truth_and_the_clients_own_values(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    await api.post("/api/v1/tags", json={"code": "vip", "name": "VIP", "color": "#ff0000"})
    await api.post("/api/v1/client-params", json={"name": "Размер", "code": "size", "type": "number"})
    anna = await new_client(api, city="Казань", tags=["vip"], params={"size": 42}, birth_date="1990-05-06")
    await buy(api, anna, "1", "1500.50")
    await buy(api, anna, "2", "2000.00")
    spent = {"function": "sum", "param": "amount"}
    mean = {"function": "avg", "param": "amount"}
    nodes = [
        field("city", "eq", "казань"),
        field("tags", "has_any", ["vip"]),
        field("params.size", "gt", 50),
        field("revenue", "gte", "3000.00"),
        field("average_check", "gte", "1.00"),
        field("birth_date", "after", "2000-01-01"),
        {"type": "action", "action": "purchase"},
        {"type": "action", "action": "purchase", "measure": spent, "operator": "gt", "value": "5000.00"},
        {"type": "action", "action": "purchase", "measure": mean, "operator": "gt", "value": "1.00"},
        {"type": "action", "action": "purchase", "period": {"from": "2026-03-01"}},
    ]
    await make(api, "base", tree(field("city", "not_empty")))
    await make(api, "looked-at", tree(*nodes, in_segment("base"), match="any"))
    await recount(sessions, account)
    told = await explained(api, "looked-at", anna)
    assert (told["client_id"], told["is_member"], told["tree"]["truth"]) == (anna, True, True)
    assert (told["tree"]["kind"], told["tree"]["match"], told["tree"]["values"]) == ("group", "any", None)
    found = [(node["kind"], node["truth"], node["values"]) for node in told["tree"]["nodes"]]
    assert found == [
        ("field", True, ["Казань"]),
        ("field", True, ["vip"]),
        ("field", False, [42]),
        ("field", True, ["3500.50"]),
        ("field", True, ["1750.25"]),
        ("field", False, ["1990-05-06"]),
        ("action", True, [2]),
        ("action", False, ["3500.50"]),
        ("action", True, ["1750.25"]),
        ("action", False, [0]),
        ("segment", True, ["base"]),
    ]
    russian = await explained(api, "looked-at", anna, "ru")
    assert russian["tree"]["nodes"][0]["text"].startswith("Город")
    assert told["tree"]["nodes"][0]["text"].startswith("City")


async def test_since_when_and_by_what(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    anna, boris = await new_client(api, city="Казань"), await new_client(api, city="Омск")
    await make(api, "kazan", tree(field("city", "eq", "Казань")))
    await recount(sessions, account)
    first = await explained(api, "kazan", anna)
    assert (first["is_member"], first["last_change"]["kind"], first["last_change"]["cause"]) == (
        True, "entered", "first_fill",
    )  # fmt: skip
    assert (await explained(api, "kazan", boris))["last_change"] is None

    await api.patch(f"/api/v1/clients/{anna}", json={"city": "Омск"})
    await make_due(sessions, account)
    await recount(sessions, account)
    gone = await explained(api, "kazan", anna)
    assert (gone["is_member"], gone["last_change"]["kind"], gone["last_change"]["cause"]) == (
        False, "left", "data",
    )  # fmt: skip
    assert gone["last_change"]["version"] == 2

    await change(api, "kazan", filter=tree(field("city", "eq", "Омск")))
    await recount(sessions, account)
    again = await explained(api, "kazan", anna)
    assert (again["is_member"], again["last_change"]["kind"], again["last_change"]["cause"]) == (
        True, "entered", "edit",
    )  # fmt: skip


async def test_manual_segments_have_no_tree_and_hidden_filters_are_not_told(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    anna = await new_client(api)
    await make(api, "chosen", None, kind="manual")
    await api.post(f"{SEGMENTS}/chosen/member-additions", json={"ids": [anna]})
    told = await explained(api, "chosen", anna)
    assert (told["is_member"], told["tree"], told["last_change"]["cause"]) == (True, None, "hand")

    await make(api, "named", tree(field("full_name", "contains", "анн")))
    await recount(sessions, account)
    key = await factories.create_key(sessions, account, scopes=["segments:read"])
    headers = {"Authorization": f"Bearer {key}"}
    hidden = (await api.get(f"{SEGMENTS}/named/members/{anna}", headers=headers)).json()
    assert (hidden["is_member"], hidden["tree"]) == (True, None)


async def test_who_is_not_there(
    api: httpx.AsyncClient, other_api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    anna, theirs = await new_client(api), await new_client(other_api)
    await make(api, "kazan", tree(field("city", "eq", "Казань")))
    early = await api.get(f"{SEGMENTS}/kazan/members/{anna}")
    assert (early.status_code, early.json()["code"]) == (409, "SEGMENT_NOT_READY")
    await recount(sessions, account)
    for code, client in (("nosuch", anna), ("kazan", NOBODY), ("kazan", theirs)):
        assert (await api.get(f"{SEGMENTS}/{code}/members/{client}")).status_code == 404
