"""The store of leaves: what it keeps, what it lets go, and that losing it costs nothing but time."""

import asyncio
from datetime import UTC, datetime

import httpx
import pytest
import redis.asyncio as redis
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap64
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from clientbase.accounts.schemas import AccountInfo
from clientbase.embedded.ports import free_port
from clientbase.filters import Plan, check, plan
from clientbase.kit import clock, metrics
from clientbase.kit.db import Sessions, reading, session_factory, writing
from clientbase.search import catalogue as catalogues
from clientbase.search.changes import prune
from clientbase.search.evaluator import Evaluator
from clientbase.search.kept import Kept
from clientbase.search.leaf_store import CARRIED, LeafStore
from clientbase.search.shared_leaves import PREFIX, SharedLeaves
from clientbase.search.snapshots import Snapshot
from tests.databases import Databases
from tests.search.bases import field, make_base, tree

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
LATER = Snapshot(100, 100, frozenset())
IN_KAZAN = tree(field("city", "eq", "Казань"))


def kept(*ids: int, ends: int = 10) -> Kept:
    return Kept(BitMap64(ids), Snapshot(ends - 2, ends, frozenset({ends - 2})), NOW, 0.25)


@pytest.fixture
def keeping(committed_engine: AsyncEngine, store: LeafStore) -> Sessions:
    return session_factory(committed_engine, carried={CARRIED: store})


def evaluated_whole() -> float:
    return metrics.LEAVES_FOUND.labels("whole")._value.get()


async def plan_of(sessions: Sessions, account: AccountInfo, filter: dict[str, object]) -> Plan:
    async with reading(sessions) as session:
        catalogue = await catalogues.load(session, account=account)
    return plan(check(filter, catalogue), catalogue)


async def ask(sessions: Sessions, account: AccountInfo, what: Plan) -> set[int]:
    async with reading(sessions, snapshot=True) as session:
        return set((await Evaluator(session, account=account, now=NOW).evaluate(what)).members)


@given(st.sets(st.integers(0, 2**40)), st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)))
def test_a_leaf_is_loaded_as_it_was_dumped(ids: set[int], now: datetime) -> None:
    leaf = Kept(BitMap64(ids), Snapshot(3, 9, frozenset({3, 5})), now.replace(tzinfo=UTC), 1.5)
    assert Kept.load(leaf.dump()) == leaf


@given(st.data())
def test_bytes_that_are_damaged_are_no_leaf(data: st.DataObject) -> None:
    whole = kept(1, 2, 3).dump()
    place = data.draw(st.integers(0, len(whole) - 1))
    damaged = bytes([*whole[:place], whole[place] ^ 0xFF, *whole[place + 1 :]])
    assert Kept.load(whole[:place]) is None
    assert Kept.load(damaged) is None


async def test_what_one_process_keeps_another_one_finds(store: LeafStore, databases: Databases) -> None:
    other = LeafStore(databases.redis_url)
    await store.put({"shared": kept(1, 2)})
    assert await other.get(["shared", "unknown"], seen_by=LATER) == {"shared": kept(1, 2)}
    await other.close()


async def test_a_leaf_that_has_seen_more_is_neither_given_nor_replaced(databases: Databases) -> None:
    store = LeafStore("")
    await store.put({"leaf": kept(1, ends=20)})
    assert await store.get(["leaf"], seen_by=Snapshot(15, 15, frozenset())) == {}
    await store.put({"leaf": kept(2, ends=10)})
    assert await store.get(["leaf"], seen_by=LATER) == {"leaf": kept(1, ends=20)}


async def test_a_process_keeps_no_more_than_it_may(databases: Databases) -> None:
    small = LeafStore("", memory_bytes=3 * len(kept(1).dump()))
    await small.put({f"leaf {n}": kept(n) for n in range(5)})
    assert sorted(await small.get([f"leaf {n}" for n in range(5)], seen_by=LATER)) == [
        "leaf 2",
        "leaf 3",
        "leaf 4",
    ]


async def test_the_leaves_written_longest_ago_make_room_in_redis(databases: Databases) -> None:
    shared = SharedLeaves(databases.redis_url, budget_bytes=5000)
    for n in range(30):
        await shared.put({f"room {n}": bytes(400)})
    client = redis.Redis.from_url(databases.redis_url)
    left = [n for n in range(30) if await client.exists(f"{PREFIX}room {n}")]
    assert 5 <= len(left) <= 14
    assert left == list(range(30 - len(left), 30))
    assert all([0 < await client.ttl(f"{PREFIX}room {n}") <= 86400 for n in left])
    await client.aclose()
    await shared.close()


async def test_without_redis_leaves_are_kept_in_the_process(
    committed_engine: AsyncEngine, account: AccountInfo
) -> None:
    store = LeafStore(f"redis://127.0.0.1:{free_port()}")
    sessions = session_factory(committed_engine, carried={CARRIED: store})
    clients = await make_base(sessions, account, 20)
    what = await plan_of(sessions, account, IN_KAZAN)
    before = evaluated_whole()
    found = [await ask(sessions, account, what) for _ in range(3)]
    assert found == [{client.id for client in clients if client.city == "Казань"}] * 3
    assert evaluated_whole() == before + 1
    await store.close()


async def test_many_who_ask_for_one_leaf_evaluate_it_once(keeping: Sessions, account: AccountInfo) -> None:
    clients = await make_base(keeping, account, 20)
    what = await plan_of(keeping, account, IN_KAZAN)
    before = evaluated_whole()
    found = await asyncio.gather(*(ask(keeping, account, what) for _ in range(6)))
    assert found == [{client.id for client in clients if client.city == "Казань"}] * 6
    assert evaluated_whole() == before + 1


async def test_a_leaf_older_than_the_log_is_evaluated_whole(
    keeping: Sessions, account: AccountInfo, api: httpx.AsyncClient
) -> None:
    clients = await make_base(keeping, account, 20)
    what = await plan_of(keeping, account, IN_KAZAN)
    in_kazan = await ask(keeping, account, what)
    moved = next(client.id for client in clients if client.city != "Казань")
    async with writing(keeping) as session:
        await session.execute(
            text("UPDATE clients SET city_folded = 'казань' WHERE account_id = :account AND id = :id"),
            {"account": account.id, "id": moved},
        )
        await session.execute(text("UPDATE client_changes SET at = at - interval '1 day'"))
    async with writing(keeping) as session:
        await prune(session, clock.now())
        assert await session.scalar(text("SELECT count(*) FROM client_changes")) == 0
    before = evaluated_whole()
    assert await ask(keeping, account, what) == in_kazan | {moved}
    assert evaluated_whole() == before + 1


async def test_a_session_that_has_written_keeps_nothing(keeping: Sessions, account: AccountInfo) -> None:
    await make_base(keeping, account, 5)
    what = await plan_of(keeping, account, IN_KAZAN)
    before = evaluated_whole()
    async with writing(keeping) as session:
        await session.execute(text("UPDATE accounts SET name = name"))
        await Evaluator(session, account=account, now=NOW).evaluate(what)
    assert evaluated_whole() == before
