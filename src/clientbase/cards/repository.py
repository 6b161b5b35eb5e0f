"""SQL of a page of a timeline: first its keys, then its rows by id, one statement a table."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from clientbase.cards.sources import AnySelect, Position, Source, Span, page_keys, total
from clientbase.kit.db import AnySession, among
from clientbase.models import Action, ClientHistory, Order, OrderStatusChange, Refund

_ORDER = (
    Order.id.label("order_id"), Order.number, Order.status, Order.status_group, Order.total, Order.source,
    Order.shop, Order.manager, Order.url,
)  # fmt: skip


class TimelineRepository:
    """The timelines of one account."""

    def __init__(self, session: AnySession, account_id: int) -> None:
        self.session = session
        self.account_id = account_id

    async def keys(self, sources: Sequence[Source], span: Span, limit: int) -> list[Position]:
        """Positions of the newest items of a span."""
        rows = await self.session.execute(page_keys(sources, span, limit))
        return [Position(row.at, row.rank, row.id) for row in rows]

    async def total(self, sources: Sequence[Source], span: Span) -> int:
        """How many items a span has."""
        return int((await self.session.execute(total(sources, span))).scalar_one())

    async def rows(self, source: Source, ids: Sequence[int]) -> dict[int, Any]:
        """The rows of a source by id."""
        query = _QUERIES[source.name]()
        where = (source.model.account_id == self.account_id, among(source.model.id, ids))
        return {row.id: row for row in await self.session.execute(query.where(*where))}


def _orders() -> AnySelect:
    return select(Order.id, *_ORDER)


def _statuses() -> AnySelect:
    change = OrderStatusChange
    columns = (change.from_status, change.to_status, change.from_group, change.to_group)
    return select(change.id, *columns, *_ORDER).join(Order, _same_order(change))


def _refunds() -> AnySelect:
    return select(Refund.id, Refund.amount, *_ORDER).join(Order, _same_order(Refund))


def _actions() -> AnySelect:
    return select(Action.id, Action.type_id, Action.amount, Action.reference, Action.params, Action.source)


def _history() -> AnySelect:
    history = ClientHistory
    return select(history.id, history.actor, history.field, history.old, history.new)


def _same_order(part: Any) -> Any:
    return (Order.account_id == part.account_id) & (Order.id == part.order_id)


_QUERIES = {
    "created": _orders,
    "purchase": _orders,
    "status": _statuses,
    "refund": _refunds,
    "action": _actions,
    "history": _history,
}
