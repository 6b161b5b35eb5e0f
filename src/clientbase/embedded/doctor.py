"""Is everything that the service needs there, and well?"""

import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import redis.asyncio as redis

from clientbase.embedded import schema
from clientbase.embedded.engines import Addresses
from clientbase.kit import clock

OLDEST_PYTHON = (3, 11)
OLDEST_POSTGRES = 15
OLDEST_REDIS = 7
LEAST_FREE_BYTES = 2 * 1024**3
MOST_CLOCK_SECONDS = 2.0
CONNECT_SECONDS = 5.0


class UnwellError(Exception):
    """What is wrong, for the person who will put it right."""


@dataclass(frozen=True)
class Finding:
    """The answer of one check."""

    name: str
    well: bool
    text: str


async def examine(addresses: Addresses, data_dir: Path) -> list[Finding]:
    """Run every check; none keeps the others from running."""
    return [await _find(name, check, addresses, data_dir) for name, check in CHECKS.items()]


Check = Callable[[Addresses, Path], Awaitable[str]]


async def _find(name: str, check: Check, addresses: Addresses, data_dir: Path) -> Finding:
    try:
        return Finding(name, True, await check(addresses, data_dir))
    except (UnwellError, OSError, asyncpg.PostgresError, redis.RedisError) as error:
        return Finding(name, False, str(error) or type(error).__name__)


async def _python(addresses: Addresses, data_dir: Path) -> str:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < OLDEST_PYTHON:
        raise UnwellError(f"{version} is too old, 3.11 is needed")
    return version


async def _database(addresses: Addresses, data_dir: Path) -> str:
    async with _connected(addresses.database_url) as connection:
        major = connection.get_server_version().major
    if major < OLDEST_POSTGRES:
        raise UnwellError(f"PostgreSQL {major} is too old, {OLDEST_POSTGRES} is needed")
    return f"PostgreSQL {major}"


async def _schema(addresses: Addresses, data_dir: Path) -> str:
    async with _connected(addresses.owner_database_url) as connection:
        current = await schema.current(connection)
    newest = schema.newest()
    if current != newest:
        raise UnwellError(f"the tables are at {current}, the code at {newest}: run `clientbase migrate`")
    return str(current)


async def _rights(addresses: Addresses, data_dir: Path) -> str:
    async with _connected(addresses.database_url) as connection:
        if await connection.fetchval("SELECT has_schema_privilege('public', 'CREATE')"):
            raise UnwellError("the service may change tables: give it a role of its own, without DDL")
    return "the service changes no tables"


async def _clock(addresses: Addresses, data_dir: Path) -> str:
    async with _connected(addresses.database_url) as connection:
        theirs: datetime = await connection.fetchval("SELECT clock_timestamp()")
    seconds = abs((theirs.astimezone(UTC) - clock.now()).total_seconds())
    if seconds > MOST_CLOCK_SECONDS:
        raise UnwellError(
            f"this clock and the database's are {seconds:.0f} s apart: set up time synchronisation"
        )
    return f"{seconds:.1f} s from the database's"


async def _redis(addresses: Addresses, data_dir: Path) -> str:
    async with redis.Redis.from_url(addresses.redis_url, socket_connect_timeout=CONNECT_SECONDS) as client:
        info = await client.info()
    version = str(info.get("valkey_version") or info["redis_version"])
    if int(version.split(".")[0]) < OLDEST_REDIS:
        raise UnwellError(f"Redis {version} is too old, {OLDEST_REDIS} is needed")
    if info["maxmemory_policy"].startswith("allkeys"):
        raise UnwellError("maxmemory-policy may drop the queue: set it to volatile-lru")
    return version


async def _disk(addresses: Addresses, data_dir: Path) -> str:
    free = shutil.disk_usage(data_dir).free
    if free < LEAST_FREE_BYTES:
        raise UnwellError(f"{free // 1024**2} MiB free in {data_dir}")
    return f"{free // 1024**3} GiB free"


CHECKS: dict[str, Check] = {
    "python": _python,
    "database": _database,
    "tables": _schema,
    "rights": _rights,
    "clock": _clock,
    "redis": _redis,
    "disk": _disk,
}


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url, timeout=CONNECT_SECONDS)
    try:
        yield connection
    finally:
        await connection.close()
