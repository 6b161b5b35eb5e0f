"""Engines, databases, accounts and HTTP clients for all tests."""

import os
import secrets
from collections.abc import AsyncIterator, Iterator

os.environ.setdefault("CLIENTBASE_SECRET_KEY", "tests-" + secrets.token_hex(16))
os.environ.setdefault("CLIENTBASE_LOG_LEVEL", "warning")
os.environ.setdefault("CLIENTBASE_REQUESTS_PER_MINUTE", "1000000")
os.environ.setdefault("CLIENTBASE_HEAVY_REQUESTS_PER_MINUTE", "1000000")

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, async_sessionmaker

from clientbase.accounts.schemas import AccountInfo
from clientbase.app import create_app
from clientbase.embedded import engines as embedded
from clientbase.kit import logging
from clientbase.kit.db import Sessions, WriteSession, make_engine
from tests import factories
from tests.databases import Databases, given_servers

logging.configure(level="warning", as_json=True)


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """PostgreSQL and Valkey of this test process, with a migrated template to clone."""
    with embedded.start(throwaway=True, external=given_servers()) as servers:
        yield Databases(servers)


@pytest.fixture(scope="session")
async def engine(databases: Databases) -> AsyncIterator[AsyncEngine]:
    """The database of the tests that roll back."""
    engine = make_engine(databases.clone("rolled_back").service_url)
    yield engine
    await engine.dispose()


@pytest.fixture
async def connection(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """One connection whose outer transaction is rolled back at the end of the test."""
    async with engine.connect() as connection:
        transaction = await connection.begin()
        yield connection
        await transaction.rollback()


@pytest.fixture
def sessions(connection: AsyncConnection) -> Sessions:
    """Sessions inside the test's transaction: their commits are savepoints, their reads see it."""
    return async_sessionmaker(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")


@pytest.fixture
async def session(sessions: Sessions) -> AsyncIterator[WriteSession]:
    """A session for services called directly."""
    async with sessions() as session:
        yield WriteSession(session)


@pytest.fixture
async def account(sessions: Sessions) -> AccountInfo:
    """A fresh account in Moscow with roubles."""
    return await factories.create_account(sessions)


@pytest.fixture
async def other_account(sessions: Sessions) -> AccountInfo:
    """Somebody else's account."""
    return await factories.create_account(sessions, name="Other")


@pytest.fixture
async def api(sessions: Sessions, account: AccountInfo) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client with a key of the account that may do everything."""
    async with http_client(sessions, await factories.create_key(sessions, account)) as client:
        yield client


@pytest.fixture
async def other_api(sessions: Sessions, other_account: AccountInfo) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client of the other account."""
    async with http_client(sessions, await factories.create_key(sessions, other_account)) as client:
        yield client


@pytest.fixture
async def anonymous(sessions: Sessions) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client without a key."""
    async with http_client(sessions, None) as client:
        yield client


def http_client(sessions: Sessions, key: str | None) -> httpx.AsyncClient:
    """A client of the whole application, in this process."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(create_app(sessions)),
        base_url="http://clientbase.test",
        headers={"Authorization": f"Bearer {key}"} if key else {},
    )
