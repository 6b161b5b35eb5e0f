"""Routes of order statuses."""

from typing import Annotated

from fastapi import Path, Response

from clientbase.accounts.scopes import Scope
from clientbase.api import etags
from clientbase.api.deps import Caller, Paging, Read, Write
from clientbase.api.etags import IfMatch
from clientbase.api.route import ApiRouter
from clientbase.kit.paging import Page
from clientbase.kit.schema import SourceCode
from clientbase.loading.locks import lock_account
from clientbase.orders import statuses
from clientbase.orders.schemas import OrderStatusIn, OrderStatusOut

router = ApiRouter(tag="schema of the base")


@router.get("/order-statuses", scope=Scope.CLIENTS_READ)
async def list_order_statuses(caller: Caller, session: Read, page: Paging) -> Page[OrderStatusOut]:
    """Statuses of orders with their groups, by code."""
    return await statuses.list_statuses(session, account_id=caller.account.id, page=page)


@router.get("/order-statuses/{code}", scope=Scope.CLIENTS_READ, errors=(404,), headers=("ETag",))
async def get_order_status(
    caller: Caller, session: Read, response: Response, code: Annotated[str, Path(max_length=100)]
) -> OrderStatusOut:
    """One status."""
    status = await statuses.get_status(session, account_id=caller.account.id, code=code)
    response.headers["ETag"] = etags.of(status)
    return status


@router.put("/order-statuses/{code}", scope=Scope.SCHEMA_WRITE, errors=(404, 409, 412), headers=("ETag",))
async def put_order_status(
    caller: Caller,
    session: Write,
    response: Response,
    code: Annotated[SourceCode, Path()],
    request: OrderStatusIn,
    if_match: IfMatch = None,
) -> OrderStatusOut:
    """Make or rename a status; the group of one that orders have been in stays."""
    account_id = caller.account.id
    # Loads register statuses and put orders into them: under their lock neither changes after the checks.
    await lock_account(session, account_id)
    current = await statuses.find_status(session, account_id=account_id, code=code)
    etags.check(if_match, None if current is None else etags.of(current))
    status = await statuses.put_status(session, account_id=account_id, code=code, request=request)
    response.headers["ETag"] = etags.of(status)
    return status
