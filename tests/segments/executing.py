"""A worker of this process for the runs of segments, and waiting for what it does."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from clientbase.jobs import JOBS
from clientbase.jobs.executor import Executor
from clientbase.kit.db import Sessions


async def _no_ring(run_id: int) -> None:
    """The executor of a test is woken all the time."""


@pytest.fixture
async def worker(sessions: Sessions) -> AsyncIterator[None]:
    """An executor of segments' runs that looks for work without pause."""
    jobs = {"recalculate": JOBS["recalculate"]}
    executor = Executor(sessions, sessions, jobs, owner="test", slots=2, ring=_no_ring)

    async def wake() -> None:
        while True:
            executor.wake()
            await asyncio.sleep(0.01)

    tasks = [asyncio.create_task(executor.sweep()), asyncio.create_task(wake())]
    yield
    tasks[1].cancel()
    await executor.stop()
    await tasks[0]


async def until(api: httpx.AsyncClient, path: str, state: str) -> dict[str, object]:
    """What is read there, once it is in the state."""
    async with asyncio.timeout(20):
        while True:
            found: dict[str, object] = (await api.get(path)).json()
            if found["state"] == state:
                return found
            await asyncio.sleep(0.02)
