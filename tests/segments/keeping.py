"""Fixtures of tests whose segments are live: sessions that keep leaves, what a worker remembers, a clock."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from clientbase.config import settings
from clientbase.kit.db import Sessions, session_factory
from clientbase.search.leaf_store import CARRIED, LeafStore
from clientbase.segments.live import Memory
from tests.databases import Databases


@pytest.fixture
async def sessions(committed_engine: AsyncEngine, databases: Databases) -> AsyncIterator[Sessions]:
    """Sessions that commit and carry a store of leaves."""
    store = LeafStore(databases.redis_url)
    yield session_factory(committed_engine, carried={CARRIED: store})
    await store.close()


@pytest.fixture
def memory() -> Memory:
    """What a worker remembers: nothing at first."""
    return Memory()


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that the clock reads."""
    file = tmp_path / "clock"
    monkeypatch.setattr(settings(), "clock_file", file)
    return file
