"""Whatever happens to a shop, its segments are after every step what a recount and the oracle say."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy.ext.asyncio import AsyncEngine

from clientbase.config import settings as configured
from clientbase.kit.db import session_factory
from tests.conftest import http_client
from tests.databases import Databases
from tests.segments.stateful.machine import Machine
from tests.segments.stateful.shop import Place

FEW, MANY = 6, 200
COMMON = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
async def place(
    committed_engine: AsyncEngine, databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Place]:
    """Where shops are opened; their clock is a file."""
    clock = tmp_path / "clock"
    monkeypatch.setattr(configured(), "clock_file", clock)
    async with http_client(session_factory(committed_engine), None) as api:
        yield Place(committed_engine, databases.redis_url, api, clock)


@pytest.fixture
async def loop() -> asyncio.AbstractEventLoop:
    """The loop of the fixtures, which does not run while a test without `async` does."""
    return asyncio.get_running_loop()


def live_through(place: Place, loop: asyncio.AbstractEventLoop, *, examples: int, steps: int) -> None:
    class Here(Machine):
        """Opens its shops at the place of the test."""

    Here.place, Here.loop = place, loop
    run_state_machine_as_test(
        Here, settings=settings(COMMON, max_examples=examples, stateful_step_count=steps)
    )


@pytest.mark.timeout(1200)
def test_segments_are_true_after_every_step(place: Place, loop: asyncio.AbstractEventLoop) -> None:
    live_through(place, loop, examples=FEW, steps=18)


@pytest.mark.prove
@pytest.mark.timeout(7200)
def test_segments_are_true_after_every_step_at_length(place: Place, loop: asyncio.AbstractEventLoop) -> None:
    live_through(place, loop, examples=MANY, steps=40)
