"""Bringing kept leaves up to a snapshot and an instant: only clients who may have changed are asked again."""

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import reduce
from operator import or_
from typing import Any

from pyroaring import BitMap64
from sqlalchemy import Select, select

from clientbase.filters import Leaf, Moment, packed
from clientbase.filters.flips import WHOLE, Column, Sweep, compile_sweeps, flips
from clientbase.filters.narrow import compile_family, families, table_of
from clientbase.kit import metrics
from clientbase.kit.db import AnySession
from clientbase.search.bits import unpack
from clientbase.search.changes import ChangeRepository, Standpoint
from clientbase.search.footprint import Footprint, footprint
from clientbase.search.kept import Kept
from clientbase.search.leaf_store import LeafStore
from clientbase.search.snapshots import Snapshot, all_seen_by

MOST_SNAPSHOTS = 6
"""The log is read once for each; leaves of older ones are brought up as if all were as old as the oldest."""


class Refresh:
    """Brings leaves of one account to where the session stands."""

    def __init__(
        self, session: AnySession, account_id: int, moment: Moment, standpoint: Standpoint, store: LeafStore
    ) -> None:
        self._session = session
        self._account_id = account_id
        self._moment = moment
        self._standpoint = standpoint
        self._store = store
        self._changes = ChangeRepository(session, account_id)

    async def bring(self, leaves: Mapping[str, Leaf], kept: Mapping[str, Kept]) -> dict[str, Kept]:
        """The leaves as they are now; left out are those that had better be evaluated whole."""
        footprints = {key: footprint(key, leaf) for key, leaf in leaves.items()}
        usable = self._usable(kept, footprints)
        sweeps = self._sweeps({key: leaves[key] for key in usable}, kept)
        changed = await self._changed({kept[key].snapshot for key in sweeps})
        swept = await self._swept(sweeps)
        asked = {
            key: reduce(
                or_,
                [
                    *(changed[kept[key].snapshot].get(facet, BitMap64()) for facet in footprints[key].facets),
                    *(swept[sweep.column] for sweep in found),
                ],
                BitMap64(),
            )
            for key, found in sweeps.items()
        }
        return await self._asked_again({key: leaves[key] for key in asked}, kept, asked)

    def _usable(self, kept: Mapping[str, Kept], footprints: Mapping[str, Footprint]) -> list[str]:
        """Those whose changes are all in the log."""
        horizons = self._standpoint.horizons
        return [
            key
            for key, one in kept.items()
            if all(one.snapshot.begins > horizons.get(facet, -1) for facet in footprints[key].facets)
        ]

    def _sweeps(self, leaves: Mapping[str, Leaf], kept: Mapping[str, Kept]) -> dict[str, list[Sweep]]:
        """What time has passed over, of the leaves of which that can be told."""
        found: dict[str, list[Sweep]] = {}
        for key, leaf in leaves.items():
            sweeps = flips(leaf, replace(self._moment, now=kept[key].now), self._moment)
            if sweeps != WHOLE:
                found[key] = sweeps
        return found

    async def _changed(self, snapshots: Iterable[Snapshot]) -> dict[Snapshot, dict[str, BitMap64]]:
        """Clients changed since each snapshot, by facet."""
        newest_first = sorted(snapshots, key=lambda snapshot: snapshot.ends, reverse=True)
        recent, old = newest_first[: MOST_SNAPSHOTS - 1], newest_first[MOST_SNAPSHOTS - 1 :]
        found = {snapshot: await self._changes.since(snapshot) for snapshot in recent}
        if old:
            found |= dict.fromkeys(old, await self._changes.since(all_seen_by(old)))
        return found

    async def _swept(self, sweeps: Mapping[str, list[Sweep]]) -> dict[Column, BitMap64]:
        """Clients with a value that time has passed over, by column."""
        by_column: dict[Column, set[Sweep]] = defaultdict(set)
        for found in sweeps.values():
            for sweep in found:
                by_column[sweep.column].add(sweep)
        if not by_column:
            return {}
        queries = [packed(compile_sweeps(spans, self._account_id)) for spans in by_column.values()]
        asked = await self._ask(select(*(query.scalar_subquery() for query in queries)))
        return dict(zip(by_column, asked, strict=True))

    async def _asked_again(
        self, leaves: Mapping[str, Leaf], kept: Mapping[str, Kept], asked: Mapping[str, BitMap64]
    ) -> dict[str, Kept]:
        """The leaves with those clients asked again, all leaves over the same rows together."""
        brought = {key: self._as_now(kept[key], kept[key].ids) for key in leaves if not asked[key]}
        for keys in families({key: leaf for key, leaf in leaves.items() if asked[key]}):
            clients = reduce(or_, (asked[key] for key in keys))
            rows = table_of(leaves[keys[0]]) or leaves[keys[0]].name
            if self._store.expected_seconds(rows, len(clients)) > sum(kept[key].seconds for key in keys):
                continue
            began = time.monotonic()
            query = compile_family(
                [leaves[key] for key in keys], self._account_id, self._moment, list(clients)
            )
            metrics.CLIENTS_ASKED_AGAIN.inc(len(clients))
            for key, found in zip(keys, await self._ask(query), strict=True):
                ids = kept[key].ids
                turned = (ids & clients) ^ found
                brought[key] = self._as_now(kept[key], ids ^ turned if turned else ids)
            self._store.took(rows, len(clients), time.monotonic() - began)
        return brought

    def _as_now(self, kept: Kept, ids: BitMap64) -> Kept:
        return Kept(ids, self._standpoint.snapshot, self._moment.now, kept.seconds)

    async def _ask(self, query: Select[Any]) -> list[BitMap64]:
        return [unpack(ids) for ids in (await self._session.execute(query)).one()]
