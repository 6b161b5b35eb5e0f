"""Routes of segments: definitions, recalculation, usage."""

from typing import Annotated

from fastapi import Query, Response

from clientbase.accounts.scopes import Scope
from clientbase.api import etags
from clientbase.api.deps import Caller, CodePath, Read, Snapshot, Write
from clientbase.api.etags import IfMatch
from clientbase.api.route import ApiRouter
from clientbase.api.rows import json_response
from clientbase.kit.db import AnySession
from clientbase.kit.paging import Page, Total
from clientbase.runs.schemas import RunOut
from clientbase.segments import listing, preview, reviews, service
from clientbase.segments.schemas import (
    CopyIn,
    EditPreviewIn,
    EditPreviewOut,
    PreviewIn,
    PreviewOut,
    ReviewIn,
    SegmentIn,
    SegmentListed,
    SegmentListQuery,
    SegmentOut,
    SegmentPatch,
    Usage,
)

router = ApiRouter(tag="segments")


async def _answer(session: AnySession, caller: Caller, code: str, response: Response) -> SegmentOut:
    view = await service.get(session, account=caller.account, code=code)
    response.headers["ETag"] = etags.etag(view.segment.id, view.segment.revision)
    return view.out(personal=caller.may(Scope.CLIENTS_PERSONAL))


async def _match(session: Write, caller: Caller, code: str, if_match: str | None) -> None:
    """Compare the ETag with a segment that is held: of two edits at once one is stale."""
    segment = await service.hold(session, account=caller.account, code=code)
    etags.check(if_match, etags.etag(segment.id, segment.revision), required=True)


@router.get("/segments", scope=Scope.SEGMENTS_READ)
async def list_segments(
    caller: Caller, session: Read, query: Annotated[SegmentListQuery, Query()]
) -> Page[SegmentListed]:
    """Segments with a short series of their sizes."""
    personal = caller.may(Scope.CLIENTS_PERSONAL)
    return await listing.list_segments(session, account=caller.account, query=query, personal=personal)


@router.post(
    "/segments", scope=Scope.SEGMENTS_WRITE, errors=(409,), headers=("ETag", "Location"), status_code=201
)
async def create_segment(
    caller: Caller, session: Write, response: Response, request: SegmentIn
) -> SegmentOut:
    """A new segment; a dynamic or static one is computed at once by a worker."""
    personal = caller.may(Scope.CLIENTS_PERSONAL)
    segment = await service.create(
        session, account=caller.account, request=request, actor=caller.actor, personal=personal
    )
    response.headers["Location"] = f"/api/v1/segments/{segment.code}"
    return await _answer(session, caller, segment.code, response)


@router.post(
    "/segments/preview",
    scope=Scope.SEGMENTS_READ,
    errors=(409,),
    heavy=True,
    reads=True,
    response_model=PreviewOut,
)
async def preview_segment(caller: Caller, session: Snapshot, request: PreviewIn) -> Response:
    """How many clients a filter means, some of them, and how many can be reached; nothing is saved."""
    personal = caller.may(Scope.CLIENTS_PERSONAL)
    seen = await preview.preview(session, account=caller.account, request=request, personal=personal)
    total = Total(value=len(seen.found.members)).model_dump()
    return json_response(
        {"total": total, "reachable": seen.reachable, "sample": seen.sample, "as_of": seen.found.as_of}
    )


@router.get("/segments/{code}", scope=Scope.SEGMENTS_READ, errors=(404,), headers=("ETag",))
async def get_segment(caller: Caller, session: Read, response: Response, code: CodePath) -> SegmentOut:
    """One segment; nothing is evaluated."""
    return await _answer(session, caller, code, response)


@router.patch("/segments/{code}", scope=Scope.SEGMENTS_WRITE, errors=(404, 409, 412, 428), headers=("ETag",))
async def update_segment(
    caller: Caller,
    session: Write,
    response: Response,
    code: CodePath,
    patch: SegmentPatch,
    if_match: IfMatch = None,
) -> SegmentOut:
    """Change a segment; an edited filter is computed at once, until then the members stay."""
    await _match(session, caller, code, if_match)
    personal = caller.may(Scope.CLIENTS_PERSONAL)
    await service.update(
        session, account=caller.account, code=code, patch=patch, actor=caller.actor, personal=personal
    )
    return await _answer(session, caller, code, response)


@router.delete("/segments/{code}", scope=Scope.SEGMENTS_WRITE, errors=(404, 409, 412, 428), status_code=204)
async def delete_segment(
    caller: Caller, session: Write, code: CodePath, if_match: IfMatch = None
) -> Response:
    """Delete a segment with its history; refused while other segments refer to it."""
    await _match(session, caller, code, if_match)
    await service.delete(session, account=caller.account, code=code)
    return Response(status_code=204)


@router.post(
    "/segments/{code}/copies",
    scope=Scope.SEGMENTS_WRITE,
    errors=(404, 409),
    headers=("ETag", "Location"),
    status_code=201,
)
async def copy_segment(
    caller: Caller, session: Write, response: Response, code: CodePath, request: CopyIn
) -> SegmentOut:
    """A new segment like this one; of a manual one with its members."""
    personal = caller.may(Scope.CLIENTS_PERSONAL)
    made = await service.copy(
        session, account=caller.account, code=code, request=request, actor=caller.actor, personal=personal
    )
    response.headers["Location"] = f"/api/v1/segments/{made.code}"
    return await _answer(session, caller, made.code, response)


@router.post(
    "/segments/{code}/edit-previews",
    scope=Scope.SEGMENTS_READ,
    errors=(404, 409),
    heavy=True,
    reads=True,
    response_model=EditPreviewOut,
)
async def preview_edit(caller: Caller, session: Snapshot, code: CodePath, request: EditPreviewIn) -> Response:
    """How many would enter, leave and stay by another filter, and some of each; nothing is saved."""
    personal = caller.may(Scope.CLIENTS_PERSONAL)
    seen = await preview.preview_edit(
        session, account=caller.account, code=code, request=request, personal=personal
    )
    return json_response(
        {**seen.counts, **seen.samples, "needs_review": seen.needs_review, "as_of": seen.as_of}
    )


@router.post(
    "/segments/{code}/recalculations",
    scope=Scope.SEGMENTS_WRITE,
    errors=(404, 409),
    headers=("Location",),
    status_code=202,
)
async def recalculate_segment(caller: Caller, session: Write, response: Response, code: CodePath) -> RunOut:
    """Recalculate a segment now, in a worker."""
    run = await service.start_recalculation(session, account=caller.account, code=code, actor=caller.actor)
    response.headers["Location"] = f"/api/v1/runs/{run.id}"
    return RunOut.of(run)


@router.post(
    "/segments/{code}/reviews",
    scope=Scope.SEGMENTS_WRITE,
    errors=(404, 409),
    headers=("Location",),
    status_code=202,
)
async def review_segment(
    caller: Caller, session: Write, response: Response, code: CodePath, request: ReviewIn
) -> RunOut:
    """Accept or refuse that many members leave, as `review` of the segment and the run tell it."""
    run = await reviews.decide(session, account=caller.account, code=code, request=request)
    response.headers["Location"] = f"/api/v1/runs/{run.id}"
    return RunOut.of(run)


@router.get("/segments/{code}/usage", scope=Scope.SEGMENTS_READ, errors=(404,))
async def get_segment_usage(caller: Caller, session: Read, code: CodePath) -> Usage:
    """Which segments refer to it, and what its own filter uses."""
    return await service.usage(session, account=caller.account, code=code)
