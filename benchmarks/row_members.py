"""Members as rows, rebuilt as Mautic does it: who is missing and who no longer belongs, in batches of 300.

Both are counted first; then every batch asks the whole filter again and stops at its 300th client. It is
kinder than Mautic itself, which writes row by row from PHP: here a batch is one statement in one transaction.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pyroaring import BitMap64
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Select,
    TextClause,
    bindparam,
    column,
    func,
    select,
    table,
    text,
)

from benchmarks.plain_sql import OneQuery
from clientbase.kit.db import Sessions, WriteSession, make_engine, session_factory, writing
from clientbase.search.leaves import read_ids

BATCH = 300
_SCHEMA = "bench_rows"
_NAME = f"{_SCHEMA}.lead_lists_leads"
_ROWS = table(
    "lead_lists_leads",
    column("segment_id", BigInteger()),
    column("client_id", BigInteger()),
    column("manually_added", Boolean()),
    schema=_SCHEMA,
)
_DROP = f"DROP SCHEMA IF EXISTS {_SCHEMA} CASCADE"
_CREATE = (
    _DROP,
    f"CREATE SCHEMA {_SCHEMA}",
    f"""CREATE TABLE {_NAME} (
        segment_id bigint, client_id bigint, added_at timestamptz NOT NULL,
        manually_added boolean NOT NULL, manually_removed boolean NOT NULL,
        PRIMARY KEY (segment_id, client_id))""",
    f"CREATE INDEX ON {_NAME} (client_id)",
)
_IDS = bindparam("ids", type_=ARRAY(BigInteger))
_INSERT = text(
    f"INSERT INTO {_NAME} SELECT :segment, id, now(), false, false FROM unnest(:ids) AS id"
).bindparams(_IDS)
_DELETE = text(f"DELETE FROM {_NAME} WHERE segment_id = :segment AND client_id = ANY(:ids)").bindparams(_IDS)
_CLEAR = text(f"DELETE FROM {_NAME} WHERE segment_id = :segment")
_PREPARE = text(
    "SELECT set_config('statement_timeout', '0', true), "
    "set_config('plan_cache_mode', 'force_custom_plan', true)"
)


@dataclass(frozen=True)
class Work:
    """What a rebuild took, and how many clients it put in and took out."""

    seconds: float
    entered: int
    left: int


class RowMembers:
    """The table of members."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def put(self, segment_id: int, members: BitMap64) -> None:
        """Give a segment the members that it has before anything is measured."""
        async with self._writing() as session:
            await session.execute(_CLEAR, {"segment": segment_id})
            await session.execute(_INSERT, {"segment": segment_id, "ids": list(members)})
            await session.execute(text(f"ANALYZE {_NAME}"))

    async def members(self, segment_id: int) -> BitMap64:
        """The members that a segment has."""
        async with self._writing() as session:
            return await read_ids(session, _ids_of(segment_id))

    async def rebuild(self, segment_id: int, asked: OneQuery) -> Work:
        """Bring a segment to what its filter says."""
        began = time.perf_counter()
        entered = await self._work_off(segment_id, _missing(segment_id, asked), _INSERT)
        left = await self._work_off(segment_id, _orphans(segment_id, asked), _DELETE)
        return Work(time.perf_counter() - began, entered, left)

    async def count_missing(self, segment_id: int, asked: OneQuery) -> float:
        """Seconds to count those who are missing."""
        began = time.perf_counter()
        await self._count(_missing(segment_id, asked))
        return time.perf_counter() - began

    async def add_batch(self, segment_id: int, asked: OneQuery) -> float:
        """Seconds to put one batch of those who are missing in."""
        began = time.perf_counter()
        await self._take(segment_id, _missing(segment_id, asked), _INSERT)
        return time.perf_counter() - began

    async def _work_off(self, segment_id: int, wanted: Select[int], write: TextClause) -> int:
        count = await self._count(wanted)
        for _ in range(0, count, BATCH):
            await self._take(segment_id, wanted, write)
        return count

    async def _count(self, wanted: Select[int]) -> int:
        async with self._writing() as session:
            return await session.scalar(select(func.count()).select_from(wanted.subquery())) or 0

    async def _take(self, segment_id: int, wanted: Select[int], write: TextClause) -> None:
        async with self._writing() as session:
            ids = list(await session.scalars(wanted.limit(BATCH)))
            await session.execute(write, {"segment": segment_id, "ids": ids})

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[WriteSession]:
        async with writing(self._sessions) as session:
            await session.execute(_PREPARE)
            yield session


@asynccontextmanager
async def row_members(owner_url: str) -> AsyncIterator[RowMembers]:
    """An empty table in a schema of its own, which is gone afterwards."""
    engine = make_engine(owner_url)
    sessions = session_factory(engine)
    try:
        await _execute(sessions, *_CREATE)
        yield RowMembers(sessions)
    finally:
        await _execute(sessions, _DROP)
        await engine.dispose()


async def _execute(sessions: Sessions, *statements: str) -> None:
    async with writing(sessions) as session:
        for statement in statements:
            await session.execute(text(statement))


def _ids_of(segment_id: int) -> Select[int]:
    return select(_ROWS.c.client_id).where(_ROWS.c.segment_id == segment_id)


def _missing(segment_id: int, asked: OneQuery) -> Select[int]:
    return asked.ids(asked.client.not_in(_ids_of(segment_id)))


def _orphans(segment_id: int, asked: OneQuery) -> Select[int]:
    return _ids_of(segment_id).where(~_ROWS.c.manually_added, _ROWS.c.client_id.not_in(asked.ids()))
