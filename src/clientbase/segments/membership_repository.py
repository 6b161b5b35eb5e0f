"""SQL of stored members: bitmaps, their changes, and the actions that tell of them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
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
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from clientbase.filters import compile_universe
from clientbase.kit.db import AnySession, among
from clientbase.models import (
    BUILT_IN_TYPE_IDS,
    Base,
    Client,
    ClientAlias,
    Segment,
    SegmentChange,
    SegmentMembership,
)
from clientbase.search.leaves import read_ids

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('memberships', :account_id))")
_TOLD_AT_ONCE = 50_000
_FEW = 20_000
"""So many ids are looked up; for more all living clients are read at once."""
_TELL = text("""
INSERT INTO actions (account_id, client_id, type_id, at, reference, source)
SELECT :account_id, told.id, :type_id, :at, :reference, 'clientbase'
FROM unnest(CAST(:ids AS bigint[])) AS told (id)
""")
_CONFIRM = text("""
UPDATE segment_memberships SET computed_at = :computed_at
WHERE account_id = :account_id AND segment_id = :segment_id
""")
_TABLES = Base.metadata.tables
_MEMBERSHIPS = _TABLES[SegmentMembership.__tablename__]
_CHANGES = _TABLES[SegmentChange.__tablename__]


@dataclass(frozen=True)
class Stored:
    """A segment with its members as they stand."""

    segment_id: int
    kind: str
    version: int
    members: BitMap64


@dataclass(frozen=True)
class NewStored:
    """Members to be stored, and the instant that they are true for."""

    segment_id: int
    version: int
    members: BitMap64
    computed_at: datetime


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


class MembershipRepository:
    """The members of one account's segments."""

    def __init__(self, session: AnySession, account_id: int) -> None:
        self.session = session
        self.account_id = account_id

    async def lock(self) -> None:
        """One change of members at a time in the account; deletions of clients take it too."""
        await self.session.execute(_LOCK, {"account_id": self.account_id})

    async def stored(self, segment_ids: Collection[int] | None = None) -> dict[int, Stored]:
        """Segments with members, of some or of all."""
        table = SegmentMembership
        query = (
            select(Segment.id, Segment.kind, Segment.version, table.members)
            .join(table, (table.account_id == Segment.account_id) & (table.segment_id == Segment.id))
            .where(Segment.account_id == self.account_id)
        )
        if segment_ids is not None:
            query = query.where(among(Segment.id, segment_ids))
        return {
            row.id: Stored(row.id, row.kind, row.version, BitMap64.deserialize(row.members))
            for row in await self.session.execute(query)
        }

    async def living(self, ids: BitMap64) -> BitMap64:
        """Those of the ids that are clients now."""
        if len(ids) > _FEW:
            return ids & await read_ids(self.session, compile_universe(self.account_id))
        wanted = bindparam("ids", list(ids), ARRAY(BigInteger))
        query = select(Client.id).where(Client.account_id == self.account_id, Client.id == any_(wanted))
        return await read_ids(self.session, query)

    async def write(self, news: Collection[NewStored]) -> None:
        """Replace the members of segments whole."""
        statement = upsert(_MEMBERSHIPS)
        new = statement.excluded
        rows = [
            {
                "account_id": self.account_id,
                "segment_id": one.segment_id,
                "version": one.version,
                "members": _packed(one.members),
                "computed_at": one.computed_at,
            }
            for one in news
        ]
        await self._execute_each(
            statement.on_conflict_do_update(
                index_elements=["account_id", "segment_id"],
                set_={"version": new.version, "members": new.members, "computed_at": new.computed_at},
            ),
            rows,
        )

    async def write_members(self, segment_id: int, *, version: int, members: BitMap64) -> None:
        """Replace the members, true for the same instant as before."""
        table = SegmentMembership
        where = (table.account_id == self.account_id, table.segment_id == segment_id)
        values = {"version": version, "members": _packed(members)}
        await self.session.execute(update(table).where(*where).values(**values))

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
                "entered": _packed(one.entered),
                "left": _packed(one.left),
                "entered_count": len(one.entered),
                "left_count": len(one.left),
            }
            for one in records
        ]
        await self._execute_each(insert(_CHANGES), rows)

    async def tell(self, records: Collection[Record]) -> None:
        """Actions on the timelines of those who entered or left."""
        events = [
            (one, action, ids)
            for one in records
            for action, ids in (("segment.entered", one.entered), ("segment.left", one.left))
            if ids
        ]
        rows = [
            {
                "account_id": self.account_id,
                "type_id": BUILT_IN_TYPE_IDS[action],
                "at": one.at,
                "reference": str(one.segment_id),
                "ids": list(some),
            }
            for one, action, ids in events
            for some in _in_parts(ids)
        ]
        await self._execute_each(_TELL, rows)

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


def _in_parts(ids: BitMap64) -> Iterator[BitMap64]:
    for first in range(0, len(ids), _TOLD_AT_ONCE):
        yield ids[first : first + _TOLD_AT_ONCE]


def _packed(ids: BitMap64) -> bytes:
    ids.run_optimize()
    packed: bytes = ids.serialize()
    return packed
