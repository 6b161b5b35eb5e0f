"""Definitions of segments over HTTP: making, changing, listing, references."""

import asyncio

import httpx
import pytest

from clientbase.accounts.schemas import AccountInfo
from clientbase.kit.db import Sessions
from tests import factories
from tests.conftest import http_client
from tests.search.bases import field, in_segment, make_base, tree
from tests.segments.work import SEGMENTS, change, make, members, read, recount

RICH = tree(field("revenue", "gte", "10000.00"))


async def test_a_dynamic_segment_is_made_computed_and_listed(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    clients = await make_base(sessions, account, 40)
    made = await make(api, "rich", RICH)
    assert (made["state"], made["size"], made["computed_at"]) == ("new", None, None)
    early = await api.get(f"{SEGMENTS}/rich/clients")
    assert (early.status_code, early.json()["code"]) == (409, "SEGMENT_NOT_READY")

    await recount(sessions, account)
    expected = {client.id for client in clients if client.revenue >= 1_000_000}
    assert await members(api, "rich") == expected
    now = await read(api, "rich")
    assert (now["state"], now["size"], now["version"], now["error"]) == ("ready", len(expected), 1, None)
    assert now["computed_at"] < now["due_at"]
    listed = (await api.get(SEGMENTS)).json()["items"]
    assert [point["size"] for point in listed[0]["series"]] == [len(expected)]


async def test_members_are_sorted_paged_and_chosen_from_by_code(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    clients = await make_base(sessions, account, 40)
    await make(api, "rich", RICH)
    await recount(sessions, account)
    expected = sorted(
        (client for client in clients if client.revenue >= 1_000_000),
        key=lambda client: (client.revenue, client.id),
        reverse=True,
    )
    path: str | None = f"{SEGMENTS}/rich/clients?sort=-revenue&limit=4&fields=id,revenue"
    seen = []
    while path:
        page = await api.get(path)
        seen += [item["id"] for item in page.json()["items"]]
        path = page.links["next"]["url"] if "next" in page.links else None
    assert seen == [client.id for client in expected]
    listed = await api.get("/api/v1/clients", params={"segment": "rich", "limit": 1000})
    assert {item["id"] for item in listed.json()["items"]} == set(seen)
    others = await api.get("/api/v1/clients", params={"segment_not": "rich", "limit": 1000})
    assert {item["id"] for item in others.json()["items"]} == {client.id for client in clients} - set(seen)
    unknown = await api.get("/api/v1/clients", params={"segment": "rich,nope"})
    assert unknown.status_code == 422
    assert unknown.json()["errors"][0] | {"message": "", "allowed": []} == {
        "pointer": "/segment", "code": "UNKNOWN_SEGMENT", "message": "", "allowed": [],
    }  # fmt: skip


async def test_a_manual_segment_is_changed_by_hand(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    clients = await make_base(sessions, account, 6)
    made = await make(api, "vip", None, kind="manual")
    assert (made["state"], made["size"]) == ("ready", 0)
    ids = [client.id for client in clients]
    added = await api.post(f"{SEGMENTS}/vip/member-additions", json={"ids": [*ids[:4], 10**9]})
    assert added.json() == {"changed": 4, "unchanged": 0, "unknown_ids": [10**9], "size": 4}
    removed = await api.post(f"{SEGMENTS}/vip/member-removals", json={"ids": ids[2:]})
    assert removed.json() == {"changed": 2, "unchanged": 2, "unknown_ids": [], "size": 2}
    assert await members(api, "vip") == set(ids[:2])
    copied = await api.post(f"{SEGMENTS}/vip/copies", json={"code": "vip2"})
    assert copied.status_code == 201, copied.text
    assert await members(api, "vip2") == set(ids[:2])
    refused = await api.post(f"{SEGMENTS}/vip/recalculations")
    assert (refused.status_code, refused.json()["code"]) == (409, "SEGMENT_MANUAL")


async def test_an_edit_needs_the_etag_and_is_computed(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    clients = await make_base(sessions, account, 30)
    await make(api, "rich", RICH)
    await recount(sessions, account)
    without = await api.patch(f"{SEGMENTS}/rich", json={"name": "x"})
    assert without.status_code == 428
    stale = await api.patch(f"{SEGMENTS}/rich", json={"name": "x"}, headers={"If-Match": '"1-0"'})
    assert stale.status_code == 412
    edited = await change(api, "rich", filter=tree(field("revenue", "eq", "0.00")))
    assert edited.status_code == 200, edited.text
    assert await members(api, "rich") == {client.id for client in clients if client.revenue >= 1_000_000}
    await recount(sessions, account)
    assert await members(api, "rich") == {client.id for client in clients if client.revenue == 0}
    off = await change(api, "rich", is_active=False)
    assert (off.json()["state"], off.json()["due_at"]) == ("inactive", None)
    assert (await recount(sessions, account)).total == 0


async def test_of_two_edits_at_once_one_is_stale(api: httpx.AsyncClient) -> None:
    await make(api, "rich", RICH)
    headers = {"If-Match": (await api.get(f"{SEGMENTS}/rich")).headers["etag"]}
    edits = (api.patch(f"{SEGMENTS}/rich", json={"name": name}, headers=headers) for name in ("a", "b", "c"))
    answers = await asyncio.gather(*edits)
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412]


async def test_what_is_used_is_not_deleted(api: httpx.AsyncClient) -> None:
    await make(api, "base", RICH)
    await make(api, "user", tree(in_segment("base")))
    tag = (await api.get(f"{SEGMENTS}/base")).headers["etag"]
    refused = await api.delete(f"{SEGMENTS}/base", headers={"If-Match": tag})
    assert (refused.status_code, refused.json()["code"]) == (409, "IN_USE")
    assert refused.json()["errors"][0]["allowed"] == ["user"]
    usage = (await api.get(f"{SEGMENTS}/base/usage")).json()
    assert usage["used_by_segments"] == ["user"]
    user = (await api.get(f"{SEGMENTS}/user")).headers["etag"]
    assert (await api.delete(f"{SEGMENTS}/user", headers={"If-Match": user})).status_code == 204
    assert (await api.delete(f"{SEGMENTS}/base", headers={"If-Match": tag})).status_code == 204


async def test_references_make_no_cycle_and_are_not_too_deep(api: httpx.AsyncClient) -> None:
    await make(api, "a", RICH)
    await make(api, "b", tree(in_segment("a")))
    await make(api, "c", tree(in_segment("a", "b")))
    await make(api, "diamond", tree(in_segment("b", "c")))
    cycle = await change(api, "a", filter=tree(in_segment("c")))
    assert (cycle.status_code, cycle.json()["code"]) == (422, "SEGMENT_CYCLE")
    assert cycle.json()["errors"][0]["allowed"] in (["a", "c", "a"], ["a", "c", "b", "a"])
    itself = await change(api, "a", filter=tree(in_segment("a")))
    assert itself.json()["code"] == "SEGMENT_CYCLE"
    code = "diamond"
    for level in range(4, 6):
        await make(api, f"level{level}", tree(in_segment(code)))
        code = f"level{level}"
    deep = await api.post(SEGMENTS, json={"name": "deep", "filter": tree(in_segment(code))})
    assert (deep.status_code, deep.json()["code"]) == (422, "SEGMENTS_TOO_DEEP")
    above = await change(api, "a", filter=tree(field("revenue", "gt", "1.00")))
    assert above.status_code == 200


async def test_two_edits_at_once_make_no_cycle(api: httpx.AsyncClient) -> None:
    await make(api, "a", RICH)
    await make(api, "b", RICH)
    answers = await asyncio.gather(
        change(api, "a", filter=tree(in_segment("b"))), change(api, "b", filter=tree(in_segment("a")))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 422]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"name": "x"}, "FILTER_REQUIRED"),
        ({"name": "x", "kind": "manual", "filter": RICH}, "FILTER_NOT_ALLOWED"),
        ({"name": "x", "filter": tree(in_segment("nope"))}, "UNKNOWN_SEGMENT"),
    ],
)
async def test_wrong_definitions_are_refused(
    api: httpx.AsyncClient, body: dict[str, object], code: str
) -> None:
    refused = await api.post(SEGMENTS, json=body)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, code)


