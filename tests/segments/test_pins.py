"""Pins: whom a person keeps in a segment or out of it, that stays so."""

import httpx
import pytest

from clientbase.accounts.schemas import AccountInfo
from clientbase.kit.db import Sessions, writing
from clientbase.segments import recalculate
from clientbase.segments.live import Memory
from tests.search.bases import field, in_segment, tree
from tests.segments.keeping import memory, sessions
from tests.segments.rounds import go_live, settle
from tests.segments.work import SEGMENTS, change, events, make, make_due, members, read, recount

__all__ = ["memory", "sessions"]

IN_OMSK = tree(field("city", "eq", "Омск"))


async def client(api: httpx.AsyncClient, city: str | None) -> int:
    answer = await api.post("/api/v1/clients", json={"full_name": "Анна", "city": city})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


async def pin(api: httpx.AsyncClient, code: str, keep: str, *ids: int) -> dict[str, object]:
    answer = await api.post(f"{SEGMENTS}/{code}/pins", json={"keep": keep, "ids": ids})
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


async def unpin(api: httpx.AsyncClient, code: str, *ids: int) -> dict[str, object]:
    answer = await api.post(f"{SEGMENTS}/{code}/pin-removals", json={"ids": ids})
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


async def move(api: httpx.AsyncClient, client_id: int, city: str) -> None:
    assert (await api.patch(f"/api/v1/clients/{client_id}", json={"city": city})).status_code == 200


async def test_who_is_pinned_stays_through_rounds_and_recounts_and_others_see_it(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo, memory: Memory
) -> None:
    anna, boris, vera = [await client(api, city) for city in ("Омск", "Омск", "Тверь")]
    await make(api, "omsk", IN_OMSK)
    await make(api, "others", tree(in_segment("omsk", operator="not_in")))
    await go_live(sessions, account, memory)
    assert await members(api, "omsk") == {anna, boris}

    assert await pin(api, "omsk", "in", vera) == {
        "changed": 1, "unchanged": 0, "unknown_ids": [], "pins": 1,
    }  # fmt: skip
    await pin(api, "omsk", "out", anna)
    assert await members(api, "omsk") == {boris, vera}, "at once"
    assert await events(api, "omsk") == [
        ("entered", anna), ("entered", boris), ("entered", vera), ("left", anna),
    ]  # fmt: skip
    assert await settle(sessions, account, memory) > 0
    assert await members(api, "others") == {anna}

    await move(api, anna, "Омск")
    await move(api, vera, "Пермь")
    await move(api, boris, "Пермь")
    await settle(sessions, account, memory)
    assert await members(api, "omsk") == {vera}
    await make_due(sessions, account)
    report = await recount(sessions, account)
    assert (report.changed, report.divergences) == (0, ())
    assert await members(api, "omsk") == {vera}

    assert (await unpin(api, "omsk", anna, vera))["pins"] == 0
    await settle(sessions, account, memory)
    assert await members(api, "omsk") == {anna}
    assert await members(api, "others") == {boris, vera}


