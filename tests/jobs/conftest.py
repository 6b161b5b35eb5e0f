"""A database that an executor of this process commits to."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text

from clientbase.jobs.executor import Executor
from clientbase.jobs.runtime import Job
from clientbase.kit.db import Sessions, WriteSession, make_engine, reading, session_factory, writing
from clientbase.models import Run
from clientbase.runs import service
from clientbase.runs.schemas import ENDED
from tests import factories
from tests.databases import Databases
from tests.jobs.worker_app import EFFECTS

POLL_SECONDS = 0.01


async def no_ring(run_id: int) -> None:
    """The executor of a test is woken all the time."""


async def _wake_for_ever(executor: Executor) -> None:
    """In place of the doorbell and of looks every few seconds."""
    while True:
        executor.wake()
        await asyncio.sleep(POLL_SECONDS)


@dataclass
class Bench:
    """Runs of one account, and an executor to do them."""

    sessions: Sessions
    account_id: int

    async def start(self, **params: Any) -> int:
        async with writing(self.sessions) as session:
            return await self.start_in(session, **params)

    async def start_in(self, session: WriteSession, **params: Any) -> int:
        run = await service.start(session, account_id=self.account_id, kind="job", params=params)
        return run.id

    async def cancel(self, run_id: int) -> None:
        async with writing(self.sessions) as session:
            await service.request_cancellation(session, account_id=self.account_id, run_id=run_id)

    async def exists(self, run_id: int) -> bool:
        async with self.sessions() as session:
            query = text("SELECT EXISTS (SELECT FROM runs WHERE id = :run_id)")
            return bool(await session.scalar(query, {"run_id": run_id}))

    async def get(self, run_id: int) -> Run:
        async with reading(self.sessions) as session:
            return await service.get(session, account_id=self.account_id, run_id=run_id)

    async def effects(self, run_id: int) -> list[int]:
        async with self.sessions() as session:
            query = text("SELECT n FROM effects WHERE run_id = :run_id ORDER BY n")
            return list(await session.scalars(query, {"run_id": run_id}))

    @asynccontextmanager
    async def executor(self, jobs: Mapping[str, Job], slots: int = 4) -> AsyncIterator[Executor]:
        executor = Executor(self.sessions, self.sessions, jobs, owner="bench", slots=slots, ring=no_ring)
        sweep = asyncio.create_task(executor.sweep())
        waking = asyncio.create_task(_wake_for_ever(executor))
        yield executor
        waking.cancel()
        await executor.stop()
        await sweep

    async def until_ended(self, run_id: int) -> Run:
        while (run := await self.get(run_id)).state not in ENDED:
            await asyncio.sleep(POLL_SECONDS)
        return run

    async def do(self, jobs: Mapping[str, Job], run_id: int) -> Run:
        """Work until the run has ended."""
        async with self.executor(jobs), asyncio.timeout(10):
            return await self.until_ended(run_id)


@pytest.fixture(scope="session")
async def committed(databases: Databases) -> AsyncIterator[Sessions]:
    """Sessions whose commits are commits."""
    database = databases.clone("jobs")
    connection = await asyncpg.connect(database.owner_url)
    await connection.execute(EFFECTS)
    await connection.close()
    engine = make_engine(database.service_url)
    yield session_factory(engine)
    await engine.dispose()


@pytest.fixture
async def bench(committed: Sessions) -> Bench:
    """No runs yet."""
    async with writing(committed) as session:
        for table in ("effects", "runs", "schedule_slots", "idempotency_keys"):
            await session.execute(text(f"DELETE FROM {table}"))
    account = await factories.create_account(committed)
    return Bench(committed, account.id)
