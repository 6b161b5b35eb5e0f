"""SQL of search beside leaves: stored memberships and quick search."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from pyroaring import BitMap64
from sqlalchemy import Text, bindparam, case, exists, func, or_, select

from clientbase.kit.bitmaps import unpack
from clientbase.kit.db import AnySession, among
from clientbase.models import (
    Client,
    ClientSearch,
    LiveState,
    Segment,
    SegmentDependency,
    SegmentMembership,
)
from clientbase.search.leaves import read_ids


@dataclass(frozen=True)
class Membership:
    """The stored members of a segment and the instant that they are true for."""

    members: BitMap64
    computed_at: datetime


class SearchRepository:
    """What search reads of one account."""

    def __init__(self, session: AnySession, account_id: int) -> None:
        self.session = session
        self.account_id = account_id

    async def memberships(self, segment_ids: Collection[int]) -> dict[int, Membership]:
        """Stored members of the segments that have been computed."""
        table = SegmentMembership
        # Live ones are as of the last round, which writes only into those that it changes; those that rest on
        # others, which may be older, say what was written.
        rests = exists().where(
            SegmentDependency.account_id == table.account_id,
            SegmentDependency.segment_id == table.segment_id,
            SegmentDependency.kind == "segment",
        )
        as_of = case(
            (Segment.is_live & ~rests, func.greatest(table.computed_at, LiveState.computed_at)),
            else_=table.computed_at,
        )
        query = (
            select(table.segment_id, table.base, table.drift, as_of)
            .join(Segment, (Segment.account_id == table.account_id) & (Segment.id == table.segment_id))
            .outerjoin(LiveState, LiveState.account_id == table.account_id)
            .where(table.account_id == self.account_id, among(table.segment_id, segment_ids))
        )
        return {
            segment_id: Membership(unpack(base, drift), computed_at)
            for segment_id, base, drift, computed_at in await self.session.execute(query)
        }

    async def quick(self, patterns: Sequence[str]) -> BitMap64:
        """Clients whose card matches any of the LIKE patterns."""
        matches = [
            ClientSearch.text.like(bindparam(f"pattern_{place}", pattern, Text), escape="\\")
            for place, pattern in enumerate(patterns)
        ]
        query = select(ClientSearch.client_id).where(
            ClientSearch.account_id == self.account_id, or_(*matches)
        )
        return await read_ids(self.session, query)

    async def count(self) -> int:
        """How many clients there are."""
        query = select(func.count()).select_from(Client).where(Client.account_id == self.account_id)
        return (await self.session.execute(query)).scalar_one()