async def test_pins_hold_for_a_calculation_that_began_before_them(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    anna, vera = await client(api, "Омск"), await client(api, "Тверь")
    await make(api, "omsk", IN_OMSK)
    await pin(api, "omsk", "in", vera)
    found = await recalculate.evaluate(sessions, account=account)
    await pin(api, "omsk", "out", anna)
    async with writing(sessions) as session:
        await recalculate.write(session, account_id=account.id, found=found)
    assert await members(api, "omsk") == {vera}


async def test_pins_are_listed_turned_and_explained(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    ids = [await client(api, "Тверь") for _ in range(5)]
    await make(api, "omsk", IN_OMSK)
    await recount(sessions, account)
    await pin(api, "omsk", "in", *ids[:4])
    turned = await api.post(f"{SEGMENTS}/omsk/pins", json={"keep": "out", "ids": [ids[0], ids[4], 999_999]})
    assert turned.json() == {"changed": 2, "unchanged": 0, "unknown_ids": [999_999], "pins": 5}
    assert await pin(api, "omsk", "out", ids[4]) == turned.json() | {
        "changed": 0, "unchanged": 1, "unknown_ids": [],
    }  # fmt: skip
    first = (await api.get(f"{SEGMENTS}/omsk/pins", params={"limit": 3})).json()
    rest = {"limit": 3, "cursor": first["next_cursor"]}
    second = (await api.get(f"{SEGMENTS}/omsk/pins", params=rest)).json()
    found = [(one["client_id"], one["keep"]) for one in first["items"] + second["items"]]
    assert found == list(zip(ids, ["out", "in", "in", "in", "out"], strict=True))
    assert (first["total"]["value"], second["next_cursor"]) == (5, None)
    assert first["items"][0]["created_by"]
    kept_out = (await api.get(f"{SEGMENTS}/omsk/pins", params={"keep": "out"})).json()
    assert [one["client_id"] for one in kept_out["items"]] == [ids[0], ids[4]]
    told = (await api.get(f"{SEGMENTS}/omsk/members/{ids[1]}")).json()
    assert (told["is_member"], told["pin"], told["tree"]["truth"]) == (True, "in", False)
    assert told["last_change"]["cause"] == "hand"
    assert (await api.get(f"{SEGMENTS}/omsk/members/{ids[0]}")).json()["pin"] == "out"


async def test_an_edit_is_looked_at_and_made_with_the_pins(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    anna, vera, boris = [await client(api, city) for city in ("Омск", "Тверь", "Тверь")]
    await make(api, "omsk", IN_OMSK)
    await recount(sessions, account)
    await pin(api, "omsk", "in", vera)
    await pin(api, "omsk", "out", boris)
    wanted = tree(field("city", "eq", "Тверь"))
    seen = await api.post(f"{SEGMENTS}/omsk/edit-previews", json={"filter": wanted})
    assert [seen.json()[name] for name in ("enter", "leave", "stay")] == [0, 1, 1]
    await change(api, "omsk", filter=wanted)
    await recount(sessions, account)
    assert await members(api, "omsk") == {vera}
    copied = (await api.post(f"{SEGMENTS}/omsk/copies", json={"code": "twin"})).json()
    await recount(sessions, account)
    assert await members(api, copied["code"]) == {vera}
    assert anna not in await members(api, "twin")


@pytest.mark.parametrize(("own", "is_member"), [(None, False), ("in", True)])
async def test_pins_follow_a_merge_and_go_with_a_client(
    api: httpx.AsyncClient,
    sessions: Sessions,
    account: AccountInfo,
    memory: Memory,
    own: str | None,
    is_member: bool,
) -> None:
    anna, twin, third, vera = [await client(api, city) for city in ("Омск", "Омск", "Омск", "Тверь")]
    await make(api, "omsk", IN_OMSK)
    await make(api, "once", IN_OMSK, kind="static")
    await go_live(sessions, account, memory)
    for code in ("omsk", "once"):
        await pin(api, code, "out", twin)
        await pin(api, code, "in", third, vera)
        if own is not None:
            await pin(api, code, own, anna)
    body = {"survivor_id": anna, "merged_ids": [twin, third]}
    merged = await api.post("/api/v1/clients/merges", json=body, headers={"Idempotency-Key": "1"})
    assert merged.status_code == 201, merged.text
    await settle(sessions, account, memory)
    for code in ("omsk", "once"):
        assert await members(api, code) == ({anna, vera} if is_member else {vera})
    assert (await api.delete(f"/api/v1/clients/{vera}")).status_code == 204
    await settle(sessions, account, memory)
    pins = (await api.get(f"{SEGMENTS}/omsk/pins")).json()["items"]
    assert [one["client_id"] for one in pins] == [anna]
    assert vera not in await members(api, "omsk")


async def test_what_cannot_be_pinned_is_refused(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    anna = await client(api, "Омск")
    await make(api, "hand", None, kind="manual")
    for path, body in (("pins", {"keep": "in", "ids": [anna]}), ("pin-removals", {"ids": [anna]})):
        answer = await api.post(f"{SEGMENTS}/hand/{path}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, "SEGMENT_MANUAL")
        assert (await api.post(f"{SEGMENTS}/none/{path}", json=body)).status_code == 404
    assert (await api.get(f"{SEGMENTS}/none/pins")).status_code == 404
    await make(api, "omsk", IN_OMSK)
    assert (await pin(api, "omsk", "in", anna))["changed"] == 1, "before it is computed for the first time"
    for body in ({"keep": "inside", "ids": [anna]}, {"keep": "in", "ids": []}, {"keep": "in"}):
        assert (await api.post(f"{SEGMENTS}/omsk/pins", json=body)).status_code == 422
    assert (await read(api, "omsk"))["size"] is None
