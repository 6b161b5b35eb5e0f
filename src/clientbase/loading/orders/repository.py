"""SQL of loading orders: a batch is read in a few statements, and its differences are written in a few."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Table, any_, bindparam, delete, func, insert, select, text, update

from clientbase.actions.values import ParamType
from clientbase.kit.bulk import delete_rows, rows_as_table
from clientbase.kit.db import WriteSession, among, copy_rows
from clientbase.loading.orders.batch import Key
from clientbase.loading.orders.differences import Difference
from clientbase.loading.orders.states import Entry, Head, Line, OrderState, Refund
from clientbase.loading.typed_values import TypedValue
from clientbase.models import (
    Order,
    OrderLine,
    OrderParamValue,
    OrderStatus,
    OrderStatusChange,
    Param,
    ParamChoice,
    Product,
)
from clientbase.models import (
    Refund as RefundModel,
)

_NEXT_IDS = text("SELECT nextval('orders_id_seq') FROM generate_series(1, :count)")
_KEY = ("source", "external_id")
_WRITTEN = ("id", *Head._fields, "number_folded", "updated_at")
"""Columns of an order that a load writes, beside its key."""
_ORDERS: Table = Order.__table__  # type: ignore[assignment]
_REFUND_KEY = ("order_id", "external_id")
_PARAM_KEY = ("order_id", "param_id")
_PARTS = (OrderLine, OrderStatusChange, RefundModel, OrderParamValue)


class OrderLoadRepository:
    """Orders of one account with their parts, in bulk."""

    def __init__(self, session: WriteSession, account_id: int) -> None:
        self.session = session
        self.account_id = account_id

    async def statuses(self) -> dict[str, str]:
        """Group of every status by its code."""
        query = select(OrderStatus.code, OrderStatus.status_group).where(
            OrderStatus.account_id == self.account_id
        )
        return dict((await self.session.execute(query)).all())

    async def add_statuses(self, groups: dict[str, str]) -> None:
        """Register statuses that rows named first; their code is their name."""
        rows = [
            {"account_id": self.account_id, "code": code, "name": code, "status_group": group}
            for code, group in groups.items()
        ]
        if rows:
            await self.session.execute(insert(OrderStatus), rows)

    async def params(self) -> dict[str, tuple[int, ParamType]]:
        """Custom params of orders: id and type by code."""
        choices = (
            select(func.array_agg(ParamChoice.code, type_=ARRAY(ParamChoice.code.type)))
            .where(ParamChoice.account_id == Param.account_id, ParamChoice.param_id == Param.id)
            .scalar_subquery()
        )
        query = select(Param.code, Param.id, Param.type, choices).where(
            Param.account_id == self.account_id, Param.entity == "order"
        )
        return {
            code: (param_id, ParamType(type_, tuple(codes or ())))
            for code, param_id, type_, codes in await self.session.execute(query)
        }

    async def states(self, keys: Collection[Key]) -> dict[Key, OrderState]:
        """The orders of these keys that exist, without their parts, held until the transaction ends."""
        given = rows_as_table([_ORDERS.c[name] for name in _KEY], list(keys))
        query = (
            select(
                Order.source, Order.external_id, Order.id, *(getattr(Order, name) for name in Head._fields)
            )
            .join(given, (given.c.source == Order.source) & (given.c.external_id == Order.external_id))
            .where(Order.account_id == self.account_id)
            .with_for_update(of=Order)
        )
        rows = await self.session.execute(query)
        return {(row[0], row[1]): OrderState(id=row[2], head=Head(*row[3:])) for row in rows}

    async def read_lines(self, states: Sequence[OrderState]) -> None:
        """Fill in the lines of these orders."""
        columns = (Product.code, OrderLine.quantity, OrderLine.price, OrderLine.amount)
        query = (
            select(OrderLine.order_id, *columns)
            .outerjoin(
                Product,
                (Product.account_id == OrderLine.account_id) & (Product.id == OrderLine.product_id),
            )
            .order_by(OrderLine.order_id, OrderLine.position)
        )
        rows = await self._parts(OrderLine, query, states)
        for state in states:
            state.lines = tuple(Line(*row[1:]) for row in rows[state.id])

    async def read_history(self, states: Sequence[OrderState]) -> None:
        """Fill in the history of statuses of these orders."""
        change = OrderStatusChange
        query = select(change.order_id, change.at, change.to_status, change.to_group).order_by(
            change.order_id, change.at, change.id
        )
        rows = await self._parts(change, query, states)
        for state in states:
            state.history = tuple(Entry(*row[1:]) for row in rows[state.id])

    async def read_refunds(self, states: Sequence[OrderState]) -> None:
        """Fill in the refunds of these orders."""
        query = select(RefundModel.order_id, RefundModel.external_id, RefundModel.at, RefundModel.amount)
        rows = await self._parts(RefundModel, query, states)
        for state in states:
            state.refunds = {row[1]: Refund(*row[2:]) for row in rows[state.id]}

    async def read_params(self, states: Sequence[OrderState]) -> None:
        """Fill in the custom params of these orders."""
        value = OrderParamValue
        columns = (value.text, value.folded, value.number, value.day, value.boolean)
        rows = await self._parts(value, select(value.order_id, value.param_id, *columns), states)
        for state in states:
            state.params = {row[1]: TypedValue(*row[2:]) for row in rows[state.id]}

    async def _parts(self, model: Any, query: Any, states: Sequence[OrderState]) -> dict[int, list[Any]]:
        """Rows of a part by order."""
        found: dict[int, list[Any]] = defaultdict(list)
        if states:
            ids = [state.id for state in states]
            where = (model.account_id == self.account_id, among(model.order_id, ids))
            for row in await self.session.execute(query.where(*where)):
                found[row[0]].append(row)
        return found

    async def next_ids(self, count: int) -> list[int]:
        """Ids for new orders."""
        return list((await self.session.execute(_NEXT_IDS, {"count": count})).scalars())

    async def insert_orders(self, rows: Iterable[tuple[Key, tuple[Any, ...]]]) -> None:
        """New orders: their keys and the values of `_WRITTEN`."""
        records = [(self.account_id, *key, *values) for key, values in rows]
        if records:
            await copy_rows(self.session, "orders", ("account_id", *_KEY, *_WRITTEN), records)

    async def update_orders(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Orders that changed: the values of `_WRITTEN`."""
        if not rows:
            return
        given = rows_as_table([_ORDERS.c[name] for name in _WRITTEN], sorted(rows, key=itemgetter(0)))
        statement = (
            update(_ORDERS)
            .values({name: given.c[name] for name in _WRITTEN[1:]})
            .where(_ORDERS.c.account_id == self.account_id, _ORDERS.c.id == given.c.id)
        )
        await self.session.execute(statement)

    async def write_parts(self, difference: Difference) -> None:
        """Take away what went and COPY what came."""
        await self._delete_of(OrderLine, difference.lines_replaced)
        await self._delete_of(OrderStatusChange, difference.history_replaced)
        await self._delete_keys(RefundModel, _REFUND_KEY, difference.refunds_gone)
        await self._delete_keys(OrderParamValue, _PARAM_KEY, difference.params_gone)
        for part in difference.added:
            if part.rows:
                records = [(self.account_id, *row) for row in part.rows]
                await copy_rows(self.session, part.table, ("account_id", *part.columns), records)

    async def follow_heads(self, order_ids: Collection[int]) -> None:
        """Bring client and time of purchase, which parts repeat, to those of their orders."""
        if not order_ids:
            return
        for model in _PARTS:
            copied = ["client_id", "purchased_at"] if model is OrderLine else ["client_id"]
            table: Table = model.__table__  # type: ignore[assignment]
            differs = [table.c[name].is_distinct_from(_ORDERS.c[name]) for name in copied]
            statement = (
                update(table)
                .values({name: _ORDERS.c[name] for name in copied})
                .where(
                    _ORDERS.c.account_id == self.account_id,
                    _ORDERS.c.id == any_(bindparam("of_orders", type_=ARRAY(BigInteger))),
                    table.c.account_id == _ORDERS.c.account_id,
                    table.c.order_id == _ORDERS.c.id,
                    differs[0] if len(differs) == 1 else differs[0] | differs[1],
                )
            )
            await self.session.execute(statement, {"of_orders": sorted(order_ids)})

    async def _delete_of(self, model: Any, order_ids: Collection[int]) -> None:
        if order_ids:
            where = (model.account_id == self.account_id, among(model.order_id, sorted(order_ids)))
            await self.session.execute(delete(model).where(*where))

    async def _delete_keys(self, model: Any, names: Sequence[str], keys: Sequence[tuple[Any, ...]]) -> None:
        rows = [(self.account_id, *key) for key in sorted(keys)]
        await delete_rows(self.session, model.__table__, ("account_id", *names), rows)


def written(state: OrderState, number_folded: str | None, now: datetime) -> tuple[Any, ...]:
    """The values of an order that a load writes."""
    assert state.head is not None
    return (state.id, *state.head, number_folded, now)
