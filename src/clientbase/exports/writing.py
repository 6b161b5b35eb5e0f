"""Writing an export: chunks of clients in one snapshot, formatted by PostgreSQL, streamed into a file."""

import csv
import io
from collections.abc import AsyncGenerator, Sequence
from typing import Any, BinaryIO

from pyroaring import BitMap64
from sqlalchemy import Select, text

from clientbase.exports.columns import Column, headers
from clientbase.exports.query import Chunk, chunk_query
from clientbase.exports.styles import Frame, Style
from clientbase.kit.db import ReadSession
from clientbase.kit.errors import Conflict
from clientbase.kit.guarding import guarded

CLIENTS_AT_ONCE = 20_000
_NO_NESTED_LOOPS = text("SELECT set_config('enable_nestloop', 'off', true)")
"""With statistics older than a large load the planner takes a chunk for one row and loops over it: 100,000
clients then take minutes instead of one second."""


async def write_rows(
    session: ReadSession,
    file: BinaryIO,
    *,
    account_id: int,
    members: BitMap64,
    columns: Sequence[Column],
    style: Style,
    frame: Frame,
) -> AsyncGenerator[int]:
    """Write header and rows; yields after every chunk how many rows there are so far.

    Raises Conflict (EXPORT_COUNT_MISMATCH) when a member is not in the snapshot.
    """
    await session.execute(_NO_NESTED_LOOPS)
    file.write(style.begin + _header(columns, style, frame))
    rows = 0
    for start in range(0, len(members), CLIENTS_AT_ONCE):
        chunk = Chunk(account_id, list(members[start : start + CLIENTS_AT_ONCE]))
        rows += await _copy(session, chunk_query(chunk, columns, style, frame), file, style)
        yield rows
    if rows != len(members):
        raise Conflict("EXPORT_COUNT_MISMATCH", "The file would not hold all clients that were counted.")


def _header(columns: Sequence[Column], style: Style, frame: Frame) -> bytes:
    out = io.StringIO()
    names = [guarded(name) for name in headers(columns, frame.language)]
    csv.writer(out, delimiter=style.delimiter, lineterminator="\n").writerow(names)
    return out.getvalue().encode()


async def _copy(session: ReadSession, query: Select[Any], file: BinaryIO, style: Style) -> int:
    """COPY what the query gives to the file, as CSV. How many rows."""
    connection = await session.connection()
    compiled = query.compile(dialect=connection.dialect)
    values = [compiled.params[name] for name in compiled.positiontup or ()]
    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None

    async def write(data: bytes) -> None:
        file.write(data)

    status: str = await driver.copy_from_query(
        str(compiled), *values, output=write, format="csv", delimiter=style.delimiter
    )
    return int(status.rpartition(" ")[2])
