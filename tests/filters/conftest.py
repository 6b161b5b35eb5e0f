"""A database of worlds: each is an account of its own."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from clientbase.kit.db import Sessions, make_engine, session_factory
from tests.databases import Databases
from tests.filters.benches import Bench, lay
from tests.filters.subject import Subject


@pytest.fixture(scope="session")
async def worlds_engine(databases: Databases) -> AsyncIterator[AsyncEngine]:
    """A database that keeps what is laid in it."""
    engine = make_engine(databases.clone("worlds").service_url)
    yield engine
    await engine.dispose()


@pytest.fixture(scope="session")
def world_sessions(worlds_engine: AsyncEngine) -> Sessions:
    """Sessions that commit."""
    return session_factory(worlds_engine)


@pytest.fixture
async def bench(request: pytest.FixtureRequest, world_sessions: Sessions) -> AsyncIterator[Bench]:
    """A world of the seed that the test names by its parameter."""
    world, loaded, rng = await lay(world_sessions, request.param)
    async with world_sessions() as session:
        yield Bench(request.param, Subject(session, loaded, world), rng)
