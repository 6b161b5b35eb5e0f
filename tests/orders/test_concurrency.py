"""Many writers at once on the same clients: nobody deadlocks, and the counted fields are right at the end."""

import asyncio
import random
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
from sqlalchemy import select

from clientbase.clients.stats import recount_differences
from clientbase.kit.db import Sessions, make_engine, session_factory, writing
from clientbase.kit.errors import NotFound
from clientbase.loading.actions import ActionRow, upsert_actions
from clientbase.loading.matching import ClientKey
from clientbase.loading.orders import upsert_orders
from clientbase.models import ClientStats
from clientbase.orders.service import delete_order
from tests import factories
from tests.databases import Databases
from tests.orders.facts import day, line, make_clients, order


@pytest.fixture
async def committed(databases: Databases) -> AsyncIterator[Sessions]:
    """Sessions of a database of this test's own: what they commit stays."""
    engine = make_engine(databases.clone("facts_at_once").service_url)
    yield session_factory(engine)
    await engine.dispose()


async def test_writers_at_once_leave_true_counts(committed):
    account = await factories.create_account(committed)
    async with writing(committed) as session:
        clients = await make_clients(session, account, 4)
    made: list[int] = []

    async def write(seed: int) -> None:
        rng = random.Random(seed)
        for step in range(6):
            keys = [str(rng.randrange(12)) for _ in range(5)]
            rows = [
                order(rng.choice(clients), key, status=rng.choice(["new", "done"]), lines=[line(f"p{step}")])
                for key in keys
            ]
            async with writing(committed) as session:
                made.extend(each.id for each in await upsert_orders(session, account=account, rows=rows) if each.id)

    async def act(seed: int) -> None:
        rng = random.Random(seed)
        for step in range(6):
            rows = [
                ActionRow(
                    type="loyalty.accrual", client=ClientKey(id=rng.choice(clients)), at=day(1),
                    params={"amount": Decimal(step)}, external_id=str(rng.randrange(9)),
                )
                for _ in range(5)
            ]  # fmt: skip
            async with writing(committed) as session:
                await upsert_actions(session, account=account, rows=rows)

    async def delete(seed: int) -> None:
        rng = random.Random(seed)
        for _ in range(12):
            if made:
                try:
                    async with writing(committed) as session:
                        await delete_order(session, account_id=account.id, order_id=rng.choice(made))
                except NotFound:
                    pass
            await asyncio.sleep(0)

    await asyncio.gather(*(each(seed) for seed in range(2) for each in (write, act, delete)))
    async with committed() as session:
        assert await recount_differences(session, account_id=account.id) == []
        orders = (await session.execute(select(ClientStats.orders_count))).scalars().all()
    assert sum(orders) > 0