async def test_the_list_is_filtered_and_sorted(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    await make_base(sessions, account, 20)
    await make(api, "all", tree(field("id", "gt", 0)))
    await make(api, "none", tree(field("id", "lt", 0)), kind="static")
    await make(api, "hand", None, kind="manual")
    await make(api, "off", RICH, is_active=False)
    await recount(sessions, account)

    async def codes(**params: str) -> list[str]:
        answer = await api.get(SEGMENTS, params=params)
        assert answer.status_code == 200, answer.text
        return [item["code"] for item in answer.json()["items"]]

    assert await codes() == ["all", "hand", "none", "off"]
    assert (await codes(sort="-size"))[0] == "all"
    assert await codes(kind="static") == ["none"]
    assert await codes(is_active="false") == ["off"]
    assert await codes(state="inactive") == ["off"]
    assert await codes(size_from="1") == ["all"]
    assert await codes(q="HAN") == ["hand"]
    pages, cursor = [], None
    while True:
        params = {"limit": "3", "sort": "-name"} | ({"cursor": cursor} if cursor else {})
        page = (await api.get(SEGMENTS, params=params)).json()
        pages += [item["code"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert pages == ["off", "none", "hand", "all"]


async def test_a_preview_counts_and_samples_without_saving(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    clients = await make_base(sessions, account, 30)
    seen = await api.post(f"{SEGMENTS}/preview", json={"filter": RICH, "limit": 2, "sort": "-revenue"})
    rich = sorted((client for client in clients if client.revenue >= 1_000_000), key=lambda one: -one.revenue)
    body = seen.json()
    assert body["total"]["value"] == len(rich)
    assert [item["id"] for item in body["sample"]] == [client.id for client in rich[:2]]
    assert body["reachable"] == {
        "email": 0,
        "phone": len(rich),
        "marketing_consent": 0,
        "email_with_consent": 0,
        "phone_with_consent": 0,
    }
    assert (await api.get(SEGMENTS)).json()["items"] == []


async def test_an_edit_is_previewed(api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo) -> None:
    clients = await make_base(sessions, account, 30)
    await make(api, "rich", RICH)
    wanted = tree(field("revenue", "between", {"from": "1500.00", "to": "50000.00"}))
    seen = (await api.post(f"{SEGMENTS}/rich/edit-previews", json={"filter": wanted})).json()
    before = {client.id for client in clients if client.revenue >= 1_000_000}
    after = {client.id for client in clients if 150_000 <= client.revenue <= 5_000_000}
    assert (seen["enter"], seen["leave"], seen["stay"]) == (
        len(after - before),
        len(before - after),
        len(after & before),
    )
    for name, ids in (("entering", after - before), ("leaving", before - after), ("staying", after & before)):
        assert [client["id"] for client in seen[name]] == sorted(ids)[:10]


async def test_personal_filters_need_the_scope_but_members_do_not(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    clients = await make_base(sessions, account, 10)
    await make(api, "ivans", tree(field("full_name", "contains", "иван")))
    await make(api, "through", tree(in_segment("ivans")))
    await recount(sessions, account)
    scopes = ["clients:read", "segments:read", "segments:write"]
    async with http_client(sessions, await factories.create_key(sessions, account, scopes=scopes)) as partner:
        ivans = {client.id for client in clients if "Иван" in client.full_name}
        assert await members(partner, "ivans") == await members(partner, "through") == ivans
        for code in ("ivans", "through"):
            shown = await read(partner, code)
            assert (shown["filter"], shown["filter_hidden"]) == (None, True)
        wanted = tree(in_segment("through"))
        refused = [
            await partner.post("/api/v1/clients/search", json={"filter": wanted}),
            await partner.post(f"{SEGMENTS}/preview", json={"filter": wanted}),
            await partner.post(SEGMENTS, json={"name": "x", "filter": wanted}),
            await change(partner, "ivans", filter=RICH),
        ]
        assert {(answer.status_code, answer.json()["code"]) for answer in refused} == {
            (403, "PERSONAL_SCOPE_NEEDED")
        }


async def test_segments_of_another_account_do_not_exist(
    api: httpx.AsyncClient, other_api: httpx.AsyncClient
) -> None:
    await make(api, "ours", RICH)
    for path in ("", "/clients", "/history", "/events", "/usage"):
        assert (await other_api.get(f"{SEGMENTS}/ours{path}")).status_code == 404
    refused = await other_api.post(SEGMENTS, json={"name": "x", "filter": tree(in_segment("ours"))})
    assert refused.json()["errors"][0]["code"] == "UNKNOWN_SEGMENT"
