"""SQL of pins: clients that are kept in a segment, or out of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pyroaring import BitMap64
from sqlalchemy import ARRAY, BigInteger, ColumnElement, bindparam, delete, func, select, text

from clientbase.kit.db import AnySession, among
from clientbase.models import SegmentPin
from clientbase.search.bits import unpack

_ALL = text("""
SELECT segment_id, keeps_in, string_agg(int8send(client_id), ''::bytea) AS ids
FROM segment_pins
WHERE account_id = :account_id
  AND (CAST(:segment_ids AS bigint[]) IS NULL OR segment_id = ANY(:segment_ids))
  AND (CAST(:client_ids AS bigint[]) IS NULL OR client_id = ANY(:client_ids))
GROUP BY segment_id, keeps_in
""").bindparams(
    bindparam("segment_ids", type_=ARRAY(BigInteger)), bindparam("client_ids", type_=ARRAY(BigInteger))
)
_PUT = text("""
INSERT INTO segment_pins AS known (account_id, segment_id, client_id, keeps_in, created_by, created_at)
SELECT :account_id, :segment_id, client_id, :keeps_in, :actor, :now FROM unnest(:ids) AS client_id
ON CONFLICT (account_id, segment_id, client_id) DO UPDATE
SET keeps_in = excluded.keeps_in, created_by = excluded.created_by, created_at = excluded.created_at
WHERE known.keeps_in <> excluded.keeps_in
RETURNING client_id
""").bindparams(bindparam("ids", type_=ARRAY(BigInteger)))
_COPY = text("""
INSERT INTO segment_pins (account_id, segment_id, client_id, keeps_in, created_by, created_at)
SELECT account_id, :copy_id, client_id, keeps_in, created_by, created_at
FROM segment_pins WHERE account_id = :account_id AND segment_id = :segment_id
""")
_FOLLOW = text("""
INSERT INTO segment_pins (account_id, segment_id, client_id, keeps_in, created_by, created_at)
SELECT account_id, segment_id, :new_id, bool_and(keeps_in), min(created_by), min(created_at)
FROM segment_pins WHERE account_id = :account_id AND client_id = ANY(:ids)
GROUP BY account_id, segment_id
ON CONFLICT (account_id, segment_id, client_id) DO NOTHING
""").bindparams(bindparam("ids", type_=ARRAY(BigInteger)))
"""The survivor's own pin wins; of contrary ones that it inherits the one that keeps out."""


@dataclass
class Pins:
    """The clients that are kept in a segment, and those that are kept out of it."""

    inside: BitMap64 = field(default_factory=BitMap64)
    outside: BitMap64 = field(default_factory=BitMap64)

    def applied(self, members: BitMap64) -> BitMap64:
        """The members as the pins will have them."""
        return (members | self.inside) - self.outside if self.inside or self.outside else members


class AllPins(dict[int, Pins]):
    """Pins by segment; a segment without any has none."""

    def __missing__(self, segment_id: int) -> Pins:
        return Pins()


class PinRepository:
    """The pins of one account's segments."""

    def __init__(self, session: AnySession, account_id: int) -> None:
        self.session = session
        self.account_id = account_id

    async def read(
        self,
        segment_ids: Collection[int] | None = None,
        *,
        client_ids: Collection[int] | None = None,
    ) -> AllPins:
        """Pins of all segments or of some, of all clients or of some."""
        wanted = {
            "segment_ids": None if segment_ids is None else list(segment_ids),
            "client_ids": None if client_ids is None else list(client_ids),
        }
        rows = await self.session.execute(_ALL, {"account_id": self.account_id} | wanted)
        found = AllPins()
        for segment_id, keeps_in, ids in rows:
            pins = found.setdefault(segment_id, Pins())
            if keeps_in:
                pins.inside = unpack(ids)
            else:
                pins.outside = unpack(ids)
        return found

    async def put(
        self, segment_id: int, client_ids: Collection[int], *, keeps_in: bool, actor: str, now: datetime
    ) -> int:
        """Pin clients, also those that are pinned the other way. How many were not pinned so before."""
        values = {"segment_id": segment_id, "keeps_in": keeps_in, "actor": actor, "now": now}
        rows = await self.session.execute(
            _PUT, values | {"account_id": self.account_id, "ids": sorted(client_ids)}
        )
        return len(rows.all())

    async def remove(self, segment_id: int, client_ids: Collection[int]) -> int:
        """Let clients be judged by the filter again. How many were pinned."""
        table = SegmentPin
        where = (*self._of(segment_id), among(table.client_id, client_ids))
        statement = delete(table).where(*where).returning(table.client_id)
        rows = await self.session.execute(statement, execution_options={"synchronize_session": False})
        return len(rows.all())

    async def page(
        self, segment_id: int, *, keeps_in: bool | None, after: int, limit: int
    ) -> Sequence[SegmentPin]:
        """Pins by client behind an id."""
        wanted = [*self._of(segment_id, keeps_in), SegmentPin.client_id > after]
        query = select(SegmentPin).where(*wanted).order_by(SegmentPin.client_id).limit(limit)
        return (await self.session.scalars(query)).all()

    async def count(self, segment_id: int, *, keeps_in: bool | None = None) -> int:
        """How many there are."""
        query = select(func.count()).select_from(SegmentPin).where(*self._of(segment_id, keeps_in))
        return (await self.session.scalar(query)) or 0

    async def copy(self, segment_id: int, copy_id: int) -> None:
        """Give a copy of a segment the same pins."""
        values = {"account_id": self.account_id, "segment_id": segment_id, "copy_id": copy_id}
        await self.session.execute(_COPY, values)

    async def follow(self, old_ids: Collection[int], new_id: int) -> None:
        """Pins of clients that are merged away become the survivor's; their own go with their rows."""
        values = {"account_id": self.account_id, "ids": list(old_ids), "new_id": new_id}
        await self.session.execute(_FOLLOW, values)

    def _of(self, segment_id: int, keeps_in: bool | None = None) -> list[ColumnElement[bool]]:
        of_segment = [SegmentPin.account_id == self.account_id, SegmentPin.segment_id == segment_id]
        return of_segment if keeps_in is None else [*of_segment, SegmentPin.keeps_in.is_(keeps_in)]
