"""Writing an export: chunks of clients in one snapshot, formatted by PostgreSQL, streamed into a file."""

import csv
import io
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from typing import BinaryIO

from pyroaring import BitMap64
from sqlalchemy import text

from clientbase.exports.columns import Column, headers
from clientbase.exports.copying import copy_in_turn
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
    sessions: Sequence[ReadSession],
    file: BinaryIO,
    *,
    account_id: int,
    members: BitMap64,
    columns: Sequence[Column],
    style: Style,
    frame: Frame,
) -> AsyncGenerator[int]:
    """Write header and rows; yields after every chunk how many rows there are so far.

    The sessions read one snapshot, and work on several chunks at once. Raises Conflict
    (EXPORT_COUNT_MISMATCH) when a member is not in the snapshot.
    """
    for session in sessions:
        await session.execute(_NO_NESTED_LOOPS)
    file.write(style.begin + _header(columns, style, frame))
    queries = (chunk_query(chunk, columns, style, frame) for chunk in _chunks(account_id, members))
    rows = 0
    async with aclosing(copy_in_turn(sessions, queries, file, delimiter=style.delimiter)) as copies:
        async for copied in copies:
            rows += copied
            yield rows
    if rows != len(members):
        raise Conflict("EXPORT_COUNT_MISMATCH", "The file would not hold all clients that were counted.")


def _chunks(account_id: int, members: BitMap64) -> Iterator[Chunk]:
    for start in range(0, len(members), CLIENTS_AT_ONCE):
        yield Chunk(account_id, list(members[start : start + CLIENTS_AT_ONCE]))


def _header(columns: Sequence[Column], style: Style, frame: Frame) -> bytes:
    out = io.StringIO()
    names = [guarded(name) for name in headers(columns, frame.language)]
    csv.writer(out, delimiter=style.delimiter, lineterminator="\n").writerow(names)
    return out.getvalue().encode()
