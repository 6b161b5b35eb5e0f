"""Rate limits: one policy for everything, a lower one for heavy work; kept in Redis, else per process."""

from dataclasses import dataclass
from typing import Any

from fastapi import Request
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.exceptions import RedisError

from clientbase.config import settings
from clientbase.kit import clock
from clientbase.kit.errors import TooMany
from clientbase.kit.logging import get_logger

log = get_logger(__name__)


@dataclass(frozen=True)
class Rate:
    """What is left of a policy, for the headers of the answer."""

    policy: str
    quota: int
    remaining: int
    reset_seconds: int


class Limiter:
    """Counts requests of a key per policy; without Redis each process counts for itself."""

    def __init__(self, redis_url: str) -> None:
        self._local = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._shared = SlidingWindowCounterRateLimiter(_redis(redis_url)) if redis_url else self._local
        self.policies: dict[str, RateLimitItem] = {
            "default": RateLimitItemPerMinute(settings().requests_per_minute),
            "heavy": RateLimitItemPerMinute(settings().heavy_requests_per_minute),
        }

    async def hit(self, policy: str, key: str) -> tuple[bool, Rate]:
        """Count one request. Returns whether it is allowed, and what is left."""
        try:
            return await self._hit(self._shared, policy, key)
        except (RedisError, OSError) as error:
            log.warning("rate_limits_local", kind=type(error).__name__)
            return await self._hit(self._local, policy, key)

    async def _hit(self, limiter: Any, policy: str, key: str) -> tuple[bool, Rate]:
        item = self.policies[policy]
        allowed = await limiter.hit(item, policy, key)
        reset_at, remaining = await limiter.get_window_stats(item, policy, key)
        wait = max(1, round(reset_at - clock.now().timestamp()))
        return allowed, Rate(policy, item.amount, max(0, remaining), min(wait, 60))


def _redis(url: str) -> RedisStorage:
    return RedisStorage(
        f"async+{url}", socket_timeout=0.25, socket_connect_timeout=0.25, implementation="redispy"
    )


async def hit(request: Request, *, heavy: bool = False) -> None:
    """Count this request for its key, or for its address where no key is known. Raises TooMany."""
    policy = "heavy" if heavy else "default"
    limiter: Limiter = request.app.state.limiter
    allowed, rate = await limiter.hit(policy, _holder(request))
    request.state.rate = rate
    if not allowed:
        raise TooMany("RATE_LIMITED", f"Over the {policy} rate limit.", retry_after=rate.reset_seconds)


def _holder(request: Request) -> str:
    """A key that is not known to be good counts for nothing: made-up ones would each have a limit."""
    caller = getattr(request.state, "caller", None)
    if caller is not None:
        return str(caller.key_id)
    return f"address:{request.client.host if request.client else ''}"
