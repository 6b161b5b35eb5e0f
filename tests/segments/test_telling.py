"""Telling: entries and exits reach the timelines behind the swap, each once, whatever happens in between."""

import asyncio

import httpx
import pytest
from sqlalchemy import text

from clientbase.accounts.schemas import AccountInfo
from clientbase.kit.db import Sessions, WriteSession, reading, writing
from clientbase.segments.live import Memory
from clientbase.segments.telling import tell_some
from clientbase.segments.telling_repository import accounts_untold
from tests.search.bases import field, tree
from tests.segments.keeping import at, memory, sessions
from tests.segments.rounds import go_live, live_round, settle, tell
from tests.segments.work import SEGMENTS, make, members, recount
from tests.waiting import eventually

__all__ = ["at", "memory", "sessions"]

KAZAN, NOT_KAZAN = tree(field("city", "eq", "Казань")), tree(field("city", "ne", "Казань"))
_WAITING = text(
    "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database "
    "WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted"
)


async def people(api: httpx.AsyncClient, number: int) -> list[int]:
    """Clients who live in Omsk."""
    body = {"items": [{"full_name": f"Client {place}", "city": "Омск"} for place in range(number)]}
    answer = (await api.post("/api/v1/clients/batch", json=body)).json()
    return [item["id"] for item in answer["items"]]


async def move(api: httpx.AsyncClient, *ids: int, city: str = "Казань") -> None:
    """They live there now."""
    body = {"items": [{"id": id_, "city": city} for id_ in ids]}
    answer = await api.post("/api/v1/clients/batch", json=body)
    assert {item["status"] for item in answer.json()["items"]} == {"updated"}


async def come(
    api: httpx.AsyncClient,
    sessions: Sessions,
    account: AccountInfo,
    memory: Memory,
    number: int,
    staying: int = 0,
) -> list[int]:
    """Clients who are in the live segment `kazan` now, and some that are not: nothing of it is told yet."""
    ids = await people(api, number + staying)
    await make(api, "kazan", KAZAN)
    await go_live(sessions, account, memory)
    await move(api, *ids[:number])
    await live_round(sessions, account, memory)
    return ids


async def timeline(api: httpx.AsyncClient, client: int) -> list[tuple[str, str]]:
    """What a client's timeline tells of segments, oldest first."""
    page = (await api.get(f"/api/v1/clients/{client}/timeline", params={"kind": "segments"})).json()
    return [(item["type"].removeprefix("segment."), item["params"]["segment"]) for item in page["items"]][
        ::-1
    ]


async def waiting(api: httpx.AsyncClient) -> float:
    """How many events wait to be told, as the metrics say."""
    lines = (await api.get("/metrics")).text.splitlines()
    return next(
        float(line.split()[1]) for line in lines if line.startswith("clientbase_segment_events_waiting")
    )


async def untold(sessions: Sessions, account: AccountInfo) -> bool:
    async with reading(sessions) as session:
        return account.id in await accounts_untold(session)


async def test_members_are_there_first_and_the_timeline_tells_a_moment_later(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo, memory: Memory
) -> None:
    (anna,) = await people(api, 1)
    await make(api, "kazan", KAZAN)
    await go_live(sessions, account, memory)
    before = await waiting(api)
    await move(api, anna)
    await live_round(sessions, account, memory)
    assert await members(api, "kazan") == {anna}
    assert await timeline(api, anna) == []
    assert await waiting(api) == before + 1
    path = f"{SEGMENTS}/kazan/members/{anna}"
    since = (await api.get(path)).json()["last_change"]
    assert (since["kind"], since["cause"]) == ("entered", "data")

    assert await tell(sessions, account) == [1]
    assert await timeline(api, anna) == [("entered", "kazan")]
    assert await waiting(api) == before
    assert (await api.get(path)).json()["last_change"] == since
    assert not await untold(sessions, account)


