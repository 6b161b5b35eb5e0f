"""What the saved filters of an account use: whatever is used cannot be deleted."""

from sqlalchemy import select, text

from clientbase.kit.db import AnySession
from clientbase.kit.errors import Conflict, Item
from clientbase.models import Segment, SegmentDependency

_SHOWN = 20
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('segments', :account_id))")


async def lock_definitions(session: AnySession, *, account_id: int) -> None:
    """From here to the end of the transaction nobody else saves a filter, or deletes what filters use."""
    await session.execute(_LOCK, {"account_id": account_id})


async def users_of(session: AnySession, *, account_id: int, kind: str, code: str) -> list[str]:
    """Codes of the segments whose filter uses the thing of this kind and code, at most twenty."""
    query = (
        select(Segment.code)
        .join(
            SegmentDependency,
            (SegmentDependency.account_id == Segment.account_id)
            & (SegmentDependency.segment_id == Segment.id),
        )
        .where(
            Segment.account_id == account_id, SegmentDependency.kind == kind, SegmentDependency.code == code
        )
        .order_by(Segment.code)
        .limit(_SHOWN)
    )
    return list((await session.execute(query)).scalars())


async def refuse_if_used(session: AnySession, *, account_id: int, kind: str, code: str) -> None:
    """Raises Conflict (IN_USE) that names the segments which use it; till the commit none begins to."""
    await lock_definitions(session, account_id=account_id)
    users = await users_of(session, account_id=account_id, kind=kind, code=code)
    if users:
        item = Item("", "IN_USE", "Segments use it in their filters.", tuple(users))
        raise Conflict("IN_USE", "It is used by segments and cannot be deleted.", [item])
