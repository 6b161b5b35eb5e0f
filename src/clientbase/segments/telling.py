"""Telling: whoever has entered or left a segment gets it onto the timeline, right behind the swap.

A swap notes in its own short transaction how many events are to be told. They are written here, in
transactions of their own: neither a swap nor the next round waits for them, and a worker that dies leaves
them to the next one. The log of changes names those who were told of to the segments that ask about it.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import chain, islice
from typing import NamedTuple

from pyroaring import BitMap64

from clientbase.kit.db import WriteSession
from clientbase.models import BUILT_IN_TYPE_IDS
from clientbase.segments.membership_repository import MembershipRepository
from clientbase.segments.telling_repository import TellingRepository, Untold

EVENTS_AT_ONCE = 10_000
"""So many are written in one transaction: under half a second of work, for which deletions wait."""
_ENTERED, _LEFT = BUILT_IN_TYPE_IDS["segment.entered"], BUILT_IN_TYPE_IDS["segment.left"]


class _Event(NamedTuple):
    change: Untold
    type_id: int
    client_id: int


async def tell_some(
    session: WriteSession, *, account_id: int, at_most: int = EVENTS_AT_ONCE, waits: bool = False
) -> int:
    """Write the oldest untold events of an account onto timelines; how many there were, 0 when all are told.

    While another worker is at it, 0 too, or with `waits` whatever that one leaves. Each event is told once,
    in the transaction that notes it. Of those deleted since nothing is told; of those merged away it is told
    on the timeline of the survivor, where it would be had the merge come later.
    """
    repository = TellingRepository(session, account_id)
    if waits:
        await repository.lock()
    elif not await repository.try_lock():
        return 0
    changes = await repository.untold(at_most)
    events = list(islice(chain.from_iterable(map(_untold, changes)), at_most))
    if not events:
        return 0
    heirs = await MembershipRepository(session, account_id).survivors({one.client_id for one in events})
    told = [
        (heirs[one.client_id], one.type_id, one.change.at, str(one.change.segment_id))
        for one in events
        if one.client_id in heirs
    ]
    if told:
        await repository.tell(told)
    await repository.note(Counter((one.change.segment_id, one.change.version) for one in events))
    return len(events)


async def pause(session: WriteSession, account_id: int) -> None:
    """Nothing is told until the transaction ends.

    To be called before clients are deleted or merged, and before their rows are locked: else an event could
    be written for one who is going, and go with the row instead of moving to the survivor.
    """
    await TellingRepository(session, account_id).lock()


def _untold(change: Untold) -> Iterator[_Event]:
    """Events in the order of the feed, from the first one that has not been told."""
    whole = (
        _Event(change, type_id, client_id)
        for type_id, ids in ((_ENTERED, change.entered), (_LEFT, change.left))
        for client_id in BitMap64.deserialize(ids)
    )
    return islice(whole, change.told, None)
