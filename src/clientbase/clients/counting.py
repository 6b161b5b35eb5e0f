"""The counted fields as SELECTs over the facts: one row a client, of some clients or of all.

Every SELECT is of the account `:owner_id`; a narrowed one reads only the clients of `:client_ids`.
"""

from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    FromClause,
    Text,
    any_,
    bindparam,
    case,
    cast,
    func,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by, array
from sqlalchemy.sql import Select

from clientbase.models import BUILT_IN_TYPE_IDS, Action, Client, Order, Refund

AnySelect = Select[*tuple[Any, ...]]
_ADVERTISING = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")
_ACCRUAL = BUILT_IN_TYPE_IDS["loyalty.accrual"]
_WRITEOFF = BUILT_IN_TYPE_IDS["loyalty.writeoff"]
_POINTS = {"last_accrual_at": _ACCRUAL, "last_writeoff_at": _WRITEOFF}
"""Operations with points, by the column of `clients` that holds the time of the last one."""
_DONE = Order.status_group == "done"
_CANCELLED = Order.status_group == "cancelled"


def of_account(account_id: Any, client_id: Any, *, narrowed: bool) -> list[ColumnElement[bool]]:
    """The account's rows, narrowed or not to the clients of `:client_ids`."""
    conditions = [account_id == bindparam("owner_id")]
    if narrowed:
        conditions.append(client_id == any_(bindparam("client_ids", type_=ARRAY(BigInteger))))
    return conditions


def stats_query(*, narrowed: bool) -> AnySelect:
    """The columns of `client_stats`: a row for every client, zeros where there are no facts."""
    orders, refunds, loyalty = (
        _beside_clients(query, client_id, name, narrowed=narrowed)
        for query, client_id, name in (
            (_orders(), Order.client_id, "order_facts"),
            (_refunds(), Refund.client_id, "refunded"),
            (_loyalty(), Action.client_id, "loyalty"),
        )
    )
    revenue = func.coalesce(orders.c.total, 0) - func.coalesce(refunds.c.amount, 0)
    counts = (
        "orders_count",
        "sales_count",
        "deals_in_progress_count",
        "cancelled_count",
        "cancelled_revenue",
        "items_count",
    )
    latest = (
        "last_purchase_amount", "first_order_at", "last_order_at", "first_purchase_at", "last_purchase_at",
    )  # fmt: skip
    source: FromClause = Client.__table__
    for facts in (orders, refunds, loyalty):
        source = source.outerjoin(facts, true() if narrowed else facts.c.client_id == Client.id)
    query = select(
        Client.account_id,
        Client.id.label("client_id"),
        *(func.coalesce(orders.c[name], 0).label(name) for name in counts),
        revenue.label("revenue"),
        (revenue - func.coalesce(orders.c.cost, 0)).label("profit"),
        *(orders.c[name] for name in latest),
        func.coalesce(loyalty.c.balance, 0).label("bonus_balance"),
    )
    return query.select_from(source).where(*of_account(Client.account_id, Client.id, narrowed=narrowed))


def _beside_clients(query: AnySelect, client_id: Any, name: str, *, narrowed: bool) -> FromClause:
    """Counted facts to be joined to `clients`.

    For some clients they are looked up one client at a time by the index, whatever the planner believes of a
    table that has just been filled; for all of them they are grouped in one pass.
    """
    if narrowed:
        return query.where(client_id == Client.id).correlate(Client).lateral(name)
    return query.add_columns(client_id).group_by(client_id).subquery(name)


def visits_query(*, narrowed: bool) -> AnySelect:
    """The columns of `client_visits`: a row for every client who visited."""
    return (
        select(
            Action.account_id,
            Action.client_id,
            func.count().label("visits_count"),
            func.min(Action.at).label("first_visit_at"),
            func.max(Action.at).label("last_visit_at"),
            *_first_and_last(Action.reference, "ad_channel", ""),
            *_advertising(),
            *_sets(),
        )
        .where(
            *of_account(Action.account_id, Action.client_id, narrowed=narrowed),
            Action.type_id == BUILT_IN_TYPE_IDS["visit"],
        )
        .group_by(Action.account_id, Action.client_id)
    )


def loyalty_dates() -> dict[str, ColumnElement[Any]]:
    """The last operations with points of a client, by the column of the card that repeats them."""
    return {name: _last_operation(type_id) for name, type_id in _POINTS.items()}


