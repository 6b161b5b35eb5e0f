"""Heavy work: a few requests of an account at once, others wait briefly; what nobody awaits is ended."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

from fastapi import Request, Response

from clientbase.kit.errors import TooMany

AT_ONCE = 2
WAIT_SECONDS = 3.0
CLIENT_CLOSED_REQUEST = 499
"""For the log: nobody reads it."""


class Turns:
    """Places for the heavy requests of each account in this process."""

    def __init__(self) -> None:
        self._places: WeakValueDictionary[int, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def taken(self, account_id: int) -> AsyncIterator[None]:
        """A place while this is entered. Raises TooMany (TOO_MANY_AT_ONCE)."""
        places = self._places.setdefault(account_id, asyncio.Semaphore(AT_ONCE))
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await places.acquire()
        except TimeoutError:
            message = f"{AT_ONCE} such requests of the account are under way; wait for one of them."
            raise TooMany("TOO_MANY_AT_ONCE", message, retry_after=WAIT_SECONDS) from None
        try:
            yield
        finally:
            places.release()


async def while_awaited(request: Request, work: Awaitable[Response]) -> Response:
    """The answer of the work, which is ended, with its query, when the caller goes.

    It is done in the task of the request: what the framework has opened there must be closed there.
    """
    watch = _Watch(request, asyncio.current_task())
    watching = asyncio.create_task(watch.until_gone())
    try:
        return await work
    except asyncio.CancelledError:
        if not watch.has_gone or watch.task is None or watch.task.uncancel() > 0:
            raise
        return Response(status_code=CLIENT_CLOSED_REQUEST)
    finally:
        watching.cancel()


@dataclass
class _Watch:
    """Ends a task when the caller of its request has gone."""

    request: Request
    task: asyncio.Task[Any] | None
    has_gone: bool = False

    async def until_gone(self) -> None:
        """The body has been read: what comes next is that the connection ends."""
        while (await self.request.receive())["type"] != "http.disconnect":
            pass
        self.has_gone = True
        if self.task is not None:
            self.task.cancel()
