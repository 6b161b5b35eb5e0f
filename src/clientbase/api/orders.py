"""Routes of orders."""

from typing import Annotated

from fastapi import Query, Response

from clientbase.accounts.scopes import Scope
from clientbase.api import etags
from clientbase.api.deps import Caller, IdPath, Paging, Read, Write
from clientbase.api.etags import IfMatch
from clientbase.api.route import ApiRouter
from clientbase.kit.paging import Page
from clientbase.kit.schema import MAX_ID
from clientbase.loading.orders import upsert_orders
from clientbase.loading.orders.schemas import OrderBatch
from clientbase.loading.schemas import BatchAnswer, batch_answer
from clientbase.models import Order
from clientbase.orders import service
from clientbase.orders.schemas import OrderOut, OrderSummary

router = ApiRouter(tag="orders")


def _etag(order: Order | OrderOut) -> str:
    return etags.etag(order.updated_at.timestamp())


@router.get("/orders", scope=Scope.CLIENTS_READ, errors=(404,))
async def list_orders(
    caller: Caller,
    session: Read,
    page: Paging,
    client_id: Annotated[int | None, Query(ge=1, le=MAX_ID)] = None,
) -> Page[OrderSummary]:
    """Orders, newest first; of one client with `client_id`."""
    return await service.list_orders(session, account=caller.account, client_id=client_id, page=page)


@router.get("/clients/{client_id}/orders", scope=Scope.CLIENTS_READ, errors=(404,))
async def list_client_orders(
    caller: Caller, session: Read, page: Paging, client_id: IdPath
) -> Page[OrderSummary]:
    """The orders of a client, newest first."""
    return await service.list_orders(session, account=caller.account, client_id=client_id, page=page)


@router.post("/orders/batch", scope=Scope.FACTS_WRITE, batch=True, status_code=207)
async def upsert_order_batch(caller: Caller, session: Write, request: OrderBatch) -> BatchAnswer:
    """Create or change up to 1000 orders by (source, external_id), in the order of the rows.

    What a row does not name stays; lines and the history of statuses, where given, replace the stored ones.
    Products that are not known yet are made; an unknown status is an error unless its group is given.
    """
    rows = [order.row() for order in request.items]
    return batch_answer(await upsert_orders(session, account=caller.account, rows=rows))


@router.get("/orders/{order_id}", scope=Scope.CLIENTS_READ, errors=(404,), headers=("ETag",))
async def get_order(caller: Caller, session: Read, response: Response, order_id: IdPath) -> OrderOut:
    """One order with its lines, history of statuses, refunds and custom params."""
    personal = caller.may(Scope.CLIENTS_PERSONAL)
    order = await service.get_order(session, account=caller.account, order_id=order_id, personal=personal)
    response.headers["ETag"] = _etag(order)
    return order


@router.delete("/orders/{order_id}", scope=Scope.FACTS_WRITE, errors=(404, 412), status_code=204)
async def delete_order(
    caller: Caller, session: Write, order_id: IdPath, if_match: IfMatch = None
) -> Response:
    """Delete an order with all that belongs to it; the client's counted fields follow."""
    order = await service.hold_order(session, account_id=caller.account.id, order_id=order_id)
    etags.check(if_match, _etag(order))
    await service.delete_order(session, account_id=caller.account.id, order_id=order_id)
    return Response(status_code=204)
