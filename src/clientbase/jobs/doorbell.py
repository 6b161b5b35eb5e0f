"""The doorbell: arq carries the ids of new runs to the workers, so that they need not wait for a look.

Nothing depends on it. What rings is found in PostgreSQL; what does not is found there a little later.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Any

import orjson
from arq import Worker, func
from arq.connections import ArqRedis
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from clientbase.kit import metrics
from clientbase.kit.logging import get_logger

REDIS_ERRORS = (RedisError, OSError)
QUEUE = "clientbase:doorbell"
FUNCTION = "ring"
RING_SECONDS = 0.5
"""How long Redis may take to answer a ring."""
LISTEN_SECONDS = 2.0
"""How long Redis may take to answer a listening worker."""
QUIET_SECONDS = 2.0
"""After a failed ring no other is tried for so long: the workers look by themselves as often."""
POLL_SECONDS = 0.1
STALE_MILLISECONDS = 60_000
"""A ring that nobody heard for so long is worth nothing: its run has been found without it."""
LONGEST_PAUSE_SECONDS = 2.0
log = get_logger(__name__)


def _dump(value: Any) -> bytes:
    """JSON instead of pickle: whoever can write to Redis must not be able to run code."""
    return orjson.dumps(value, default=lambda unknown: type(unknown).__name__)


def connect(redis_url: str, *, seconds: float) -> ArqRedis:
    """A connection that gives up on a server that hangs for so long."""
    pool = ConnectionPool.from_url(redis_url, socket_timeout=seconds, socket_connect_timeout=seconds)
    return ArqRedis(
        pool,
        job_serializer=_dump,
        job_deserializer=orjson.loads,
        default_queue_name=QUEUE,
        expires_extra_ms=STALE_MILLISECONDS,
    )


class Doorbell:
    """The button: `ring` is what `kit.db.session_factory` is given. Without an address it rings nowhere."""

    def __init__(self, redis_url: str) -> None:
        self._redis = connect(redis_url, seconds=RING_SECONDS) if redis_url else None
        self._quiet_until = 0.0
        self._waiting: deque[int] = deque()
        self._ringing: asyncio.Task[None] | None = None

    async def ring(self, run_id: int) -> None:
        """Tell the workers of a run a little later: who rings is neither delayed nor told of errors."""
        if self._redis is None or time.monotonic() < self._quiet_until:
            return
        self._waiting.append(run_id)
        if self._ringing is None or self._ringing.done():
            self._ringing = asyncio.create_task(self._ring_all(self._redis))

    async def close(self) -> None:
        """Ring for what waits, and let go of the connections."""
        if self._ringing is not None:
            await self._ringing
        if self._redis is not None:
            with suppress(*REDIS_ERRORS):
                await self._redis.aclose(close_connection_pool=True)

    async def _ring_all(self, redis: ArqRedis) -> None:
        try:
            while self._waiting:
                run_id = self._waiting.popleft()
                await redis.enqueue_job(FUNCTION, run_id, _job_id=f"run:{run_id}")
        except REDIS_ERRORS as error:
            self._waiting.clear()
            self._quiet_until = time.monotonic() + QUIET_SECONDS
            metrics.DOORBELL_ERRORS.labels("ring").inc()
            log.warning("ring_failed", error=type(error).__name__)


async def listen(redis_url: str, wake: Callable[[], None]) -> None:
    """Call `wake` at every ring, for ever: whatever happens to Redis, listening begins again."""
    pause = POLL_SECONDS
    while redis_url:
        started = time.monotonic()
        try:
            await _listen_once(redis_url, wake)
        except REDIS_ERRORS as error:
            metrics.DOORBELL_ERRORS.labels("listen").inc()
            log.warning("doorbell_lost", error=type(error).__name__)
        pause = POLL_SECONDS if time.monotonic() - started > LONGEST_PAUSE_SECONDS else pause * 2
        await asyncio.sleep(min(pause, LONGEST_PAUSE_SECONDS))


async def _listen_once(redis_url: str, wake: Callable[[], None]) -> None:
    async def ring(ctx: dict[str, Any], run_id: int) -> None:
        wake()

    redis = connect(redis_url, seconds=LISTEN_SECONDS)
    worker = Worker(
        [func(ring, name=FUNCTION, keep_result=0, max_tries=1)],
        redis_pool=redis,
        queue_name=QUEUE,
        handle_signals=False,
        poll_delay=POLL_SECONDS,
        job_timeout=5,
        job_serializer=_dump,
        job_deserializer=orjson.loads,
        log_results=False,
    )
    listening = asyncio.ensure_future(worker.async_run())
    try:
        await asyncio.wait([listening])
        listening.result()
    finally:
        await _end([listening, *worker.tasks.values()])
        with suppress(*REDIS_ERRORS):
            await redis.aclose(close_connection_pool=True)


async def _end(tasks: Collection[asyncio.Future[None]]) -> None:
    """Cancel until all have ended: a cancellation can get lost in the midst of a call to Redis."""
    pending = {task for task in tasks if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=POLL_SECONDS)
    await asyncio.gather(*tasks, return_exceptions=True)
