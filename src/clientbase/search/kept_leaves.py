"""Leaves that outlive an evaluation: known ones are brought up to date, only unknown ones evaluated whole."""

from collections.abc import Awaitable, Callable, Mapping
from importlib.metadata import PackageNotFoundError, version

from pyroaring import BitMap64
from sqlalchemy.exc import DBAPIError

from clientbase.filters import Leaf, Moment
from clientbase.filters.leaves import Universe
from clientbase.kit import metrics
from clientbase.kit.db import AnySession
from clientbase.kit.logging import get_logger
from clientbase.search.changes import ChangeRepository, Standpoint
from clientbase.search.footprint import Footprint, footprint
from clientbase.search.kept import Kept
from clientbase.search.leaf_store import LeafStore
from clientbase.search.leaves import UNIVERSE, PostgresLeaves
from clientbase.search.refresh import Refresh

Look = Callable[[Mapping[str, Leaf]], Awaitable[None]]
log = get_logger(__name__)


def _zones() -> str:
    try:
        return version("tzdata")
    except PackageNotFoundError:
        return "system"


ZONES = _zones()
"""The version of the rules of time zones: by others a leaf has other bounds."""


class KeptLeaves:
    """Leaves of a store as the session sees them; those that it lacks are looked up and kept."""

    def __init__(
        self, session: AnySession, account_id: int, moment: Moment, store: LeafStore, whole: PostgresLeaves
    ) -> None:
        self._session = session
        self._account_id = account_id
        self._moment = moment
        self._store = store
        self._whole = whole
        self._changes = ChangeRepository(session, account_id)
        self._standpoint: Standpoint | None = None
        self._revisions: Mapping[str, int] = {}
        self._is_placed = False
        self._known: dict[str, BitMap64] = {}

    async def prepare(self, leaves: Mapping[str, Leaf]) -> None:
        """Find out many leaves; failures wait for `get`."""
        await self._find_out(leaves, self._whole.prepare)

    async def get(self, leaves: Mapping[str, Leaf]) -> Mapping[str, BitMap64]:
        """The clients of leaves. Raises the DBAPIError of one that failed."""
        await self._find_out(leaves, self._whole.look)
        failed = {key: leaf for key, leaf in leaves.items() if key not in self._known}
        return {key: self._known[key] for key in leaves if key in self._known} | (
            await self._whole.get(failed)
        )

    async def universe(self) -> BitMap64:
        """All living clients."""
        return (await self.get({UNIVERSE: Universe()}))[UNIVERSE]

    async def _find_out(self, leaves: Mapping[str, Leaf], look: Look) -> None:
        unknown = {key: leaf for key, leaf in leaves.items() if key not in self._known}
        if not unknown:
            return
        await self._take_place()
        if self._standpoint is None:
            await look(unknown)
            return
        prints = {key: footprint(key, leaf) for key, leaf in unknown.items()}
        names = {key: self._name(key, prints[key]) for key in unknown}
        await self._bring(unknown, names, prints)
        missing = {key: leaf for key, leaf in unknown.items() if key not in self._known}
        if missing:
            async with self._store.flight([names[key] for key in missing]):
                await self._bring(missing, names, prints)
                await self._evaluate(missing, names, look)

    async def _take_place(self) -> None:
        if not self._is_placed:
            self._standpoint = await self._changes.standpoint()
            self._revisions = await self._changes.revisions()
            self._is_placed = True

    async def _bring(
        self, leaves: Mapping[str, Leaf], names: Mapping[str, str], prints: Mapping[str, Footprint]
    ) -> None:
        """Bring up to date what the store knows; when that fails the leaves are evaluated whole."""
        assert self._standpoint is not None
        stored = await self._store.get([names[key] for key in leaves])
        kept = {key: stored[names[key]] for key in leaves if names[key] in stored}
        if not kept:
            return
        refresh = Refresh(self._session, self._account_id, self._moment, self._standpoint, self._store)
        try:
            async with self._session.begin_nested():
                brought = await refresh.bring({key: leaves[key] for key in kept}, kept, prints)
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            log.warning("refresh_failed", exc_info=True)
            return
        metrics.LEAVES_FOUND.labels("brought").inc(len(brought))
        await self._keep(brought, names)

    async def _evaluate(self, leaves: Mapping[str, Leaf], names: Mapping[str, str], look: Look) -> None:
        assert self._standpoint is not None
        missing = {key: leaf for key, leaf in leaves.items() if key not in self._known}
        await look(missing)
        found = {
            key: Kept(ids, self._standpoint.snapshot, self._moment.now, seconds)
            for key, (ids, seconds) in self._whole.answered(missing).items()
        }
        metrics.LEAVES_FOUND.labels("whole").inc(len(found))
        await self._keep(found, names)

    async def _keep(self, leaves: Mapping[str, Kept], names: Mapping[str, str]) -> None:
        self._known |= {key: kept.ids for key, kept in leaves.items()}
        await self._store.put({names[key]: kept for key, kept in leaves.items()})

    def _name(self, key: str, rests_on: Footprint) -> str:
        """The name of a leaf in the store: another one wherever it would mean something else."""
        assert self._standpoint is not None
        revisions = [f"{kind}={self._revisions.get(kind, 0)}" for kind in sorted(rests_on.revisions)]
        return ":".join([self._standpoint.server, ZONES, str(self._account_id), key, *revisions])
