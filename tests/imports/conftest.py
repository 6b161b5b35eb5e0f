"""A database that workers commit to, and a folder for its files."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from clientbase.config import settings
from clientbase.kit.db import make_engine, session_factory
from tests import factories
from tests.conftest import http_client
from tests.databases import Database, Databases
from tests.imports.house import House


@pytest.fixture(scope="session")
def files_database(databases: Databases) -> Database:
    """A database of its own, since workers commit."""
    return databases.clone("files")


@pytest.fixture(scope="session")
async def files_engine(files_database: Database) -> AsyncIterator[AsyncEngine]:
    """Connections to it."""
    engine = make_engine(files_database.service_url)
    yield engine
    await engine.dispose()


@pytest.fixture
async def house(
    files_engine: AsyncEngine,
    files_database: Database,
    databases: Databases,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[House]:
    """A fresh account, and nobody at work yet."""
    monkeypatch.setenv("CLIENTBASE_DATA_DIR", str(tmp_path))
    settings.cache_clear()
    sessions = session_factory(files_engine)
    account = await factories.create_account(sessions)
    key = await factories.create_key(sessions, account)
    async with http_client(sessions, key) as api:
        house = House(sessions, files_database, databases.redis_url, tmp_path, account, api)
        yield house
        house.end_workers()
    settings.cache_clear()
