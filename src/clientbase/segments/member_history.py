"""When a client last entered or left a segment, and by what."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pyroaring import BitMap64
from sqlalchemy import func, select

from clientbase.kit.db import AnySession, among
from clientbase.models import BUILT_IN_TYPE_IDS, Action, SegmentChange

_EVENTS = [BUILT_IN_TYPE_IDS["segment.entered"], BUILT_IN_TYPE_IDS["segment.left"]]
_UNTOLD = ["first_fill", "edit", "merge", "client_deleted"]
"""Causes of changes that timelines need not tell of; as those that are yet to be told of they are few, and
looked through."""
AT_ONCE = 20


@dataclass(frozen=True)
class LastChange:
    """The newest change of a segment that was about a client."""

    kind: Literal["entered", "left"]
    at: datetime
    version: int
    cause: str
    run_id: int | None


async def last_change(
    session: AnySession, *, account_id: int, segment_id: int, client_id: int
) -> LastChange | None:
    """The newest entry or exit: that of the client's timeline, or a later one that no timeline tells of."""
    reader = _Reader(session, account_id, segment_id, client_id)
    told = await reader.told()
    return await reader.untold(after=told.version if told is not None else 0) or told


class _Reader:
    def __init__(self, session: AnySession, account_id: int, segment_id: int, client_id: int) -> None:
        self.session = session
        self.client_id = client_id
        self.of_segment = (SegmentChange.account_id == account_id, SegmentChange.segment_id == segment_id)
        self.of_client = (
            Action.account_id == account_id,
            Action.client_id == client_id,
            among(Action.type_id, _EVENTS),
            Action.reference == str(segment_id),
        )

    async def told(self) -> LastChange | None:
        """By the client's own actions, which are of the instant of the change."""
        at = await self.session.scalar(select(func.max(Action.at)).where(*self.of_client))
        query = select(SegmentChange).where(*self.of_segment, SegmentChange.at == at)
        changes = await self.session.scalars(query.order_by(SegmentChange.version.desc()))
        return next(filter(None, map(self._found, changes)), None)

    async def untold(self, *, after: int) -> LastChange | None:
        """By the bitmaps of the changes, newest first."""
        is_untold = among(SegmentChange.cause, _UNTOLD) | (SegmentChange.untold > 0)
        wanted = (*self.of_segment, is_untold, SegmentChange.version > after)
        query = select(SegmentChange).where(*wanted).order_by(SegmentChange.version.desc())
        found = await self.session.stream_scalars(query.execution_options(yield_per=AT_ONCE))
        async for change in found:
            last = self._found(change)
            if last is not None:
                await found.close()
                return last
        return None

    def _found(self, change: SegmentChange) -> LastChange | None:
        if self.client_id in BitMap64.deserialize(change.entered):
            return LastChange("entered", change.at, change.version, change.cause, change.run_id)
        if self.client_id in BitMap64.deserialize(change.left):
            return LastChange("left", change.at, change.version, change.cause, change.run_id)
        return None
