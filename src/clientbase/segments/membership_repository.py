"""SQL of stored members: bitmaps and their changes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyroaring import BitMap64
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Executable,
    any_,
    bindparam,
    case,
    exists,
    func,
    insert,
    null,
    select,
    text,
)

from clientbase.filters import compile_universe
from clientbase.kit.bitmaps import pack, unpack
from clientbase.kit.db import AnySession, among
from clientbase.models import (
    Base,
    Client,
    ClientAlias,
    Segment,
    SegmentChange,
    SegmentMembership,
)
from clientbase.search.leaves import read_ids

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('memberships', :account_id))")
LARGE_BYTES = 4000
"""PostgreSQL keeps smaller values in the row itself, so that they are written with it in any case."""
LARGER_BASE = 8
"""So many times a drift its base has to be; beyond that it is a base of its own."""
_FEW = 20_000
"""So many ids are looked up; for more all living clients are read at once."""
_WRITE = text("""
INSERT INTO segment_memberships AS known (account_id, segment_id, version, base, drift, computed_at)
VALUES (:account_id, :segment_id, :version, :base, '', :computed_at)
ON CONFLICT (account_id, segment_id) DO UPDATE
SET version = excluded.version, base = excluded.base, drift = '', computed_at = excluded.computed_at
""")
_DRIFT = text("""
UPDATE segment_memberships SET version = :version, drift = :drift, computed_at = :computed_at
WHERE account_id = :account_id AND segment_id = :segment_id
""")
_CONFIRM = text("""
UPDATE segment_memberships SET computed_at = :computed_at
WHERE account_id = :account_id AND segment_id = :segment_id
""")
_CHANGES = Base.metadata.tables[SegmentChange.__tablename__]

Known = Mapping[int, tuple[int, BitMap64]]
"""Members by segment that somebody remembers, with the version that they are of."""


@dataclass(frozen=True)
class Stored:
    """A segment with its members as they stand."""

    segment_id: int
    kind: str
    version: int
    members: BitMap64
    computed_at: datetime
    drift: bytes
    """As packed: how they differ from the base that they are kept with."""
    base_bytes: int


@dataclass(frozen=True)
class NewStored:
    """Members to be stored in place of others, and the instant that they are true for."""

    segment_id: int
    version: int
    members: BitMap64
    computed_at: datetime
    former: Stored | None

    def drift(self) -> bytes | None:
        """From the base of the former ones, packed; None when the members are better written whole."""
        former = self.former
        if former is None or former.base_bytes < LARGE_BYTES:
            return None
        moved = self.members ^ former.members
        drift = pack(moved ^ BitMap64.deserialize(former.drift) if former.drift else moved)
        return drift if len(drift) * LARGER_BASE <= former.base_bytes else None


@dataclass(frozen=True)
class Record:
    """A row of the history of members."""

    segment_id: int
    version: int
    at: datetime
    cause: str
    run_id: int | None
    size: int
    entered: BitMap64
    left: BitMap64
    is_told: bool = False
    """Whether timelines are to tell of it."""


class MembershipRepository:
    """The members of one account's segments."""

    def __init__(self, session: AnySession, account_id: int) -> None:
        self.session = session
        self.account_id = account_id

    async def lock(self) -> None:
        """One change of members at a time in the account; deletions of clients take it too."""
        await self.session.execute(_LOCK, {"account_id": self.account_id})

    async def stored(
        self, segment_ids: Collection[int] | None = None, *, known: Known | None = None
    ) -> dict[int, Stored]:
        """Segments with members, of some or of all; what is `known` of just this version is not read."""
        table, known = SegmentMembership, known or {}
        ids, versions = [*known], [version for version, _ in known.values()]
        arrays = [
            bindparam("known_ids", ids, ARRAY(BigInteger)),
            bindparam("known", versions, ARRAY(BigInteger)),
        ]
        same = func.unnest(*arrays).table_valued("id", "version", name="known").render_derived()
        is_known = exists().where(same.c.id == Segment.id, same.c.version == Segment.version)
        query = (
            select(
                Segment.id,
                Segment.kind,
                Segment.version,
                table.computed_at,
                table.drift,
                func.octet_length(table.base).label("base_bytes"),
                case((is_known, null()), else_=table.base).label("base"),
            )
            .join(table, (table.account_id == Segment.account_id) & (table.segment_id == Segment.id))
            .where(Segment.account_id == self.account_id)
        )
        if segment_ids is not None:
            query = query.where(among(Segment.id, segment_ids))
        found = {}
        for id_, kind, version, computed_at, drift, base_bytes, base in await self.session.execute(query):
            members = known[id_][1] if base is None else unpack(base, drift)
            found[id_] = Stored(id_, kind, version, members, computed_at, drift, base_bytes)
        return found

    async def living(self, ids: BitMap64) -> BitMap64:
        """Those of the ids that are clients now."""
        if len(ids) > _FEW:
            return ids & await read_ids(self.session, compile_universe(self.account_id))
        wanted = bindparam("ids", list(ids), ARRAY(BigInteger))
        query = select(Client.id).where(Client.account_id == self.account_id, Client.id == any_(wanted))
        return await read_ids(self.session, query)

    async def write(self, news: Collection[NewStored]) -> None:
        """Replace the members of segments, in two statements: a large bitmap that changes a little keeps its
        base."""
        whole, drifts = [], []
        for one in news:
            drift = one.drift()
            values = {
                "account_id": self.account_id,
                "segment_id": one.segment_id,
                "version": one.version,
                "computed_at": one.computed_at,
            }
            if drift is None:
                whole.append(values | {"base": pack(one.members)})
            else:
                drifts.append(values | {"drift": drift})
        await self._execute_each(_WRITE, whole)
        await self._execute_each(_DRIFT, drifts)

    async def confirm(self, times: Mapping[int, datetime]) -> None:
        """The members of segments are the same at a later instant."""
        rows = [
            {"account_id": self.account_id, "segment_id": segment_id, "computed_at": computed_at}
            for segment_id, computed_at in times.items()
        ]
        await self._execute_each(_CONFIRM, rows)

    async def record(self, records: Collection[Record]) -> None:
        """Rows of the history of members."""
        rows = [
            {
                "account_id": self.account_id,
                "segment_id": one.segment_id,
                "version": one.version,
                "at": one.at,
                "cause": one.cause,
                "run_id": one.run_id,
                "size": one.size,
                "entered": pack(one.entered),
                "left": pack(one.left),
                "entered_count": len(one.entered),
                "left_count": len(one.left),
                "untold": len(one.entered) + len(one.left) if one.is_told else 0,
            }
            for one in records
        ]
        await self._execute_each(insert(_CHANGES), rows)

    async def _execute_each(self, statement: Executable, rows: Sequence[dict[str, Any]]) -> None:
        """One statement for many rows of parameters, sent together."""
        if rows:
            await self.session.execute(statement, rows)

    async def survivors(self, ids: Collection[int]) -> dict[int, int]:
        """Living clients by the ids under which they were asked for; those of merged-away ones included."""
        wanted = sorted(set(ids))
        clients = select(Client.id.label("given"), Client.id.label("living")).where(
            Client.account_id == self.account_id, among(Client.id, wanted)
        )
        merged = select(ClientAlias.alias_id, ClientAlias.client_id).where(
            ClientAlias.account_id == self.account_id, among(ClientAlias.alias_id, wanted)
        )
        rows = (await self.session.execute(clients.union_all(merged))).all()
        return {row[0]: row[1] for row in rows}
