"""Waiting for a condition of which nothing tells: it is looked at again and again until it holds."""

import asyncio
import time
from collections.abc import Awaitable, Callable

POLL_SECONDS = 0.02


async def eventually(condition: Callable[[], Awaitable[bool]], *, seconds: float, said: str) -> float:
    """Wait for a condition; the seconds that it took. Fails with what was awaited when it does not come."""
    started = time.monotonic()
    while not await condition():
        assert time.monotonic() - started < seconds, f"not within {seconds} s: {said}"
        await asyncio.sleep(POLL_SECONDS)
    return time.monotonic() - started
