"""Many writers at once on the same clients: nobody deadlocks, and the counted fields are right at the end."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from clientbase.clients.stats import recount_differences
from clientbase.kit.db import Sessions, make_engine, session_factory, writing
from clientbase.kit.errors import NotFound
from clientbase.loading.actions import ActionRow, upsert_actions
from clientbase.loading.matching import ClientKey
from clientbase.loading.orders import upsert_orders
from clientbase.loading.outcome import Outcome
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
                made.extend(
                    each.id for each in await upsert_orders(session, account=account, rows=rows) if each.id
                )

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


async def test_the_second_of_two_counts_what_the_first_has_done(committed):
    account = await factories.create_account(committed)
    async with writing(committed) as session:
        (client,) = await make_clients(session, account, 1)
        rows = [order(client, key, status="done", total=Decimal(10)) for key in "ab"]
        first, second = [each.id for each in await upsert_orders(session, account=account, rows=rows)]

    async def delete_second() -> None:
        async with writing(committed) as session:
            await delete_order(session, account_id=account.id, order_id=second)

    async with committed() as watcher:
        async with writing(committed) as session:
            await delete_order(session, account_id=account.id, order_id=first)
            task = asyncio.create_task(delete_second())
            await somebody_waits(watcher)
        await task
        assert await recount_differences(watcher, account_id=account.id) == []
        query = select(ClientStats.orders_count, ClientStats.revenue).where(ClientStats.client_id == client)
        assert tuple((await watcher.execute(query)).one()) == (0, 0)


async def test_an_order_that_is_deleted_while_it_is_loaded_is_made_anew(committed):
    account = await factories.create_account(committed)
    row = order(None, status="done", lines=[line("tea")], refunds=[])
    async with writing(committed) as session:
        row.client = ClientKey(id=(await make_clients(session, account, 1))[0])
        (made,) = await upsert_orders(session, account=account, rows=[row])

    async def change() -> list[Outcome]:
        async with writing(committed) as session:
            return await upsert_orders(session, account=account, rows=[replace(row, lines=[line("milk")])])

    async with committed() as watcher:
        async with writing(committed) as session:
            await delete_order(session, account_id=account.id, order_id=made.id)
            task = asyncio.create_task(change())
            await somebody_waits(watcher)
        (outcome,) = await task
        assert outcome.status == "created"
        assert await recount_differences(watcher, account_id=account.id) == []


async def somebody_waits(watcher: AsyncSession) -> None:
    """Until a session of the database waits for another."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    async with asyncio.timeout(20):
        while (await watcher.execute(waiting)).scalar_one() == 0:
            await watcher.rollback()
