"""A worker of this process for the runs of segments, and waiting for what it does."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from clientbase.jobs import JOBS
from clientbase.jobs.executor import Executor
from clientbase.kit.db import RING, Sessions
from tests.waiting import eventually

SECONDS = 20


@pytest.fixture
async def worker(sessions: Sessions) -> AsyncIterator[None]:
    """An executor of segments' runs, rung by every transaction that begins one."""

    async def ring(run_id: int) -> None:
        executor.wake()

    jobs = {"recalculate": JOBS["recalculate"]}
    sessions.configure(info=sessions.kw["info"] | {RING: ring})
    executor = Executor(sessions, sessions, jobs, owner="test", slots=2, ring=ring)
    sweeping = asyncio.create_task(executor.sweep())
    yield
    await executor.stop()
    await sweeping


async def until(api: httpx.AsyncClient, path: str, **wanted: object) -> dict[str, Any]:
    """What is read there, once it has these values."""
    found: dict[str, Any] = {}

    async def is_there() -> bool:
        found.update((await api.get(path)).json())
        return wanted.items() <= found.items()

    await eventually(is_there, seconds=SECONDS, said=f"{path} with {wanted}")
    return found
