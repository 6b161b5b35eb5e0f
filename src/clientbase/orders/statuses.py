"""Statuses of orders: each belongs to one of four groups."""

from clientbase.kit.db import AnySession, WriteSession
from clientbase.kit.errors import Conflict, Item, not_found
from clientbase.kit.paging import Keyset, Page, PageRequest
from clientbase.models import OrderStatus
from clientbase.orders.repository import OrderRepository
from clientbase.orders.schemas import OrderStatusIn, OrderStatusOut


async def list_statuses(session: AnySession, *, account_id: int, page: PageRequest) -> Page[OrderStatusOut]:
    """A page of statuses, by code. Raises Malformed for a cursor of another list."""
    repository = OrderRepository(session, account_id)
    keyset = Keyset(page, account_id, "order-statuses")
    return await keyset.answer(
        await repository.statuses(after=keyset.after_one, limit=keyset.take),
        make=_out,
        position=lambda status: [status.code],
        total=repository.count_statuses,
    )


async def find_status(session: AnySession, *, account_id: int, code: str) -> OrderStatusOut | None:
    """One status, or None."""
    status = await OrderRepository(session, account_id).status(code)
    return None if status is None else _out(status)


async def get_status(session: AnySession, *, account_id: int, code: str) -> OrderStatusOut:
    """One status. Raises NotFound."""
    status = await find_status(session, account_id=account_id, code=code)
    if status is None:
        raise not_found("order status")
    return status


async def put_status(
    session: WriteSession, *, account_id: int, code: str, request: OrderStatusIn
) -> OrderStatusOut:
    """Make or change a status.

    Raises Conflict (STATUS_IN_USE) when the group would change of a status that orders have been in: their
    purchases stand on it.
    """
    repository = OrderRepository(session, account_id)
    status = await repository.status(code)
    if status is None:
        status = OrderStatus(account_id=account_id, code=code)
        session.add(status)
    elif status.status_group != request.status_group and await repository.status_is_used(code):
        item = Item("/status_group", "STATUS_IN_USE", "Orders have been in it.", (status.status_group,))
        raise Conflict("STATUS_IN_USE", "The group of a status that orders have been in stays.", [item])
    status.name, status.status_group = request.name, request.status_group
    await session.flush()
    return _out(status)


def _out(status: OrderStatus) -> OrderStatusOut:
    return OrderStatusOut(code=status.code, name=status.name, status_group=status.status_group)
