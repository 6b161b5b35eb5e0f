"""Where leaves outlive an evaluation: some in this process, all of them in Redis for every process."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from weakref import WeakValueDictionary

from clientbase.kit.db import AnySession
from clientbase.search.kept import Kept
from clientbase.search.shared_leaves import SharedLeaves
from clientbase.search.snapshots import Snapshot
from clientbase.search.thresholds import Thresholds

CARRIED = "leaf_store"
"""The name under which sessions carry the store."""
MEMORY_BYTES = 48 * 1024**2
"""What the leaves of a process may take."""
SHARED_SECONDS = 5.0
"""A copy in Redis of that age is good enough: what it lacks is told by the log of changes."""
ASKED_SECONDS = 30.0
"""So long a leaf in this process is not looked for in Redis."""


FIRST_PACE = 20e-6
"""Seconds a client for all leaves over the same rows, until it has been measured."""
TELLING_CLIENTS = 500


@dataclass(slots=True)
class _Held:
    kept: Kept
    size: int
    shared_at: float
    """When Redis was last asked for it or given it, on the monotonic clock."""


class LeafStore:
    """Leaves by key. Here an older one never takes the place of a newer one; in Redis, of one written by
    another process, it may: what it lacks is found again."""

    def __init__(self, redis_url: str, *, memory_bytes: int = MEMORY_BYTES) -> None:
        self._shared = SharedLeaves(redis_url) if redis_url else None
        self._memory_bytes = memory_bytes
        self._held: OrderedDict[str, _Held] = OrderedDict()
        self._held_bytes = 0
        self._flights: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self.thresholds = Thresholds()
        self._pace: dict[str, float] = {}
        """Seconds a client when some clients were asked anew, by the rows that were read."""

    async def get(self, keys: Collection[str], *, seen_by: Snapshot) -> dict[str, Kept]:
        """What is known of these leaves and rests on nothing that a snapshot has not seen."""
        old = time.monotonic() - ASKED_SECONDS
        found = {key: self._held[key].kept for key in keys if key in self._held}
        asked = [key for key in keys if key not in found or self._held[key].shared_at < old]
        if self._shared is not None:
            for key, value in (await self._shared.get(asked)).items():
                kept = Kept.load(value)
                if kept is not None and self._is_news(key, kept) and kept.is_seen_by(seen_by):
                    found[key] = kept
                    self._hold(key, kept, len(value), shared=True)
        for key in found.keys() & self._held.keys():
            self._held.move_to_end(key)
        return {key: kept for key, kept in found.items() if kept.is_seen_by(seen_by)}

    async def put(self, leaves: Mapping[str, Kept]) -> None:
        """Keep leaves: at once here, in Redis when the copy there is no longer fresh."""
        old = time.monotonic() - SHARED_SECONDS
        values: dict[str, bytes] = {}
        for key, kept in leaves.items():
            held = self._held.get(key)
            if held is not None and held.kept.snapshot.is_ahead_of(kept.snapshot):
                continue
            is_stale = held is None or held.shared_at < old
            if is_stale:
                values[key] = kept.dump()
            size = len(values[key]) if held is None or is_stale else held.size
            self._hold(key, kept, size, shared=is_stale)
        if self._shared is not None:
            await self._shared.put(values)

    @asynccontextmanager
    async def flight(self, keys: Collection[str]) -> AsyncIterator[None]:
        """Whoever else wants to find out any of these leaves in this process waits until this is left."""
        async with AsyncExitStack() as held:
            for key in sorted(keys):
                lock = self._flights.setdefault(key, asyncio.Lock())
                await held.enter_async_context(lock)
            yield

    def expected_seconds(self, rows: str, clients: int) -> float:
        """How long it will take to ask some clients anew, as far as is known."""
        return clients * self._pace.get(rows, FIRST_PACE)

    def took(self, rows: str, clients: int, seconds: float) -> None:
        """Note how long some clients took, as a mean that forgets; of few clients the start is most of it."""
        if clients >= TELLING_CLIENTS:
            measured = seconds / clients
            self._pace[rows] = 0.7 * self._pace.get(rows, measured) + 0.3 * measured

    async def close(self) -> None:
        """Let go of the connections."""
        if self._shared is not None:
            await self._shared.close()

    def _is_news(self, key: str, kept: Kept) -> bool:
        held = self._held.get(key)
        return held is None or not held.kept.snapshot.is_ahead_of(kept.snapshot)

    def _hold(self, key: str, kept: Kept, size: int, *, shared: bool) -> None:
        former = self._held.pop(key, None)
        shared_at = time.monotonic() if shared or former is None else former.shared_at
        self._held[key] = _Held(kept, size, shared_at)
        self._held_bytes += size - (former.size if former is not None else 0)
        while self._held_bytes > self._memory_bytes:
            _, dropped = self._held.popitem(last=False)
            self._held_bytes -= dropped.size


def store_of(session: AnySession) -> LeafStore | None:
    """The store that a session carries."""
    store: LeafStore | None = session.info.get(CARRIED)
    return store
