"""SQL of stored members: bitmaps, their changes, and the actions that tell of them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyroaring import BitMap64
from sqlalchemy import ARRAY, BigInteger, any_, bindparam, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from clientbase.filters import compile_universe
from clientbase.kit.db import AnySession, among
from clientbase.models import (
    BUILT_IN_TYPE_IDS,
    Client,
    ClientAlias,
    Segment,
    SegmentChange,
    SegmentMembership,
)
from clientbase.search.leaves import read_ids

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('memberships', :account_id))")
_FEW = 20_000
"""So many ids are looked up; for more all living clients are read at once."""
_TELL = text("""
INSERT INTO actions (account_id, client_id, type_id, at, reference, source)
SELECT :account_id, told.id, :type_id, :at, :reference, 'clientbase'
FROM unnest(CAST(:ids AS bigint[])) AS told (id)
""")


@dataclass(frozen=True)
class Stored:
    """A segment with its members as they stand."""

    segment_id: int
    kind: str
    version: int
    members: BitMap64


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

    async def write(self, segment_id: int, *, version: int, members: BitMap64, computed_at: datetime) -> None:
        """Replace the members of a segment whole."""
        statement = upsert(SegmentMembership).values(
            account_id=self.account_id,
            segment_id=segment_id,
            version=version,
            members=_packed(members),
            computed_at=computed_at,
        )
        new = statement.excluded
        await self.session.execute(
            statement.on_conflict_do_update(
                index_elements=["account_id", "segment_id"],
                set_={"version": new.version, "members": new.members, "computed_at": new.computed_at},
            )
        )

    async def write_members(self, segment_id: int, *, version: int, members: BitMap64) -> None:
        """Replace the members, true for the same instant as before."""
        table = SegmentMembership
        where = (table.account_id == self.account_id, table.segment_id == segment_id)
        values = {"version": version, "members": _packed(members)}
        await self.session.execute(update(table).where(*where).values(**values))

    async def confirm(self, segment_id: int, *, computed_at: datetime) -> None:
        """The members are the same at a later instant."""
        table = SegmentMembership
        where = (table.account_id == self.account_id, table.segment_id == segment_id)
        await self.session.execute(update(table).where(*where).values(computed_at=computed_at))

    async def record(self, entered: BitMap64, left: BitMap64, **values: Any) -> None:
        """A row of the history of members."""
        await self.session.execute(
            insert(SegmentChange).values(
                account_id=self.account_id,
                entered=_packed(entered),
                left=_packed(left),
                entered_count=len(entered),
                left_count=len(left),
                **values,
            )
        )

    async def tell(self, segment_id: int, action: str, ids: BitMap64, *, at: datetime) -> None:
        """Actions on the timelines of clients, all in one statement."""
        if not ids:
            return
        values = {
            "account_id": self.account_id,
            "type_id": BUILT_IN_TYPE_IDS[action],
            "at": at,
            "reference": str(segment_id),
            "ids": list(ids),
        }
        await self.session.execute(_TELL, values)

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


def _packed(ids: BitMap64) -> bytes:
    ids.run_optimize()
    packed: bytes = ids.serialize()
    return packed
