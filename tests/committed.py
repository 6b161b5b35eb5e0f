"""Fixtures for tests that need real commits: snapshots, swaps, workers; to be imported in a conftest."""

import uuid
from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from clientbase.kit.db import Sessions, make_engine, session_factory
from tests.databases import Databases


@pytest.fixture(scope="module")
async def committed_engine(databases: Databases) -> AsyncIterator[AsyncEngine]:
    """A database of the module's own, which it may dirty; each test makes accounts of its own in it."""
    engine = make_engine(databases.clone(f"committed_{uuid.uuid4().hex[:12]}").service_url)
    yield engine
    await engine.dispose()


@pytest.fixture
def sessions(committed_engine: AsyncEngine) -> Sessions:
    """Sessions that really commit."""
    return session_factory(committed_engine)