async def test_first_fills_and_edits_are_told_only_where_it_was_asked_for(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    (anna,) = await people(api, 1)
    await make(api, "silent", NOT_KAZAN)
    await make(api, "loud", NOT_KAZAN, announce=True)
    await recount(sessions, account)
    assert await tell(sessions, account) == [1]
    assert await timeline(api, anna) == [("entered", "loud")]


async def test_what_is_done_by_hand_is_told_too(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo, memory: Memory
) -> None:
    (anna,) = await people(api, 1)
    await make(api, "chosen", None, kind="manual")
    await make(api, "kazan", KAZAN)
    await go_live(sessions, account, memory)
    await api.post(f"{SEGMENTS}/chosen/member-additions", json={"ids": [anna]})
    await api.post(f"{SEGMENTS}/kazan/pins", json={"ids": [anna], "keep": "in"})
    await settle(sessions, account, memory)
    assert await timeline(api, anna) == [("entered", "chosen"), ("entered", "kazan")]


@pytest.mark.parametrize("at_most", [1, 3, 4, 5, 100])
async def test_slices_are_bounded_and_every_event_is_told_once_in_its_order(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo, memory: Memory, at_most: int
) -> None:
    ids = await people(api, 5)
    await make(api, "kazan", KAZAN)
    await make(api, "others", NOT_KAZAN)
    await go_live(sessions, account, memory)
    await move(api, *ids[:4])
    await live_round(sessions, account, memory)
    await move(api, ids[0], ids[1], city="Омск")
    await live_round(sessions, account, memory)
    slices = await tell(sessions, account, at_most)
    assert (sum(slices), max(slices)) == (12, min(at_most, 12))
    assert len(slices) == -(-12 // at_most)
    there = {("entered", "kazan"), ("left", "others")}
    back = {("left", "kazan"), ("entered", "others")}
    for id_ in ids[:2]:
        told = await timeline(api, id_)
        assert (set(told[:2]), set(told[2:])) == (there, back)
    for id_ in ids[2:4]:
        assert sorted(await timeline(api, id_)) == sorted(there)
    assert await timeline(api, ids[4]) == []


async def test_two_workers_tell_nothing_twice(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo, memory: Memory
) -> None:
    ids = await come(api, sessions, account, memory, 20)
    await asyncio.gather(*(tell(sessions, account, 3) for _ in range(3)))
    await tell(sessions, account)
    for id_ in ids:
        assert await timeline(api, id_) == [("entered", "kazan")]


async def test_a_slice_that_fails_is_told_by_the_next_worker(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo, memory: Memory
) -> None:
    (anna,) = await come(api, sessions, account, memory, 1)
    async with sessions() as session:
        assert await tell_some(WriteSession(session), account_id=account.id) == 1
        await session.rollback()
    assert await timeline(api, anna) == []
    assert await tell(sessions, account) == [1]
    assert await timeline(api, anna) == [("entered", "kazan")]


async def test_clients_deleted_or_merged_before_they_are_told_of(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo, memory: Memory
) -> None:
    gone, merged, survivor = await come(api, sessions, account, memory, 2, staying=1)
    assert (await api.delete(f"/api/v1/clients/{gone}")).status_code == 204
    await merge(api, survivor, merged)
    assert await tell(sessions, account) == [2]
    assert await timeline(api, survivor) == [("entered", "kazan")]
    assert not await untold(sessions, account)


async def test_a_merge_waits_for_events_that_are_being_told_and_takes_them_along(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo, memory: Memory
) -> None:
    merged, survivor = await come(api, sessions, account, memory, 1, staying=1)

    async def is_held_back() -> bool:
        async with reading(sessions) as session:
            return bool(await session.scalar(_WAITING))

    async with writing(sessions) as session:
        assert await tell_some(session, account_id=account.id) == 1
        merging = asyncio.create_task(merge(api, survivor, merged))
        await eventually(is_held_back, seconds=10, said="a merge that waits")
    await merging
    assert await timeline(api, survivor) == [("entered", "kazan")]


async def merge(api: httpx.AsyncClient, survivor: int, merged: int) -> None:
    """Two become one."""
    body = {"survivor_id": survivor, "merged_ids": [merged]}
    answer = await api.post("/api/v1/clients/merges", json=body, headers={"Idempotency-Key": f"m{merged}"})
    assert answer.is_success, answer.text
