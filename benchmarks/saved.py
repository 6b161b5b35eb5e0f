"""The hundred segments as the product has saved them: what they ask, and the members that it found."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from pyroaring import BitMap64
from sqlalchemy import select

from benchmarks.plain_sql import OneQuery
from benchmarks.recalculation import PREFIX
from benchmarks.trees import SEGMENTS
from clientbase.accounts.schemas import AccountInfo
from clientbase.filters import Moment, Plan, check, plan
from clientbase.kit.bitmaps import unpack
from clientbase.kit.db import AnySession
from clientbase.models import Segment, SegmentMembership
from clientbase.search import catalogue as catalogues
from clientbase.segments.storage import exact


@dataclass(frozen=True)
class Saved:
    """A segment, and its members at an instant."""

    id: int
    code: str
    plan: Plan
    members: BitMap64
    at: datetime


async def saved_segments(session: AnySession, account: AccountInfo) -> dict[int, Saved]:
    """All of the hundred by their ids; they have been made by their own measurement."""
    table = SegmentMembership
    query = (
        select(Segment.id, Segment.code, Segment.filter, table.base, table.drift, table.computed_at)
        .join(table, (table.account_id == Segment.account_id) & (table.segment_id == Segment.id))
        .where(Segment.account_id == account.id, Segment.code.startswith(PREFIX))
        .order_by(Segment.id)
    )
    catalogue = await catalogues.load(session, account=account)
    found = {
        row.id: Saved(
            row.id,
            row.code,
            plan(check(exact(row.filter), catalogue), catalogue),
            unpack(row.base, row.drift),
            row.computed_at,
        )
        for row in await session.execute(query)
    }
    assert len(found) == SEGMENTS, f"{len(found)} segments are there: the measurement `segments` makes them"
    return found


def one_query(segment: Saved, account: AccountInfo, segments: dict[int, Saved]) -> OneQuery:
    """The query of a segment at the instant of its members; others that it refers to stand as saved."""
    members = {id_: segments[id_].members for id_ in segment.plan.segments}
    return OneQuery(segment.plan, account.id, Moment(segment.at, ZoneInfo(account.time_zone)), members)
