"""Where bitmaps of leaves come from: a port by leaf key, answered by PostgreSQL.

A store of bitmaps that outlive an evaluation belongs behind this port.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from pyroaring import BitMap64
from sqlalchemy import Select, text
from sqlalchemy.exc import DBAPIError

from clientbase.filters import Leaf, Moment, compile_pass, packed, passes
from clientbase.filters.leaves import Universe
from clientbase.kit.db import AnySession, Explained
from clientbase.search.bits import unpack

UNIVERSE = "universe"
_CANCELED = "57014"
_PREPARE = text(
    "SELECT set_config('enable_hashagg', 'off', true), set_config('enable_indexscan', :in_order, true), "
    "set_config('plan_cache_mode', 'force_custom_plan', true), "
    "set_config('statement_timeout', :budget, true)"
)
"""The planner counts neither a hash that misses the cache nor rows that lie far apart: those are read in the
order of the table, which over 1.9 million visits takes 1.6 s instead of 3.9 s. A plan for any values, which a
statement gets at its sixth time, knows neither how long a list is nor how wide a range."""


class LeafFailed(Exception):
    """A leaf that could not be found out."""

    def __init__(self, key: str, error: DBAPIError) -> None:
        super().__init__(key)
        self.key, self.error = key, error

    @property
    def was_too_slow(self) -> bool:
        """Whether its statement was over the budget."""
        return getattr(self.error.orig, "sqlstate", None) == _CANCELED


class Leaves(Protocol):
    """Answers leaves of one account at one instant."""

    async def prepare(self, leaves: Mapping[str, Leaf]) -> None:
        """Find out many leaves before they are got one filter after another; failures wait for `get`."""
        ...

    async def get(self, leaves: Mapping[str, Leaf]) -> Mapping[str, BitMap64]:
        """The clients of leaves by their canonical keys."""
        ...

    async def universe(self) -> BitMap64:
        """All living clients."""
        ...


class PostgresLeaves:
    """Asks PostgreSQL each leaf once. The session's snapshot is the one that all of them rest on.

    `budget_seconds` is the time of one `get`, or of one pass that is prepared; `beside` are sessions in the
    same snapshot, which are asked at the same time when many leaves are prepared.
    """

    def __init__(
        self,
        session: AnySession,
        account_id: int,
        moment: Moment,
        *,
        budget_seconds: float,
        beside: Sequence[AnySession] = (),
    ) -> None:
        self._session = session
        self._beside = beside
        self._account_id = account_id
        self._moment = moment
        self.budget_seconds = budget_seconds
        self._known: dict[str, BitMap64 | DBAPIError] = {}
        self._seconds: dict[str, float] = {}

    async def prepare(self, leaves: Mapping[str, Leaf]) -> None:
        """Find out many leaves; a statement that fails undoes only itself and is told of by `get`."""
        waiting = passes(self._unknown(leaves))

        async def work_off(session: AnySession) -> None:
            for keys in waiting:
                deadline = self._from_now()
                await self._find(session, {key: leaves[key] for key in keys}, deadline)

        async with asyncio.TaskGroup() as group:
            for session in (self._session, *self._beside):
                group.create_task(work_off(session))

    async def get(self, leaves: Mapping[str, Leaf]) -> dict[str, BitMap64]:
        """The clients of leaves. Raises LeafFailed for the first that failed."""
        await self.look(leaves)
        return {key: self._told(key) for key in leaves}

    async def look(self, leaves: Mapping[str, Leaf]) -> None:
        """Find out leaves within one budget; failures wait for `get`."""
        deadline = self._from_now()
        for keys in passes(self._unknown(leaves)):
            await self._find(self._session, {key: leaves[key] for key in keys}, deadline)

    async def universe(self) -> BitMap64:
        """All living clients."""
        return (await self.get({UNIVERSE: Universe()}))[UNIVERSE]

    async def cost(self, leaf: Leaf) -> float:
        """What the planner expects a leaf to cost, to be compared with that of another one."""
        query = Explained(compile_pass([leaf], self._account_id, self._moment))
        (plan,) = (await self._session.execute(query)).scalar_one()
        return float(plan["Plan"]["Total Cost"])

    def answered(self, keys: Iterable[str]) -> dict[str, tuple[BitMap64, float]]:
        """Those of the leaves that have been found out, with the seconds that each took."""
        return {
            key: (known, self._seconds[key])
            for key in keys
            if isinstance(known := self._known.get(key), BitMap64)
        }

    def _from_now(self) -> float:
        return time.monotonic() + self.budget_seconds

    def _unknown(self, leaves: Mapping[str, Leaf]) -> dict[str, Leaf]:
        return {key: leaf for key, leaf in leaves.items() if key not in self._known}

    def _told(self, key: str) -> BitMap64:
        known = self._known[key]
        if isinstance(known, DBAPIError):
            raise LeafFailed(key, known)
        return known

    async def _find(self, session: AnySession, leaves: Mapping[str, Leaf], deadline: float) -> None:
        """Ask the leaves of one pass together; when that fails each by itself, to learn which one it is."""
        query = compile_pass(list(leaves.values()), self._account_id, self._moment)
        began = time.monotonic()
        try:
            scattered = any(leaf.scattered for leaf in leaves.values())
            found = await self._ask(session, query, deadline, scattered=scattered)
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            if len(leaves) == 1 or time.monotonic() >= deadline:
                self._known |= dict.fromkeys(leaves, error)
                return
            for key, leaf in leaves.items():
                await self._find(session, {key: leaf}, deadline)
        else:
            self._known |= zip(leaves, found, strict=True)
            self._seconds |= dict.fromkeys(leaves, (time.monotonic() - began) / len(leaves))

    async def _ask(
        self, session: AnySession, query: Select[Any], deadline: float, *, scattered: bool = False
    ) -> list[BitMap64]:
        """One statement; its settings are undone with the savepoint, whether it fails or not."""
        milliseconds = max(1, round((deadline - time.monotonic()) * 1000))
        savepoint = await session.begin_nested()
        try:
            in_order = "off" if scattered else "on"
            await session.execute(_PREPARE, {"budget": str(milliseconds), "in_order": in_order})
            row = (await session.execute(query)).one()
        finally:
            await savepoint.rollback()
        return [unpack(ids) for ids in row]


async def read_ids(session: AnySession, query: Select[Any]) -> BitMap64:
    """The ids that a query of one bigint column gives, sent as one value: several times faster than rows."""
    return unpack(await session.scalar(packed(query)))
