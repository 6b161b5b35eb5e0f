"""Reviews: what would become of a segment waits for a person, as a run that rests in `needs_review`."""

from collections.abc import Collection, Sequence
from datetime import timedelta

from clientbase.accounts.schemas import AccountInfo
from clientbase.kit import clock
from clientbase.kit.db import AnySession, WriteSession
from clientbase.kit.errors import Conflict, not_found
from clientbase.models import Run, Segment
from clientbase.runs import service as runs
from clientbase.segments.guard import Shrink
from clientbase.segments.repository import RUN_KIND, SegmentRepository
from clientbase.segments.schemas import Decision, Kind, Review, ReviewIn, State

TOO_MANY_LEAVE = "TOO_MANY_LEAVE"


async def put_up(
    session: WriteSession, *, account_id: int, shrinks: Sequence[Shrink], own_id: int | None = None
) -> list[Shrink]:
    """Let segments keep their members; what would become of them is put up for review, in place of what was.

    The answer leaves out those that somebody has changed meanwhile. The segment `own_id` is that of the run
    under way, which is to rest in review itself: no other is begun for it.
    """
    stopped = [shrink for shrink in shrinks if await _stop(session, account_id, shrink)]
    await withdraw(session, account_id=account_id, codes=[shrink.segment.code for shrink in stopped])
    for shrink in stopped:
        if shrink.segment.id != own_id:
            await runs.put_up(
                session,
                account_id=account_id,
                kind=RUN_KIND,
                subject=shrink.segment.code,
                params={"segment_id": shrink.segment.id},
                result=result_of([shrink]),
            )
    return stopped


def result_of(shrinks: Sequence[Shrink]) -> dict[str, list[dict[str, object]]]:
    """What a run tells of segments that it has put up for review."""
    return {"needs_review": [shrink.told() for shrink in shrinks]}


async def of_segments(session: AnySession, *, account_id: int, codes: Collection[str]) -> dict[str, Review]:
    """The reviews that are open, by the code of the segment."""
    found = await runs.in_review(session, account_id=account_id, kind=RUN_KIND, subjects=codes)
    return {str(run.subject): _review(run) for run in found}


async def withdraw(session: WriteSession, *, account_id: int, codes: Collection[str]) -> None:
    """Nothing is left to be reviewed of these segments."""
    if codes:
        await runs.withdraw(session, account_id=account_id, kind=RUN_KIND, subjects=codes)


async def decide(session: WriteSession, *, account: AccountInfo, code: str, request: ReviewIn) -> Run:
    """Accept that members leave, which is computed anew at once, or refuse it: then they stay.

    Should many more leave by then than were accepted, it is put up for review again. After a refusal the next
    recount looks again. Raises NotFound; Conflict (NOT_IN_REVIEW) when the run does not wait for this (any
    more).
    """
    segment = await SegmentRepository(session, account.id).hold(code)
    if segment is None:
        raise not_found("segment")
    review = (await of_segments(session, account_id=account.id, codes=[code])).get(code)
    if review is None or review.run_id != request.run_id:
        raise Conflict("NOT_IN_REVIEW", "The run does not wait for a review of this segment.")
    if request.decision is Decision.REFUSED:
        return await runs.request_cancellation(session, account_id=account.id, run_id=review.run_id)
    segment.accepted_leaving = review.leaving
    await session.flush()
    return await runs.accept(session, account_id=account.id, run_id=review.run_id)


async def _stop(session: WriteSession, account_id: int, shrink: Shrink) -> bool:
    segment = shrink.segment
    return await SegmentRepository(session, account_id).update_if(
        segment.id,
        definition_revision=segment.definition_revision,
        version=segment.version,
        is_active=True,
        values={
            "state": State.NEEDS_REVIEW,
            "error_code": TOO_MANY_LEAVE,
            "error_detail": shrink.detail,
            "failures": 0,
            "due_at": _next_look(segment),
        },
    )


def _next_look(segment: Segment) -> object:
    """A whole pause after a recount; what a live round has stopped is looked at when it was due anyway."""
    now = clock.now()
    if segment.kind != Kind.DYNAMIC:
        return None
    if segment.due_at is not None and segment.due_at > now:
        return segment.due_at
    return now + timedelta(hours=segment.recalculation_hours)


def _review(run: Run) -> Review:
    told = (run.result or {})["needs_review"][0]
    return Review(run_id=run.id, size=told["size"], leaving=told["leaving"], entering=told["entering"])
