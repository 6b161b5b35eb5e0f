"""SQL of reading and deleting orders, and of statuses."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, func, select, tuple_

from clientbase.kit.db import AnySession
from clientbase.models import (
    Order,
    OrderLine,
    OrderParamValue,
    OrderStatus,
    OrderStatusChange,
    Param,
    Product,
    Refund,
)

Rows = Sequence[Any]


class OrderRepository:
    """The orders of one account."""

    def __init__(self, session: AnySession, account_id: int) -> None:
        self.session = session
        self.account_id = account_id

    async def get(self, order_id: int, *, lock: bool = False) -> Order | None:
        """One order, held until the end of the transaction with `lock`."""
        query = select(Order).where(Order.account_id == self.account_id, Order.id == order_id)
        if lock:
            query = query.with_for_update().execution_options(populate_existing=True)
        return (await self.session.execute(query)).scalar_one_or_none()

    async def page(
        self, *, client_id: int | None, after: tuple[datetime, int] | None, limit: int
    ) -> Sequence[Order]:
        """Orders, newest first, of one client or of all."""
        query = select(Order).where(*self._of(client_id))
        if after is not None:
            query = query.where(tuple_(Order.created_at, Order.id) < after)
        query = query.order_by(Order.created_at.desc(), Order.id.desc()).limit(limit)
        return (await self.session.execute(query)).scalars().all()

    async def total(self, *, client_id: int | None) -> int:
        """How many orders there are."""
        query = select(func.count()).select_from(Order).where(*self._of(client_id))
        return (await self.session.execute(query)).scalar_one()

    async def lines(self, order_id: int) -> Rows:
        """Product, its name, quantity, price, amount."""
        query = (
            select(Product.code, Product.name, OrderLine.quantity, OrderLine.price, OrderLine.amount)
            .select_from(OrderLine)
            .outerjoin(
                Product, (Product.account_id == OrderLine.account_id) & (Product.id == OrderLine.product_id)
            )
            .where(OrderLine.account_id == self.account_id, OrderLine.order_id == order_id)
            .order_by(OrderLine.position)
        )
        rows: Rows = (await self.session.execute(query)).all()
        return rows

    async def history(self, order_id: int) -> Rows:
        """Instant, status, group, former status."""
        change = OrderStatusChange
        query = (
            select(change.at, change.to_status, change.to_group, change.from_status)
            .where(change.account_id == self.account_id, change.order_id == order_id)
            .order_by(change.at, change.id)
        )
        return (await self.session.execute(query)).all()

    async def refunds(self, order_id: int) -> Rows:
        """External id, instant, amount."""
        query = (
            select(Refund.external_id, Refund.at, Refund.amount)
            .where(Refund.account_id == self.account_id, Refund.order_id == order_id)
            .order_by(Refund.at, Refund.id)
        )
        return (await self.session.execute(query)).all()

    async def params(self, order_id: int, *, personal: bool) -> Rows:
        """Code and value columns of custom params; personal ones only where asked for."""
        value = OrderParamValue
        columns = (value.text, value.folded, value.number, value.day, value.boolean)
        query = (
            select(Param.code, *columns)
            .join(Param, (Param.account_id == value.account_id) & (Param.id == value.param_id))
            .where(value.account_id == self.account_id, value.order_id == order_id)
            .order_by(Param.code)
        )
        if not personal:
            query = query.where(~Param.personal)
        return (await self.session.execute(query)).all()

    async def delete(self, order_id: int) -> int | None:
        """Delete an order with its parts; whose it was."""
        statement = (
            delete(Order)
            .where(Order.account_id == self.account_id, Order.id == order_id)
            .returning(Order.client_id)
        )
        return (await self.session.execute(statement)).scalar_one_or_none()

    async def statuses(self, *, after: str | None, limit: int) -> Sequence[OrderStatus]:
        """Statuses by code, after a code."""
        query = select(OrderStatus).where(OrderStatus.account_id == self.account_id)
        if after is not None:
            query = query.where(OrderStatus.code > after)
        return (await self.session.execute(query.order_by(OrderStatus.code).limit(limit))).scalars().all()

    async def count_statuses(self) -> int:
        """How many statuses there are."""
        query = select(func.count()).select_from(OrderStatus)
        return (
            await self.session.execute(query.where(OrderStatus.account_id == self.account_id))
        ).scalar_one()

    async def status(self, code: str) -> OrderStatus | None:
        """One status."""
        query = select(OrderStatus).where(OrderStatus.account_id == self.account_id, OrderStatus.code == code)
        return (await self.session.execute(query)).scalar_one_or_none()

    async def status_is_used(self, code: str) -> bool:
        """Whether any order has ever been in a status."""
        change = OrderStatusChange
        orders = exists().where(Order.account_id == self.account_id, Order.status == code)
        history = exists().where(change.account_id == self.account_id, change.to_status == code)
        return bool((await self.session.execute(select(orders | history))).scalar_one())

    def _of(self, client_id: int | None) -> list[Any]:
        conditions: list[Any] = [Order.account_id == self.account_id]
        if client_id is not None:
            conditions.append(Order.client_id == client_id)
        return conditions
