"""Routes of action types."""

from fastapi import Response

from clientbase.accounts.scopes import Scope
from clientbase.actions import service
from clientbase.actions.schemas import ActionTypeIn, ActionTypeOut, ActionTypePatch
from clientbase.api import etags
from clientbase.api.deps import Caller, CodePath, Paging, Read, Write
from clientbase.api.etags import IfMatch
from clientbase.api.route import ApiRouter
from clientbase.kit.paging import Page

router = ApiRouter(tag="schema of the base")


def _etag(kind: ActionTypeOut) -> str:
    return etags.etag(kind.updated_at.timestamp())


@router.get("/action-types", scope=Scope.CLIENTS_READ)
async def list_action_types(caller: Caller, session: Read, page: Paging) -> Page[ActionTypeOut]:
    """The account's own action types with their params, by code."""
    return await service.list_types(session, account_id=caller.account.id, page=page)


@router.post("/action-types", scope=Scope.SCHEMA_WRITE, errors=(409,), headers=("ETag",), status_code=201)
async def create_action_type(
    caller: Caller, session: Write, response: Response, request: ActionTypeIn
) -> ActionTypeOut:
    """A new action type; without a code one is made from the name."""
    kind = await service.create_type(session, account_id=caller.account.id, request=request)
    response.headers["ETag"] = _etag(kind)
    return kind


@router.get("/action-types/{code}", scope=Scope.CLIENTS_READ, errors=(404,), headers=("ETag",))
async def get_action_type(caller: Caller, session: Read, response: Response, code: CodePath) -> ActionTypeOut:
    """One action type."""
    kind = await service.get_type(session, account_id=caller.account.id, code=code)
    response.headers["ETag"] = _etag(kind)
    return kind


@router.patch("/action-types/{code}", scope=Scope.SCHEMA_WRITE, errors=(404, 412, 428), headers=("ETag",))
async def update_action_type(
    caller: Caller,
    session: Write,
    response: Response,
    code: CodePath,
    patch: ActionTypePatch,
    if_match: IfMatch = None,
) -> ActionTypeOut:
    """Rename the type, add params and choices or rename them; none is removed, no param changes its type."""
    current = await service.get_type(session, account_id=caller.account.id, code=code, lock=True)
    etags.check(if_match, _etag(current), required=True)
    kind = await service.update_type(session, account_id=caller.account.id, code=code, patch=patch)
    response.headers["ETag"] = _etag(kind)
    return kind


@router.delete("/action-types/{code}", scope=Scope.SCHEMA_WRITE, errors=(404, 409, 412, 428), status_code=204)
async def delete_action_type(
    caller: Caller, session: Write, code: CodePath, if_match: IfMatch = None
) -> Response:
    """Delete the type with all its actions; refused while a segment uses it."""
    current = await service.get_type(session, account_id=caller.account.id, code=code, lock=True)
    etags.check(if_match, _etag(current), required=True)
    await service.delete_type(session, account_id=caller.account.id, code=code)
    return Response(status_code=204)
