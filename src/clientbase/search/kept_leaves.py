"""Leaves that outlive an evaluation: known ones are brought up to date, only unknown ones evaluated whole."""

import zoneinfo
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from hashlib import blake2b
from importlib import resources
from pathlib import Path

from pyroaring import BitMap64
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from clientbase.filters import Leaf, Moment
from clientbase.filters.between import between
from clientbase.filters.leaves import Universe, leaf_key
from clientbase.kit import metrics
from clientbase.kit.db import AnySession
from clientbase.kit.logging import get_logger
from clientbase.search.changes import ChangeRepository, Standpoint
from clientbase.search.footprint import footprint
from clientbase.search.kept import Kept
from clientbase.search.leaf_store import LeafStore
from clientbase.search.leaves import UNIVERSE, PostgresLeaves
from clientbase.search.refresh import Refresh

Look = Callable[[Mapping[str, Leaf]], Awaitable[None]]
log = get_logger(__name__)


_BOUND = text(
    "SELECT set_config('statement_timeout', :budget, true), "
    "set_config('plan_cache_mode', 'force_custom_plan', true)"
)


@cache
def zone_digest(zone: str) -> str:
    """Of the rules of a time zone that are in use: by others a leaf has other bounds."""
    files = (Path(folder, zone) for folder in zoneinfo.TZPATH)
    file = next((one for one in files if one.is_file()), None)
    packaged = resources.files("tzdata").joinpath("zoneinfo", *zone.split("/")) if file is None else file
    return blake2b(packaged.read_bytes(), digest_size=8).hexdigest()


@cache
def code_digest() -> str:
    """Of the code that gives leaves their meaning: what other code has found is not taken over."""
    digest = blake2b(digest_size=8)
    for module in sorted(Path(str(resources.files("clientbase.filters"))).glob("*.py")):
        digest.update(module.read_bytes())
    return digest.hexdigest()


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
        self._is_placed = False
        self._known: dict[str, BitMap64] = {}

    async def prepare(self, leaves: Mapping[str, Leaf]) -> None:
        """Find out many leaves; failures wait for `get`."""
        await self._find_out(leaves, self._whole.prepare)

    async def get(self, leaves: Mapping[str, Leaf]) -> Mapping[str, BitMap64]:
        """The clients of leaves. Raises LeafFailed for the first that failed."""
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
        if await self.standpoint() is None:
            await look(unknown)
        else:
            await self._find_out_and_keep(unknown, look)

    async def _find_out_and_keep(self, unknown: Mapping[str, Leaf], look: Look) -> None:
        await self._keep(unknown, await self._brought(unknown))
        missing = {key: leaf for key, leaf in unknown.items() if key not in self._known}
        if missing:
            async with self._store.flight(self._names(missing).values()):
                await self._keep(missing, await self._brought(missing))
                await self._keep(missing, await self._moved(missing))
                await self._keep(missing, await self._evaluated(missing, look))

    async def standpoint(self) -> Standpoint | None:
        """Where the session stands; None when nothing may be kept."""
        if not self._is_placed:
            self._standpoint = await self._changes.standpoint()
            self._is_placed = True
        return self._standpoint

    async def _brought(self, leaves: Mapping[str, Leaf]) -> dict[str, Kept]:
        """What the store knows, brought up to date; none when that fails."""
        assert self._standpoint is not None
        names = self._names(leaves)
        stored = await self._store.get(names.values(), seen_by=self._standpoint.snapshot)
        kept = {key: stored[name] for key, name in names.items() if name in stored}
        if not kept:
            return {}
        known = {key: leaves[key] for key in kept}
        refresh = Refresh(self._session, self._account_id, self._moment, self._standpoint, self._store)
        savepoint = await self._session.begin_nested()
        try:
            milliseconds = str(round(self._whole.budget_seconds * 1000))
            await self._session.execute(_BOUND, {"budget": milliseconds})
            brought = await refresh.bring(known, kept)
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            log.warning("refresh_failed", exc_info=True)
            return {}
        finally:
            await savepoint.rollback()
        metrics.LEAVES_FOUND.labels("brought").inc(len(brought))
        return brought

    async def _moved(self, leaves: Mapping[str, Leaf]) -> dict[str, Kept]:
        """Those that are a known one with a moved threshold: only who lies between is found out."""
        moved: dict[str, Kept] = {}
        unknown = {key: leaf for key, leaf in leaves.items() if key not in self._known}
        for key, leaf in unknown.items():
            near = self._store.thresholds.nearest(self._account_id, key, leaf)
            found = None if near is None else await self._moved_from(*near, leaf)
            if found is not None:
                moved[key] = found
        metrics.LEAVES_FOUND.labels("moved").inc(len(moved))
        return moved

    async def _moved_from(self, near_key: str, near: Leaf, leaf: Leaf) -> Kept | None:
        """None where the known one is known no more, or a whole evaluation costs less."""
        gap = between(leaf, near)
        assert gap is not None
        if await self._whole.cost(leaf) <= await self._whole.cost(gap):
            return None
        kept = (await self._brought({near_key: near})).get(near_key)
        if kept is None:
            return None
        gap_key = leaf_key(gap, self._moment.zone.key)
        await self._whole.look({gap_key: gap})
        found = self._whole.answered([gap_key])
        return replace(kept, ids=kept.ids ^ found[gap_key][0]) if found else None

    async def _evaluated(self, leaves: Mapping[str, Leaf], look: Look) -> dict[str, Kept]:
        """Those not known yet, each evaluated whole; those that failed are left out."""
        assert self._standpoint is not None
        missing = {key: leaf for key, leaf in leaves.items() if key not in self._known}
        await look(missing)
        found = self._whole.answered(missing)
        metrics.LEAVES_FOUND.labels("whole").inc(len(found))
        return {
            key: Kept(ids, self._standpoint.snapshot, self._moment.now, seconds)
            for key, (ids, seconds) in found.items()
        }

    async def _keep(self, leaves: Mapping[str, Leaf], found: Mapping[str, Kept]) -> None:
        self._known |= {key: kept.ids for key, kept in found.items()}
        self._store.thresholds.meet(self._account_id, {key: leaves[key] for key in found})
        names = self._names({key: leaves[key] for key in found})
        await self._store.put({names[key]: kept for key, kept in found.items()})

    def _names(self, leaves: Mapping[str, Leaf]) -> dict[str, str]:
        """The names of leaves in the store: another one wherever a leaf would mean something else."""
        assert self._standpoint is not None
        rules = f"{code_digest()}:{zone_digest(self._moment.zone.key)}"
        place = f"{self._standpoint.server}:{rules}:{self._account_id}"
        return {key: ":".join([place, key, *self._revised(key, leaf)]) for key, leaf in leaves.items()}

    def _revised(self, key: str, leaf: Leaf) -> Iterator[str]:
        assert self._standpoint is not None
        for kind in sorted(footprint(key, leaf).revisions):
            yield f"{kind}={self._standpoint.revisions.get(kind, 0)}"
