"""Routes of order statuses."""

from typing import Annotated

from fastapi import Path

from clientbase.accounts.scopes import Scope
from clientbase.api.deps import Caller, Read, Write
from clientbase.api.route import ApiRouter
from clientbase.kit.schema import SourceCode
from clientbase.orders import statuses
from clientbase.orders.schemas import OrderStatuses, OrderStatusIn, OrderStatusOut

router = ApiRouter(tag="schema of the base")


@router.get("/order-statuses", scope=Scope.CLIENTS_READ)
async def list_order_statuses(caller: Caller, session: Read) -> OrderStatuses:
    """All statuses of orders with their groups."""
    return OrderStatuses(items=await statuses.list_statuses(session, account_id=caller.account.id))


@router.get("/order-statuses/{code}", scope=Scope.CLIENTS_READ, errors=(404,))
async def get_order_status(
    caller: Caller, session: Read, code: Annotated[str, Path(max_length=100)]
) -> OrderStatusOut:
    """One status."""
    return await statuses.get_status(session, account_id=caller.account.id, code=code)


@router.put("/order-statuses/{code}", scope=Scope.SCHEMA_WRITE, errors=(404, 409))
async def put_order_status(
    caller: Caller, session: Write, code: Annotated[SourceCode, Path()], request: OrderStatusIn
) -> OrderStatusOut:
    """Make or rename a status; the group of one that orders have been in stays."""
    return await statuses.put_status(session, account_id=caller.account.id, code=code, request=request)
