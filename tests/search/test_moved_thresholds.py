"""A filter that is edited by its threshold: only who lies between the old and the new one is found out."""

from decimal import Decimal
from random import Random
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from clientbase.accounts.schemas import AccountInfo
from clientbase.filters import check, plan
from clientbase.kit import clock, metrics
from clientbase.kit.db import Sessions, reading, session_factory, writing
from clientbase.search import catalogue as catalogues
from clientbase.search.evaluator import Evaluator
from clientbase.search.leaf_store import CARRIED, LeafStore
from tests.databases import Databases
from tests.search.bases import Known, field, make_base, tree

CLIENTS = 1500
"""So many that the planner, which decides, takes an index for a narrow range."""
SPENT = text(
    "UPDATE client_stats SET revenue = :revenue WHERE account_id = :account_id AND client_id = "
    "(SELECT min(client_id) FROM client_stats WHERE account_id = :account_id AND client_id > :after)"
)


@pytest.fixture
def keeping(committed_engine: AsyncEngine, store: LeafStore) -> Sessions:
    """Sessions that carry the store."""
    return session_factory(committed_engine, carried={CARRIED: store})


@pytest.fixture
async def clients(
    keeping: Sessions, account: AccountInfo, committed_engine: AsyncEngine, databases: Databases
) -> list[Known]:
    """Clients, whom the planner knows as it does once autovacuum has been."""
    made = await make_base(keeping, account, CLIENTS)
    owner = databases.engines.owner_database_url.rsplit("/", 1)[0]
    connection = await asyncpg.connect(f"{owner}/{committed_engine.url.database}")
    await connection.execute("ANALYZE client_stats")
    await connection.close()
    return made


def found(how: str) -> float:
    return metrics.LEAVES_FOUND.labels(how)._value.get()


async def ask(keeping: Sessions, account: AccountInfo, node: dict[str, Any]) -> str:
    """Ask of the store and whole, which is the same; how the store has found out."""
    before = {how: found(how) for how in ("brought", "moved", "whole")}
    async with reading(keeping, snapshot=True) as session:
        catalogue = await catalogues.load(session, account=account)
        asked = plan(check(tree(node), catalogue), catalogue)
        now = clock.now()
        kept = await Evaluator(session, account=account, now=now).evaluate(asked)
        whole = await Evaluator(session, account=account, now=now, how="whole").evaluate(asked)
    assert kept.members == whole.members, (node, set(kept.members ^ whole.members))
    return next(how for how in ("moved", "whole", "brought") if found(how) > before[how])


def spent(operator: str, *amounts: int) -> dict[str, Any]:
    values = [f"{Decimal(amount):.2f}" for amount in amounts]
    ends = dict(zip(("from", "to"), values, strict=False))
    return field("revenue", operator, ends if operator == "between" else values[0])


async def test_a_moved_threshold_is_the_former_leaf_with_who_lies_between(
    keeping: Sessions, account: AccountInfo, clients: list[Known]
) -> None:
    assert await ask(keeping, account, spent("gte", 1000)) == "whole"
    assert await ask(keeping, account, spent("gte", 2000)) == "moved"
    assert await ask(keeping, account, spent("gt", 2000)) == "moved"
    assert await ask(keeping, account, spent("gte", 2000)) == "brought"
    assert await ask(keeping, account, spent("between", 2000, 60000)) == "moved"
    assert await ask(keeping, account, spent("between", 3000, 60000)) == "moved"
    assert await ask(keeping, account, field("sales_count", "gte", 2)) == "whole", "another field"


async def test_what_has_changed_since_is_seen(
    keeping: Sessions, account: AccountInfo, clients: list[Known]
) -> None:
    rng = Random(1)
    await ask(keeping, account, spent("gte", 5000))
    ways = set()
    for _ in range(25):
        async with writing(keeping) as session:
            values = {"account_id": account.id, "revenue": rng.randrange(10**7)}
            await session.execute(SPENT, values | {"after": rng.choice(clients).id - 1})
        ends = sorted(rng.sample(range(0, 100_000, 500), 2))
        node = rng.choice((spent("gte", ends[0]), spent("lt", ends[0]), spent("between", *ends)))
        ways.add(await ask(keeping, account, node))
    assert "moved" in ways
