"""Chunks of an export go out in their order over two sessions, and both end with whatever ends one."""

import asyncio
import csv
import io
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import date
from typing import Any

import asyncpg
import pytest
from pyroaring import BitMap64
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from clientbase.exports import copying, writing
from clientbase.exports.columns import COLUMNS
from clientbase.exports.styles import STYLES, Frame
from clientbase.kit.db import ReadSession, beside, reading
from tests.exports.test_exports import export
from tests.imports.house import House

CLIENTS = 101


@pytest.fixture(autouse=True)
async def clients(house: House, monkeypatch: pytest.MonkeyPatch) -> BitMap64:
    """Clients, and chunks of a few of them."""
    monkeypatch.setattr(writing, "CLIENTS_AT_ONCE", 2)
    async with house.sessions.begin() as session:
        await session.execute(*house.many_clients(CLIENTS))
    return BitMap64(
        [row[0] for row in await house.rows("SELECT id FROM clients WHERE account_id = :account_id")]
    )


@pytest.mark.parametrize("held_bytes", [copying.HELD_BYTES, 1])
async def test_chunks_stay_in_order(
    house: House, clients: BitMap64, monkeypatch: pytest.MonkeyPatch, held_bytes: int
) -> None:
    monkeypatch.setattr(copying, "HELD_BYTES", held_bytes)
    rows = list(csv.reader(io.StringIO((await export(house, fields=["id", "full_name"])).text)))
    assert rows[1:] == [[str(one), f"Клиент {n}"] for n, one in enumerate(clients, 1)]


@asynccontextmanager
async def two_sessions(house: House) -> AsyncIterator[list[ReadSession]]:
    async with reading(house.sessions, snapshot=True) as first, beside(house.sessions, first) as second:
        yield [first, second]


def written(
    house: House, sessions: Sequence[ReadSession], clients: BitMap64, file: io.BytesIO
) -> AsyncGenerator[int]:
    return writing.write_rows(
        sessions, file, account_id=house.account.id, members=clients, columns=[COLUMNS["id"]],
        style=STYLES["csv"], frame=Frame(2, "UTC", date(2026, 1, 1)),
    )  # fmt: skip


def under_way() -> list[asyncio.Task[Any]]:
    return [task for task in asyncio.all_tasks() if task.get_name() == copying.TASK]


async def test_nothing_is_under_way_once_the_reader_has_gone(house: House, clients: BitMap64) -> None:
    async with two_sessions(house) as sessions:
        async with aclosing(written(house, sessions, clients, io.BytesIO())) as chunks:
            assert await anext(chunks) == 2
            assert under_way()
        assert not under_way()


@pytest.mark.parametrize("place", [0, 1])
async def test_a_lost_connection_ends_both(house: House, clients: BitMap64, place: int) -> None:
    file, left = io.BytesIO(), []

    async def write() -> None:
        async with two_sessions(house) as sessions:
            pid = await sessions[place].scalar(text("SELECT pg_backend_pid()"))
            try:
                async with aclosing(written(house, sessions, clients, file)) as chunks:
                    async for _ in chunks:
                        await house.rows("SELECT pg_terminate_backend(:pid, 1000)", pid=pid)
            finally:
                left.extend(under_way())

    with pytest.raises((asyncpg.PostgresError, DBAPIError, OSError)):
        await write()
    assert left == []
    assert len(file.getvalue().splitlines()) <= CLIENTS