def _last_operation(type_id: int) -> ColumnElement[Any]:
    last: ColumnElement[Any] = (
        select(func.max(Action.at))
        .where(
            Action.account_id == Client.account_id, Action.client_id == Client.id, Action.type_id == type_id
        )
        .correlate(Client)
        .scalar_subquery()
    )
    return last


def with_points_query(*, narrowed: bool) -> AnySelect:
    """Ids of the clients who have operations with points."""
    return (
        select(Action.client_id)
        .where(
            *of_account(Action.account_id, Action.client_id, narrowed=narrowed),
            Action.type_id.in_(_POINTS.values()),
        )
        .distinct()
    )


def _loyalty() -> AnySelect:
    """Balance of points."""
    signed = case((Action.type_id == _ACCRUAL, Action.amount), else_=-Action.amount)
    return select(func.sum(signed).label("balance")).where(
        Action.account_id == bindparam("owner_id"), Action.type_id.in_(_POINTS.values())
    )


def _orders() -> AnySelect:
    in_progress = Order.status_group.in_(("new", "in_progress"))
    last_first = aggregate_order_by(Order.total, Order.purchased_at.desc(), Order.id.desc())
    return select(
        func.count().label("orders_count"),
        func.count().filter(_DONE).label("sales_count"),
        func.count().filter(in_progress).label("deals_in_progress_count"),
        func.count().filter(_CANCELLED).label("cancelled_count"),
        func.sum(Order.total).filter(_CANCELLED).cast(BigInteger).label("cancelled_revenue"),
        func.sum(Order.items_count).filter(_DONE).label("items_count"),
        func.sum(Order.total).filter(_DONE).cast(BigInteger).label("total"),
        func.sum(Order.cost).filter(_DONE).cast(BigInteger).label("cost"),
        func.array_agg(last_first, type_=ARRAY(BigInteger)).filter(_DONE)[1].label("last_purchase_amount"),
        func.min(Order.created_at).label("first_order_at"),
        func.max(Order.created_at).label("last_order_at"),
        func.min(Order.purchased_at).label("first_purchase_at"),
        func.max(Order.purchased_at).label("last_purchase_at"),
    ).where(Order.account_id == bindparam("owner_id"))


def _refunds() -> AnySelect:
    """Refunds of orders that are done now."""
    return (
        select(func.sum(Refund.amount).cast(BigInteger).label("amount"))
        .join(Order, (Order.account_id == Refund.account_id) & (Order.id == Refund.order_id))
        .where(Refund.account_id == bindparam("owner_id"), _DONE)
    )


def _first_of(ordered: Any, type_: type[Any], condition: ColumnElement[bool]) -> ColumnElement[Any]:
    """The first in the order of those that the condition lets through."""
    first: ColumnElement[Any] = func.array_agg(ordered, type_=ARRAY(type_)).filter(condition)[1]
    return first


def _written(param: str) -> Any:
    return Action.params[param].astext


def _folded(param: str) -> Any:
    return func.coalesce(Action.folded[param].astext, Action.params[param].astext)


def _advertising() -> list[ColumnElement[Any]]:
    columns = []
    for form, suffix in ((_written, ""), (_folded, "_folded")):
        for param in _ADVERTISING:
            columns += _first_and_last(form(param), param, suffix)
        columns.append(_first_and_last(form("referral_id"), "referral_id", suffix)[0])
    return columns


def _first_and_last(value: Any, name: str, suffix: str) -> list[ColumnElement[Any]]:
    """The values of the earliest and of the latest visit that has one; of two at one instant the id decides.

    All are read off arrays of one order, so that the visits of a client are put in order once.
    """
    ordered = aggregate_order_by(value, Action.at, Action.id)
    values = func.array_agg(ordered, type_=ARRAY(Text)).filter(value.is_not(None))
    last = values[func.cardinality(values)]
    return [values[1].label(f"{name}{suffix}"), last.label(f"last_{name}{suffix}")]


def _sets() -> list[ColumnElement[Any]]:
    """Countries and cities of all visits, each spelling once."""
    return [
        func.coalesce(_distinct(form(param)), cast(array([]), ARRAY(Text))).label(f"{field}{suffix}")
        for field, param in (("visit_countries", "country"), ("visit_cities", "city"))
        for form, suffix in ((_written, ""), (_folded, "_folded"))
    ]


def _distinct(value: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.array_agg(value.distinct(), type_=ARRAY(Text)).filter(value.is_not(None))
