"""Engines, sessions, transactions with what follows their commit, and COPY into a table."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, NewType

import orjson
from sqlalchemy import (
    ARRAY,
    ClauseElement,
    ColumnElement,
    Executable,
    Select,
    any_,
    literal,
    make_url,
    text,
)
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.ext.compiler import compiles

from clientbase.config import settings

ReadSession = NewType("ReadSession", AsyncSession)
"""A session that only reads: mypy keeps a read path from writing."""
WriteSession = NewType("WriteSession", AsyncSession)
"""A session whose door commits it; it may be read through as well."""
AnySession = ReadSession | WriteSession
Sessions = async_sessionmaker[AsyncSession]
AfterCommit = Callable[[], Awaitable[None]]
Ring = Callable[[int], Awaitable[None]]
"""Tells the workers of a run by its id; it never raises, since the run is found without it too."""

_AFTER_COMMIT = "after_commit"
RING = "ring"
"""The name under which sessions carry the bell of the workers."""


def make_engine(url: str, *, pool_size: int | None = None) -> AsyncEngine:
    """An engine with the pool, time-outs and JSON codec of the settings."""
    values = settings()
    return create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"),
        pool_size=pool_size or values.database_pool_size,
        max_overflow=0,
        pool_pre_ping=True,
        pool_timeout=5,
        hide_parameters=True,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
        connect_args={
            "server_settings": {
                "application_name": "clientbase",
                "timezone": "UTC",
                "jit": "off",
                "statement_timeout": str(values.database_statement_timeout_ms),
                "idle_in_transaction_session_timeout": "120000",
            }
        },
    )


def session_factory(
    engine: AsyncEngine, *, ring: Ring | None = None, carried: Mapping[str, Any] | None = None
) -> Sessions:
    """Sessions of an engine; objects stay readable after the commit.

    `ring_after_commit` calls `ring`; what is `carried` lies in the `info` of every session.
    """
    return async_sessionmaker(engine, expire_on_commit=False, info={RING: ring, **(carried or {})})


def among(column: Any, values: Collection[Any]) -> ColumnElement[bool]:
    """`column = ANY(:values)`: however many values, one bind parameter."""
    element: ColumnElement[bool] = column == any_(literal(list(values), ARRAY(column.type)))
    return element


class Explained(Executable, ClauseElement):
    """The plan of a SELECT as JSON, in place of its rows."""

    inherit_cache = False

    def __init__(self, query: Select[Any]) -> None:
        self.query = query


@compiles(Explained)
def _explain(element: Explained, compiler: Any, **options: Any) -> str:
    return f"EXPLAIN (FORMAT JSON) {compiler.process(element.query, **options)}"


@asynccontextmanager
async def reading(sessions: Sessions, *, snapshot: bool = False) -> AsyncIterator[ReadSession]:
    """A session that only reads; with `snapshot`, everything read in it is of one instant."""
    async with sessions() as session:
        if snapshot:
            await session.connection(
                execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
            )
        yield ReadSession(session)


@asynccontextmanager
async def beside(sessions: Sessions, session: ReadSession) -> AsyncIterator[ReadSession]:
    """A second session that reads the snapshot of another, so that both can work at the same time."""
    name = await session.scalar(text("SELECT pg_export_snapshot()"))
    async with reading(sessions, snapshot=True) as other:
        # The server's own name of it; this statement takes no parameters.
        await other.execute(text(f"SET TRANSACTION SNAPSHOT '{name}'"))
        yield other


@asynccontextmanager
async def writing(sessions: Sessions) -> AsyncIterator[WriteSession]:
    """The one door that commits: commit at the end, then what was asked for by `after_commit`.

    On an error everything is rolled back, and nothing that was asked for is done.
    """
    async with sessions() as session:
        async with session.begin():
            yield WriteSession(session)
        for follow in session.info.pop(_AFTER_COMMIT, []):
            await follow()


def after_commit(session: WriteSession, follow: AfterCommit) -> None:
    """Do something once the transaction has been committed, and never otherwise."""
    session.info.setdefault(_AFTER_COMMIT, []).append(follow)


def ring_after_commit(session: WriteSession, run_id: int) -> None:
    """Once the transaction has been committed, ring for a run in it."""
    ring: Ring | None = session.info.get(RING)
    if ring is not None:
        after_commit(session, partial(ring, run_id))


async def copy_rows(
    session: WriteSession, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """COPY rows into a table inside the session's transaction, which must have run a statement before."""
    connection = await (await session.connection()).get_raw_connection()
    driver = connection.driver_connection
    assert driver is not None
    await driver.copy_records_to_table(table, records=rows, columns=list(columns))
