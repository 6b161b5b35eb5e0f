"""SQL of telling: changes of members whose events are still to be told, and the actions that tell of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, DateTime, Text, bindparam, func, select, text

from clientbase.kit.db import AnySession, WriteSession
from clientbase.models import SegmentChange

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('telling', :account_id))")
_TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(hashtextextended('telling', :account_id))")
_UNTOLD = text("""
WITH queue AS (
    SELECT segment_id, version, sum(untold) OVER (ORDER BY at, segment_id, version) - untold AS before
    FROM segment_changes WHERE account_id = :account_id AND untold > 0
)
SELECT change.segment_id, change.version, change.at, change.entered, change."left", change.untold,
       change.entered_count + change.left_count - change.untold AS told
FROM queue JOIN segment_changes AS change ON change.account_id = :account_id
     AND change.segment_id = queue.segment_id AND change.version = queue.version
WHERE queue.before < :at_most
ORDER BY change.at, change.segment_id, change.version
""")
_NOTE = text("""
UPDATE segment_changes SET untold = untold - :told
WHERE account_id = :account_id AND segment_id = :segment_id AND version = :version
""")
_COLUMNS = ("client_ids", "type_ids", "times", "references")
_TELL = text("""
INSERT INTO actions (account_id, client_id, type_id, at, reference, source)
SELECT :account_id, told.client_id, told.type_id, told.at, told.reference, 'clientbase'
FROM unnest(:client_ids, :type_ids, :times, :references)
     WITH ORDINALITY AS told (client_id, type_id, at, reference, place)
ORDER BY told.client_id, told.place
""").bindparams(
    bindparam("client_ids", type_=ARRAY(BigInteger)),
    bindparam("type_ids", type_=ARRAY(BigInteger)),
    bindparam("times", type_=ARRAY(DateTime(timezone=True))),
    bindparam("references", type_=ARRAY(Text)),
)


@dataclass(frozen=True)
class Untold:
    """A change of members of which the last `untold` events wait; `told` of them come before."""

    segment_id: int
    version: int
    at: datetime
    entered: bytes
    left: bytes
    untold: int
    told: int


class TellingRepository:
    """What one account's timelines are to be told of."""

    def __init__(self, session: WriteSession, account_id: int) -> None:
        self.session = session
        self.account_id = account_id

    async def lock(self) -> None:
        """Nothing is told until the transaction ends."""
        await self.session.execute(_LOCK, {"account_id": self.account_id})

    async def try_lock(self) -> bool:
        """The right to tell until the transaction ends; False when somebody else has it."""
        return bool(await self.session.scalar(_TRY_LOCK, {"account_id": self.account_id}))

    async def untold(self, at_most: int) -> list[Untold]:
        """The oldest changes with untold events, so many that these are `at_most` or the last one more."""
        rows = await self.session.execute(_UNTOLD, {"account_id": self.account_id, "at_most": at_most})
        return [Untold(**row) for row in rows.mappings()]

    async def tell(self, events: Sequence[tuple[int, int, datetime, str]]) -> None:
        """Actions by client, type, instant and reference, in one statement in the order of clients."""
        columns = zip(_COLUMNS, zip(*events, strict=True), strict=True)
        values = {name: list(column) for name, column in columns}
        await self.session.execute(_TELL, {"account_id": self.account_id} | values)

    async def note(self, told: Mapping[tuple[int, int], int]) -> None:
        """So many events of a change, which is named by segment and version, have been told."""
        rows = [
            {"account_id": self.account_id, "segment_id": segment_id, "version": version, "told": number}
            for (segment_id, version), number in told.items()
        ]
        await self.session.execute(_NOTE, rows)


async def accounts_untold(session: AnySession) -> list[int]:
    """Accounts with events to tell, the one that waits longest first."""
    change = SegmentChange
    query = select(change.account_id).where(change.untold > 0).group_by(change.account_id)
    return list(await session.scalars(query.order_by(func.min(change.at))))


async def events_untold(session: AnySession) -> int:
    """How many events wait to be told, of all accounts."""
    waiting = select(func.sum(SegmentChange.untold)).where(SegmentChange.untold > 0)
    return int(await session.scalar(waiting) or 0)
