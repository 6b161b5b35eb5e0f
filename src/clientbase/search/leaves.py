"""Where bitmaps of leaves come from: a port by leaf key, answered by PostgreSQL.

A store of bitmaps that outlive an evaluation belongs behind this port.
"""

from array import array
from typing import Any, Protocol

from pyroaring import BitMap64
from sqlalchemy import Select, bindparam, func, select, text

from clientbase.filters import Leaf, Moment, compile_leaf, compile_universe
from clientbase.kit.db import AnySession

_PREPARE = text(
    "SELECT set_config('enable_hashagg', 'off', true), set_config('statement_timeout', :budget, true)"
)


class Leaves(Protocol):
    """Answers leaves of one account at one instant."""

    async def get(self, key: str, leaf: Leaf) -> BitMap64:
        """The clients of a leaf; `key` is its canonical key."""
        ...

    async def universe(self) -> BitMap64:
        """All living clients."""
        ...


class PostgresLeaves:
    """Asks PostgreSQL each leaf once. The session's snapshot is the one that all of them rest on."""

    def __init__(
        self, session: AnySession, account_id: int, moment: Moment, *, budget_seconds: float
    ) -> None:
        self._session = session
        self._account_id = account_id
        self._moment = moment
        self._budget_seconds = budget_seconds
        self._known: dict[str, BitMap64] = {}
        self._is_prepared = False

    async def get(self, key: str, leaf: Leaf) -> BitMap64:
        """The clients of a leaf. A statement over the budget raises a DBAPIError (57014).

        What fails undoes only itself: the snapshot stays good for other leaves.
        """
        if key not in self._known:
            self._known[key] = await self._ask(compile_leaf(leaf, self._account_id, self._moment))
        return self._known[key]

    async def universe(self) -> BitMap64:
        """All living clients."""
        key = "universe"
        if key not in self._known:
            self._known[key] = await self._ask(compile_universe(self._account_id))
        return self._known[key]

    async def _ask(self, query: Select[Any]) -> BitMap64:
        if not self._is_prepared:
            budget = str(round(self._budget_seconds * 1000))
            await self._session.execute(_PREPARE, {"budget": budget})
            self._is_prepared = True
        async with self._session.begin_nested():
            return await read_ids(self._session, query)


async def read_ids(session: AnySession, query: Select[Any]) -> BitMap64:
    """The ids that a query of one bigint column gives, sent as one value: several times faster than rows."""
    ids = query.subquery("ids")
    packed = select(func.string_agg(func.int8send(ids.c[0]), bindparam("nothing", b"")))
    found: bytes | None = await session.scalar(packed)
    return unpack(found or b"")


def unpack(found: bytes) -> BitMap64:
    """Ids from big-endian 64-bit words."""
    ids = array("Q", found)
    ids.byteswap()
    return BitMap64(ids)
