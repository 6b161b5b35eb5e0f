"""Search reads snapshots, so its tests commit; each has an account of its own."""

from collections.abc import AsyncIterator

import pytest

from clientbase.search.leaf_store import LeafStore
from tests.committed import committed_engine, sessions
from tests.databases import Databases

__all__ = ["committed_engine", "sessions"]


@pytest.fixture
async def store(databases: Databases) -> AsyncIterator[LeafStore]:
    """A store that nothing else in this process uses."""
    store = LeafStore(databases.redis_url)
    yield store
    await store.close()
