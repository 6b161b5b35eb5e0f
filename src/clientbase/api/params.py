"""Routes of custom params of clients and of orders: the same operations on two paths."""

from fastapi import Response

from clientbase.accounts.scopes import Scope
from clientbase.api import etags
from clientbase.api.deps import Caller, CodePath, Paging, Read, Write
from clientbase.api.etags import IfMatch
from clientbase.api.route import ApiRouter
from clientbase.clients import params
from clientbase.clients.param_schemas import ParamIn, ParamOut, ParamPatch
from clientbase.clients.params import Entity
from clientbase.kit.paging import Page

router = ApiRouter(tag="schema of the base")


def _etag(param: ParamOut) -> str:
    return etags.etag(param.updated_at.timestamp())


def _routes(path: str, entity: Entity) -> None:
    """All operations on the params of one entity; unique operation ids come from the path."""
    one = path + "/{code}"
    name = f"{entity}_param"

    @router.get(path, scope=Scope.CLIENTS_READ, operation_id=f"list_{name}s")
    async def list_params(caller: Caller, session: Read, page: Paging) -> Page[ParamOut]:
        """All custom params, by code."""
        return await params.list_params(session, account_id=caller.account.id, entity=entity, page=page)

    @router.post(
        path,
        scope=Scope.SCHEMA_WRITE,
        errors=(409,),
        headers=("ETag",),
        status_code=201,
        operation_id=f"create_{name}",
    )
    async def create_param(caller: Caller, session: Write, response: Response, request: ParamIn) -> ParamOut:
        """A new custom param; without a code one is made from the name. Code and type never change."""
        param = await params.create_param(
            session, account_id=caller.account.id, entity=entity, request=request
        )
        response.headers["ETag"] = _etag(param)
        return param

    @router.get(one, scope=Scope.CLIENTS_READ, errors=(404,), headers=("ETag",), operation_id=f"get_{name}")
    async def get_param(caller: Caller, session: Read, response: Response, code: CodePath) -> ParamOut:
        """One custom param with its choices."""
        param = await params.get_param(session, account_id=caller.account.id, entity=entity, code=code)
        response.headers["ETag"] = _etag(param)
        return param

    @router.patch(
        one,
        scope=Scope.SCHEMA_WRITE,
        errors=(404, 409, 412, 428),
        headers=("ETag",),
        operation_id=f"update_{name}",
    )
    async def update_param(
        caller: Caller,
        session: Write,
        response: Response,
        code: CodePath,
        patch: ParamPatch,
        if_match: IfMatch = None,
    ) -> ParamOut:
        """Rename a param or change its choices; a choice in use cannot be left out.

        To make a personal one readable by every key needs the scope `clients:personal`.
        """
        account_id = caller.account.id
        current = await params.get_param(session, account_id=account_id, entity=entity, code=code, lock=True)
        etags.check(if_match, _etag(current), required=True)
        param = await params.update_param(
            session,
            account_id=account_id,
            entity=entity,
            code=code,
            patch=patch,
            personal=caller.may(Scope.CLIENTS_PERSONAL),
        )
        response.headers["ETag"] = _etag(param)
        return param

    @router.delete(
        one,
        scope=Scope.SCHEMA_WRITE,
        errors=(404, 409, 412, 428),
        status_code=204,
        operation_id=f"delete_{name}",
    )
    async def delete_param(
        caller: Caller, session: Write, code: CodePath, if_match: IfMatch = None
    ) -> Response:
        """Delete a param with all its values; refused while a segment uses it."""
        account_id = caller.account.id
        current = await params.get_param(session, account_id=account_id, entity=entity, code=code, lock=True)
        etags.check(if_match, _etag(current), required=True)
        await params.delete_unused_param(session, account_id=account_id, entity=entity, code=code)
        return Response(status_code=204)


_routes("/client-params", "client")
_routes("/order-params", "order")
