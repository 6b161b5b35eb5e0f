"""Live segments follow the facts: what a round brings, when one is wanted, and who may take it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from pyroaring import BitMap64
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from clientbase.accounts.schemas import AccountInfo
from clientbase.kit.db import Sessions, writing
from clientbase.segments import live_repository as live
from clientbase.segments import recalculate
from clientbase.segments.live import LiveLeaseLost, Memory, take_round
from tests.databases import Databases
from tests.search.bases import field, in_segment, make_base, tree
from tests.segments.keeping import at, memory, sessions
from tests.segments.rounds import go_live, live_round, settle, wants_round
from tests.segments.work import SEGMENTS, events, make, make_due, members, read, recount

__all__ = ["at", "memory", "sessions"]

ORDER: dict[str, Any] = {
    "source": "shop", "external_id": "1", "status": "done", "created_at": "2026-02-01T10:00:00Z",
    "total": "5000.00",
}  # fmt: skip
RICH = tree(field("revenue", "gte", "1000.00"))
BREAK = text(
    "UPDATE segments SET filter = jsonb_set(filter, '{root,nodes,0,field}', to_jsonb('nosuch'::text)) "
    "WHERE account_id = :account_id AND code = 'sized'"
)
NOON = datetime(2026, 3, 1, 9, tzinfo=UTC)


async def buy(api: httpx.AsyncClient, client: int, number: str, **values: object) -> None:
    """A purchase of 5,000."""
    order = ORDER | {"external_id": number, "client": {"id": client}} | values
    answer = await api.post("/api/v1/orders/batch", json={"items": [order]})
    assert answer.json()["items"][0]["status"] in ("created", "updated"), answer.text


async def new_client(api: httpx.AsyncClient, **values: object) -> int:
    answer = await api.post("/api/v1/clients", json={"full_name": "Анна", **values})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


async def test_a_fact_reaches_every_segment_that_it_concerns_in_one_round(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo, memory: Memory
) -> None:
    anna, boris = await new_client(api), await new_client(api)
    await make(api, "rich", RICH)
    await make(api, "poor", tree(in_segment("rich"), negate=True))
    await make(api, "buyers", tree({"type": "action", "action": "purchase"}))
    await recount(sessions, account)
    assert await settle(sessions, account, memory) == 1

    await buy(api, anna, "1")
    assert await wants_round(sessions, account)
    report = await live_round(sessions, account, memory)

    assert (report.changed, report.failed) == (3, ())
    assert [await members(api, code) for code in ("rich", "poor", "buyers")] == [{anna}, {boris}, {anna}]
    assert await events(api, "rich") == [("entered", anna)]
    assert not await wants_round(sessions, account)


async def waiting(api: httpx.AsyncClient) -> float:
    """How many changes wait for a round, as the metrics tell."""
    lines = (await api.get("/metrics")).text.splitlines()
    return next(
        float(line.split()[1]) for line in lines if line.startswith("clientbase_live_changes_waiting")
    )


async def test_the_metrics_tell_how_many_changes_wait(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo, memory: Memory
) -> None:
    anna = await new_client(api)
    await make(api, "rich", RICH)
    await go_live(sessions, account, memory)
    before = await waiting(api)
    await buy(api, anna, "1")
    assert await waiting(api) > before
    await settle(sessions, account, memory)
    assert await waiting(api) == before


async def test_new_and_deleted_clients_are_in_and_out_of_complements(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo, memory: Memory
) -> None:
    await make_base(sessions, account, 10)
    await make(api, "others", tree(field("city", "ne", "Казань")))
    await go_live(sessions, account, memory)
    before = await members(api, "others")
    added, away = await new_client(api, city="Тверь"), min(before)
    assert (await api.delete(f"/api/v1/clients/{away}")).status_code == 204
    await settle(sessions, account, memory)
    assert await members(api, "others") == before - {away} | {added}


async def test_whoever_enters_a_segment_is_seen_by_those_that_ask_for_it_at_once(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo, memory: Memory
) -> None:
    anna = await new_client(api)
    await make(api, "rich", RICH)
    entered = {"type": "action", "action": "segment.entered", "where": field("segment", "eq", "rich")}
    await make(api, "welcomed", tree(entered))
    for _ in range(2):  # what asks who entered is computed behind what it asks about
        await go_live(sessions, account, memory)
    await buy(api, anna, "1")
    assert await settle(sessions, account, memory) == 3  # the last one finds that nothing moves any more
    assert await members(api, "welcomed") == {anna}


async def test_members_changed_by_hand_reach_the_segments_over_them(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo, memory: Memory
) -> None:
    anna = await new_client(api)
    await make(api, "chosen", None, kind="manual")
    await make(api, "over", tree(in_segment("chosen")))
    await go_live(sessions, account, memory)
    await api.post(f"{SEGMENTS}/chosen/member-additions", json={"ids": [anna]})
    assert await settle(sessions, account, memory) == 1
    assert await members(api, "over") == {anna}


async def test_what_no_live_segment_reads_wants_no_round(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo, memory: Memory
) -> None:
    anna = await new_client(api)
    await make(api, "rich", RICH)
    await go_live(sessions, account, memory)
    visit = {"type": "visit", "client": {"id": anna}, "at": "2026-02-01T10:00:00Z"}
    answer = await api.post("/api/v1/actions/batch", json={"items": [visit]})
    assert answer.json()["items"][0]["status"] == "created", answer.text
    assert not await wants_round(sessions, account)


async def test_time_alone_moves_members_and_wants_a_round_every_minute(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo, memory: Memory, at: Path
) -> None:
    at.write_text(NOON.isoformat())
    anna = await new_client(api)
    await buy(api, anna, "1", created_at="2026-02-01T10:00:00Z")
    recent = {"type": "action", "action": "purchase", "period": {"from": "now-30d"}}
    await make(api, "recent", tree(recent))
    await go_live(sessions, account, memory)
    assert await members(api, "recent") == {anna}
    at.write_text((NOON + timedelta(days=2, minutes=59)).isoformat())
    assert await settle(sessions, account, memory) == 1
    assert await members(api, "recent") == {anna}
    at.write_text((NOON + timedelta(days=2, minutes=61)).isoformat())
    assert await settle(sessions, account, memory) == 1
    assert await members(api, "recent") == set()


async def test_an_account_is_taken_by_one_worker_and_a_late_one_writes_nothing(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo, memory: Memory
) -> None:
    anna = await new_client(api)
    await make(api, "rich", RICH)
    await go_live(sessions, account, memory)
    async with writing(sessions) as session:
        late = await live.claim(session, account.id, seconds=15)
        assert late is not None
        assert await live.claim(session, account.id, seconds=15) is None
        await live.give_back(session, late)
    await buy(api, anna, "1")
    async with writing(sessions) as session:
        assert await live.claim(session, account.id, seconds=15) is not None
    with pytest.raises(LiveLeaseLost):
        await take_round(sessions, account=account, lease=late, memory=memory)
    assert await members(api, "rich") == set()


async def test_a_segment_that_fails_keeps_its_members_and_stops_no_other(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo, memory: Memory
) -> None:
    anna = await new_client(api)
    await make(api, "rich", RICH)
    await make(api, "sized", tree(field("city", "eq", "Тверь")))
    await go_live(sessions, account, memory)
    async with writing(sessions) as session:
        await session.execute(BREAK, {"account_id": account.id})
    await buy(api, anna, "1")
    report = await live_round(sessions, account, Memory())
    assert report.failed == ("sized",)
    assert await members(api, "rich") == {anna}
    assert (await read(api, "sized"))["state"] == "failed"


async def test_a_recount_is_due_however_often_the_members_move_and_overtakes_no_later_round(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo, memory: Memory
) -> None:
    anna = await new_client(api)
    await make(api, "rich", RICH)
    await recount(sessions, account)
    due_at = (await read(api, "rich"))["due_at"]
    await buy(api, anna, "1")
    await make_due(sessions, account)
    early = await recalculate.evaluate(sessions, account=account)
    assert [one.members for one in early.members] == [BitMap64([anna])]
    await api.post("/api/v1/orders/batch", json={"items": [ORDER | {"status": "cancelled"}]})
    assert await settle(sessions, account, memory) == 1
    assert await members(api, "rich") == set()
    assert (await read(api, "rich"))["due_at"] < due_at, "a live round is no recount"
    async with writing(sessions) as session:
        report = await recalculate.write(session, account_id=account.id, found=early)
    assert (report.changed, report.discarded) == (0, 1)
    assert await members(api, "rich") == set()
    assert (await read(api, "rich"))["due_at"] > due_at


async def test_what_has_no_clients_wants_a_round_too(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo, memory: Memory
) -> None:
    anna = await new_client(api)
    await api.post("/api/v1/product-groups/batch", json={"items": [{"code": "tea", "name": "Tea"}]})
    await buy(api, anna, "1", lines=[{"product": "p1", "quantity": 1, "price": "5000.00"}])
    bought = {
        "type": "action",
        "action": "purchase.item",
        "where": field("product_group", "eq", "tea"),
    }
    await make(api, "drinkers", tree(bought))
    await go_live(sessions, account, memory)
    assert await members(api, "drinkers") == set()
    renamed = {"items": [{"code": "p1", "name": "Green tea"}]}
    await api.post("/api/v1/products/batch", json=renamed)
    assert not await wants_round(sessions, account), "no leaf reads the name"
    await api.post("/api/v1/products/batch", json={"items": [{"code": "p1", "group": "tea"}]})
    assert await settle(sessions, account, memory) == 1
    assert await members(api, "drinkers") == {anna}


async def test_a_kept_leaf_that_is_wrong_is_found_by_the_recount_told_of_and_repaired(
    api: httpx.AsyncClient,
    sessions: Sessions,
    account: AccountInfo,
    memory: Memory,
    committed_engine: AsyncEngine,
    databases: Databases,
) -> None:
    anna = await new_client(api, city="Казань")
    await make(api, "kazan", tree(field("city", "eq", "Казань")))
    await go_live(sessions, account, memory)
    owner = databases.engines.owner_database_url.rsplit("/", 1)[0]
    connection = await asyncpg.connect(f"{owner}/{committed_engine.url.database}")
    await connection.execute("ALTER TABLE clients DISABLE TRIGGER USER")
    await connection.execute("UPDATE clients SET city_folded = 'омск' WHERE id = $1", anna)
    await connection.execute("ALTER TABLE clients ENABLE TRIGGER USER")
    await connection.close()
    assert (await live_round(sessions, account, memory)).changed == 0, "nothing has told of the change"
    await make_due(sessions, account)
    report = await recount(sessions, account)
    ((divergence,), result) = (report.divergences, report.result())
    assert (divergence.leaf.split(":")[0], divergence.ids) == ("city", (anna,))
    assert result["diverged"] == [
        {"code": "LEAF_DIVERGED", "leaf": divergence.leaf, "clients": 1, "ids": (anna,)}
    ]
    assert await members(api, "kazan") == set()
    await make_due(sessions, account)
    assert (await recount(sessions, account)).divergences == ()
