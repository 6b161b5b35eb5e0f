"""COPY of what queries give into one file in their order, each query under way before its turn comes."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from itertools import cycle, islice
from typing import Any, BinaryIO

from sqlalchemy import Select

from clientbase.kit.db import ReadSession

HELD_BYTES = 8 * 1024 * 1024
"""What a query may give before its turn; then it waits, so that wide rows do not fill the memory."""
TASK = "copy of a chunk"
Take = Callable[[bytes], Awaitable[None]]


async def copy_in_turn(
    sessions: Sequence[ReadSession], queries: Iterator[Select[Any]], file: BinaryIO, *, delimiter: str
) -> AsyncGenerator[int]:
    """Write what the queries give as CSV; after each query how many rows it had.

    As many are under way as there are sessions, which have to read one snapshot. Close it before them.
    """
    begun = (Copy(session, query, file, delimiter) for session, query in zip(cycle(sessions), queries))
    under_way: deque[Copy] = deque()
    try:
        under_way.extend(islice(begun, len(sessions)))
        while under_way:
            rows = await under_way[0].finish()
            under_way.popleft()
            under_way.extend(islice(begun, 1))
            yield rows
    finally:
        for copy in under_way:
            copy.task.cancel()
        await asyncio.gather(*(copy.task for copy in under_way), return_exceptions=True)


class Copy:
    """A COPY that has begun: what it gives is held until its turn, and goes to the file from then on."""

    def __init__(self, session: ReadSession, query: Select[Any], file: BinaryIO, delimiter: str) -> None:
        self._file = file
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._turn = asyncio.Event()
        self.task = asyncio.create_task(_copy(session, query, delimiter, self._take), name=TASK)

    async def finish(self) -> int:
        """Its turn has come: all that it gives is in the file then. How many rows."""
        self._file.writelines(self._held)
        self._held.clear()
        self._turn.set()
        return await self.task

    async def _take(self, data: bytes) -> None:
        if self._held_bytes >= HELD_BYTES:
            await self._turn.wait()
        if self._turn.is_set():
            self._file.write(data)
        else:
            self._held.append(data)
            self._held_bytes += len(data)


async def _copy(session: ReadSession, query: Select[Any], delimiter: str, take: Take) -> int:
    connection = await session.connection()
    compiled = query.compile(dialect=connection.dialect)
    values = [compiled.params[name] for name in compiled.positiontup or ()]
    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None
    status: str = await driver.copy_from_query(
        str(compiled), *values, output=take, format="csv", delimiter=delimiter
    )
    return int(status.rpartition(" ")[2])
