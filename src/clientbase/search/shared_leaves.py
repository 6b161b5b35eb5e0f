"""Leaves in Redis, for all processes: with a time to live and a budget of bytes. Losing them costs time."""

import time
from collections.abc import Mapping, Sequence
from datetime import timedelta

from redis.asyncio import Redis
from redis.exceptions import RedisError

from clientbase.kit import metrics
from clientbase.kit.logging import get_logger

PREFIX = "clientbase:leaf:"
INDEX = "clientbase:leaves"
"""All keys by the time of their last writing."""
KEPT = timedelta(hours=24)
BUDGET_BYTES = 256 * 1024**2
REDIS_SECONDS = 1.0
"""How long Redis may take to answer."""
QUIET_SECONDS = 2.0
"""After a failure Redis is let alone for so long."""
ERRORS = (RedisError, OSError)
log = get_logger(__name__)


class SharedLeaves:
    """Values of leaves by key; a Redis that does not answer is one that knows nothing."""

    def __init__(self, redis_url: str, *, budget_bytes: int = BUDGET_BYTES) -> None:
        self._redis = Redis.from_url(
            redis_url, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS
        )
        self._budget_bytes = budget_bytes
        self._written_bytes = 0
        """Since the budget was last looked at."""
        self._quiet_until = 0.0

    async def get(self, keys: Sequence[str]) -> dict[str, bytes]:
        """Those of the values that are there."""
        if not keys or self._is_quiet():
            return {}
        try:
            values = await self._redis.mget([PREFIX + key for key in keys])
        except ERRORS as error:
            self._failed("get", error)
            return {}
        return {key: value for key, value in zip(keys, values, strict=True) if value is not None}

    async def put(self, values: Mapping[str, bytes]) -> None:
        """Keep values; the ones written longest ago make room."""
        if not values or self._is_quiet():
            return
        now = time.time()
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                for key, value in values.items():
                    pipe.set(PREFIX + key, value, ex=KEPT)
                pipe.zadd(INDEX, dict.fromkeys(values, now))
                await pipe.execute()
            self._written_bytes += sum(map(len, values.values()))
            if self._written_bytes > self._budget_bytes // 8:
                self._written_bytes = 0
                await self._keep_within_budget(now)
        except ERRORS as error:
            self._failed("put", error)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._redis.aclose()

    async def _keep_within_budget(self, now: float) -> None:
        await self._redis.zremrangebyscore(INDEX, 0, now - KEPT.total_seconds())
        newest_first = [key.decode() for key in await self._redis.zrevrange(INDEX, 0, -1)]
        async with self._redis.pipeline(transaction=False) as pipe:
            for key in newest_first:
                pipe.strlen(PREFIX + key)
            sizes = await pipe.execute()
        taken = 0
        for place, size in enumerate(sizes):
            taken += size
            if taken > self._budget_bytes:
                dropped = newest_first[place:]
                await self._redis.unlink(*(PREFIX + key for key in dropped))
                await self._redis.zrem(INDEX, *dropped)
                return

    def _is_quiet(self) -> bool:
        return time.monotonic() < self._quiet_until

    def _failed(self, what: str, error: Exception) -> None:
        self._quiet_until = time.monotonic() + QUIET_SECONDS
        metrics.LEAF_STORE_ERRORS.labels(what).inc()
        log.warning("leaf_store_failed", what=what, error=type(error).__name__)
