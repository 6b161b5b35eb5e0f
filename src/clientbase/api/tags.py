"""Routes of tags."""

from fastapi import Response

from clientbase.accounts.scopes import Scope
from clientbase.api import etags
from clientbase.api.deps import Caller, CodePath, Paging, Read, Write
from clientbase.api.etags import IfMatch
from clientbase.api.route import ApiRouter
from clientbase.kit.paging import Page
from clientbase.tags import service
from clientbase.tags.schemas import TagIn, TagOut, TagPatch

router = ApiRouter(tag="schema of the base")


def _etag(tag: TagOut) -> str:
    return etags.etag(tag.updated_at.timestamp())


@router.get("/tags", scope=Scope.CLIENTS_READ)
async def list_tags(caller: Caller, session: Read, page: Paging) -> Page[TagOut]:
    """All tags with the number of clients that carry them, by code."""
    return await service.list_tags(session, account_id=caller.account.id, page=page)


@router.post("/tags", scope=Scope.SCHEMA_WRITE, errors=(409,), headers=("ETag",), status_code=201)
async def create_tag(caller: Caller, session: Write, response: Response, request: TagIn) -> TagOut:
    """A new tag; without a code one is made from the name."""
    tag = (await service.create_tag(session, account_id=caller.account.id, request=request)).out()
    response.headers["ETag"] = _etag(tag)
    return tag


@router.get("/tags/{code}", scope=Scope.CLIENTS_READ, errors=(404,), headers=("ETag",))
async def get_tag(caller: Caller, session: Read, response: Response, code: CodePath) -> TagOut:
    """One tag."""
    tag = (await service.get_tag(session, account_id=caller.account.id, code=code)).out()
    response.headers["ETag"] = _etag(tag)
    return tag


@router.patch("/tags/{code}", scope=Scope.SCHEMA_WRITE, errors=(404, 412), headers=("ETag",))
async def update_tag(
    caller: Caller,
    session: Write,
    response: Response,
    code: CodePath,
    patch: TagPatch,
    if_match: IfMatch = None,
) -> TagOut:
    """Rename or recolour a tag."""
    current = (await service.get_tag(session, account_id=caller.account.id, code=code, lock=True)).out()
    etags.check(if_match, _etag(current))
    tag = (await service.update_tag(session, account_id=caller.account.id, code=code, patch=patch)).out()
    response.headers["ETag"] = _etag(tag)
    return tag


@router.delete("/tags/{code}", scope=Scope.SCHEMA_WRITE, errors=(404, 409, 412), status_code=204)
async def delete_tag(caller: Caller, session: Write, code: CodePath, if_match: IfMatch = None) -> Response:
    """Take the tag off all clients and delete it; refused while a segment uses it."""
    current = (await service.get_tag(session, account_id=caller.account.id, code=code, lock=True)).out()
    etags.check(if_match, _etag(current))
    await service.delete_tag(session, account_id=caller.account.id, code=code)
    return Response(status_code=204)
