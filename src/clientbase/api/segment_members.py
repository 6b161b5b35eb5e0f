"""Routes of what segments hold: members, their history, changes by hand, pins."""

from typing import Annotated

from fastapi import Query, Request, Response

from clientbase.accounts.scopes import Scope
from clientbase.api.deps import Caller, CodePath, IdPath, Language, Paging, Read, Snapshot, Write
from clientbase.api.route import ApiRouter
from clientbase.api.rows import clients_page, json_response
from clientbase.kit.paging import Page
from clientbase.kit.schema import Instant
from clientbase.search.schemas import ClientPage, split
from clientbase.segments import changes, explaining, members, pins
from clientbase.segments.members import Asked
from clientbase.segments.schemas import (
    EventPage,
    HistoryPoint,
    Keep,
    MemberIds,
    MemberOut,
    MembersChanged,
    PinOut,
    PinsChanged,
    PinsIn,
)

router = ApiRouter(tag="segments")
Sort = Annotated[str | None, Query(min_length=1, max_length=255, examples=["-revenue"])]
Fields = Annotated[str | None, Query(max_length=8000, examples=["id,full_name,params.size"])]
From = Annotated[Instant | None, Query(alias="from", description="At or after")]
To = Annotated[Instant | None, Query(description="At or before")]


@router.get(
    "/segments/{code}/clients", scope=Scope.SEGMENTS_READ, errors=(404, 409), response_model=ClientPage
)
async def list_members(
    caller: Caller,
    session: Snapshot,
    request: Request,
    page: Paging,
    code: CodePath,
    sort: Sort = None,
    fields: Fields = None,
) -> Response:
    """The stored members; 409 SEGMENT_NOT_READY for a segment that has never been computed."""
    asked = Asked(sort, split(fields) if fields is not None else None, page)
    personal = caller.may(Scope.CLIENTS_PERSONAL)
    answer = await members.list_members(
        session, account=caller.account, code=code, asked=asked, personal=personal
    )
    return clients_page(answer, request)


@router.get(
    "/segments/{code}/members/{client_id}",
    scope=Scope.SEGMENTS_READ,
    errors=(404, 409),
    response_model=MemberOut,
)
async def explain_member(
    caller: Caller, session: Snapshot, language: Language, code: CodePath, client_id: IdPath
) -> Response:
    """Whether the client is in it, since when, by what, and the filter with the truth of each condition."""
    told = await explaining.explain(
        session,
        account=caller.account,
        code=code,
        client_id=client_id,
        personal=caller.may(Scope.CLIENTS_PERSONAL),
        language=language,
    )
    return json_response(
        {
            "client_id": told.client_id,
            "is_member": told.is_member,
            "pin": told.pin,
            "computed_at": told.computed_at,
            "last_change": told.last,
            "tree": told.tree,
        }
    )


@router.get("/segments/{code}/history", scope=Scope.SEGMENTS_READ, errors=(404,))
async def list_history(
    caller: Caller, session: Read, page: Paging, code: CodePath, since: From = None, to: To = None
) -> Page[HistoryPoint]:
    """Sizes over time, oldest first: a size holds until the next point."""
    return await changes.history(session, account=caller.account, code=code, page=page, since=since, until=to)


@router.get("/segments/{code}/events", scope=Scope.SEGMENTS_READ, errors=(404,))
async def list_events(caller: Caller, session: Read, page: Paging, code: CodePath) -> EventPage:
    """Who entered and left, oldest first; `resume_cursor` also serves to come back for what happens later."""
    return await changes.events(session, account=caller.account, code=code, page=page)


@router.post("/segments/{code}/member-additions", scope=Scope.SEGMENTS_WRITE, errors=(404, 409))
async def add_members(caller: Caller, session: Write, code: CodePath, request: MemberIds) -> MembersChanged:
    """Put clients into a manual segment; ids that do not exist are told."""
    return await members.add_members(session, account=caller.account, code=code, ids=request.ids)


@router.post("/segments/{code}/member-removals", scope=Scope.SEGMENTS_WRITE, errors=(404, 409))
async def remove_members(
    caller: Caller, session: Write, code: CodePath, request: MemberIds
) -> MembersChanged:
    """Take clients out of a manual segment; ids that do not exist are told."""
    return await members.remove_members(session, account=caller.account, code=code, ids=request.ids)


@router.get("/segments/{code}/pins", scope=Scope.SEGMENTS_READ, errors=(404,))
async def list_pins(
    caller: Caller, session: Read, page: Paging, code: CodePath, keep: Keep | None = None
) -> Page[PinOut]:
    """Clients that are kept in the segment or out of it, by id."""
    return await pins.list_pins(session, account=caller.account, code=code, keep=keep, page=page)


@router.post("/segments/{code}/pins", scope=Scope.SEGMENTS_WRITE, errors=(404, 409))
async def pin_clients(caller: Caller, session: Write, code: CodePath, request: PinsIn) -> PinsChanged:
    """Keep clients in a segment with a filter, or out of it, at once and through every recalculation."""
    return await pins.pin(session, account=caller.account, code=code, request=request, actor=caller.actor)


@router.post("/segments/{code}/pin-removals", scope=Scope.SEGMENTS_WRITE, errors=(404, 409))
async def unpin_clients(caller: Caller, session: Write, code: CodePath, request: MemberIds) -> PinsChanged:
    """Let the filter decide about clients again."""
    return await pins.unpin(session, account=caller.account, code=code, ids=request.ids)
