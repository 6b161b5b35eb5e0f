"""A database that workers commit to, and a Valkey that can be killed and come back on its port."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text

from clientbase.jobs.doorbell import Doorbell
from clientbase.kit.db import make_engine, session_factory
from tests import factories
from tests.databases import Database, Databases
from tests.faults.harness import Floor, Nursery, RedisServer
from tests.jobs.worker_app import EFFECTS


@pytest.fixture(scope="session")
async def fault_database(databases: Databases) -> Database:
    """A database with the table in which the test jobs leave their marks."""
    database = databases.clone("faults")
    connection = await asyncpg.connect(database.owner_url)
    await connection.execute(EFFECTS)
    await connection.close()
    return database


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Where worker processes come from."""
    nursery = Nursery()
    yield nursery
    nursery.close()


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A Valkey of this test alone."""
    server = RedisServer()
    server.start()
    yield server
    server.end()


@pytest.fixture
async def floor(
    fault_database: Database, redis_server: RedisServer, nursery: Nursery, tmp_path: Path
) -> AsyncIterator[Floor]:
    """Empty tables, and no worker yet."""
    bell = Doorbell(redis_server.url)
    engine = make_engine(fault_database.service_url, pool_size=4)
    sessions = session_factory(engine, ring=bell.ring)
    async with sessions.begin() as session:
        for table in ("effects", "runs", "schedule_slots"):
            await session.execute(text(f"DELETE FROM {table}"))
    account = await factories.create_account(sessions)
    floor = Floor(sessions, fault_database.service_url, redis_server, tmp_path, account.id, nursery)
    yield floor
    await floor.end_workers()
    await bell.close()
    await engine.dispose()
