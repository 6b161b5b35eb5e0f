"""Reading and deleting orders."""

from typing import Any

from clientbase.accounts.schemas import AccountInfo
from clientbase.clients.service import resolve_id
from clientbase.clients.stats import Facts, recount
from clientbase.clients.view_parts import param_value
from clientbase.kit.db import AnySession, WriteSession
from clientbase.kit.errors import not_found
from clientbase.kit.money import from_minor
from clientbase.kit.paging import Keyset, Page, PageRequest
from clientbase.kit.schema import MAX_ID
from clientbase.models import Order
from clientbase.orders.repository import OrderRepository
from clientbase.orders.schemas import OrderLineOut, OrderOut, OrderSummary, RefundOut, StatusChangeOut

_PLAIN = (
    "id", "client_id", "source", "external_id", "number", "status", "status_group", "created_at",
    "purchased_at", "shop", "manager", "url", "updated_at",
)  # fmt: skip


async def list_orders(
    session: AnySession, *, account: AccountInfo, client_id: int | None, page: PageRequest
) -> Page[OrderSummary]:
    """A page of orders, newest first, of all or of one client. Raises NotFound when that one is not there."""
    repository = OrderRepository(session, account.id)
    if client_id is not None:
        client_id = await resolve_id(session, account_id=account.id, client_id=client_id)
    keyset = Keyset(page, account.id, "orders", client_id)
    after = (keyset.after[0], keyset.after[1]) if keyset.after else None
    return await keyset.answer(
        await repository.page(client_id=client_id, after=after, limit=keyset.take),
        make=lambda order: OrderSummary(**_summary(order, account)),
        position=lambda order: [order.created_at, order.id],
        total=lambda: repository.total(client_id=client_id),
    )


async def get_order(session: AnySession, *, account: AccountInfo, order_id: int, personal: bool) -> OrderOut:
    """One order with its parts; personal params only where `personal`. Raises NotFound."""
    repository = OrderRepository(session, account.id)
    order = await _find(repository, order_id)
    places = account.places
    return OrderOut(
        **_summary(order, account),
        lines=[
            OrderLineOut(
                product=row[0],
                name=row[1],
                quantity=row[2],
                price=from_minor(row[3], places),
                amount=from_minor(row[4], places),
            )
            for row in await repository.lines(order_id)
        ],
        status_history=[
            StatusChangeOut(at=row[0], status=row[1], status_group=row[2], from_status=row[3])
            for row in await repository.history(order_id)
        ],
        refunds=[
            RefundOut(external_id=row[0], at=row[1], amount=from_minor(row[2], places))
            for row in await repository.refunds(order_id)
        ],
        params={row.code: param_value(row) for row in await repository.params(order_id, personal=personal)},
    )


async def hold_order(session: WriteSession, *, account_id: int, order_id: int) -> Order:
    """The row of an order that nobody else changes before the transaction ends. Raises NotFound."""
    return await _find(OrderRepository(session, account_id), order_id, lock=True)


async def delete_order(session: WriteSession, *, account_id: int, order_id: int) -> None:
    """Delete an order with its lines, history and refunds; counted fields follow. Raises NotFound."""
    client_id = None
    if 0 < order_id <= MAX_ID:
        client_id = await OrderRepository(session, account_id).delete(order_id)
    if client_id is None:
        raise not_found("order")
    await recount(session, account_id=account_id, client_ids=[client_id], facts=[Facts.ORDERS])


async def _find(repository: OrderRepository, order_id: int, *, lock: bool = False) -> Order:
    order = await repository.get(order_id, lock=lock) if 0 < order_id <= MAX_ID else None
    if order is None:
        raise not_found("order")
    return order


def _summary(order: Order, account: AccountInfo) -> dict[str, Any]:
    amounts = {name: getattr(order, name) for name in ("total", "discount", "cost")}
    return {name: getattr(order, name) for name in _PLAIN} | {
        name: None if units is None else from_minor(units, account.places) for name, units in amounts.items()
    }
