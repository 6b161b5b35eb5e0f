"""Orders through the upsert: what is created, changed, left alone and refused."""

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import literal_column, select

from clientbase.accounts.schemas import AccountInfo
from clientbase.clients.stats import recount_differences
from clientbase.kit.db import WriteSession
from clientbase.loading.matching import ClientKey
from clientbase.loading.orders import OrderRow, RefundRow, StatusRow, upsert_orders
from clientbase.models import (
    ClientStats,
    Order,
    OrderLine,
    OrderParamValue,
    OrderStatus,
    OrderStatusChange,
    Param,
    Product,
    Refund,
)
from tests.orders.facts import day, line, make_clients, order

LARGEST = "1e13"
"""The largest amount of roubles."""


async def load(session: WriteSession, account: AccountInfo, *rows: OrderRow) -> list[str]:
    """Statuses of the rows, rejected ones with the codes of what is wrong."""
    outcomes = await upsert_orders(session, account=account, rows=rows)
    assert [outcome.index for outcome in outcomes] == list(range(len(rows)))
    assert await recount_differences(session, account_id=account.id) == []
    return [
        " ".join(f"{item.pointer} {item.code}" for item in outcome.errors) or outcome.status
        for outcome in outcomes
    ]


def refund(external_id: str, amount: str = "1") -> RefundRow:
    return RefundRow(external_id=external_id, at=day(2), amount=Decimal(amount))


async def stored(session: WriteSession, account: AccountInfo, external_id: str = "1") -> Order:
    query = select(Order).where(Order.account_id == account.id, Order.external_id == external_id)
    return (await session.execute(query.execution_options(populate_existing=True))).scalar_one()


async def stats(session: WriteSession, client_id: int) -> ClientStats:
    query = select(ClientStats).where(ClientStats.client_id == client_id)
    return (await session.execute(query.execution_options(populate_existing=True))).scalar_one()


async def rows_of(session: WriteSession, model: type, *columns: str) -> list[tuple]:
    query = select(*(getattr(model, name) for name in columns)).order_by(
        *(getattr(model, name) for name in columns)
    )
    return [tuple(row) for row in await session.execute(query)]


async def test_a_whole_order_with_everything(session, account):
    (client,) = await make_clients(session, account, 1)
    session.add(Param(account_id=account.id, entity="order", code="size", name="Size", type="text"))
    await session.flush()
    row = order(
        client,
        number="А-17",
        status="done",
        created_at=day(1),
        status_changed_at=day(3),
        cost=Decimal("40.50"),
        lines=[line("tea", "2", "100"), line("milk", "0.5", "50.25")],
        refunds=[RefundRow(external_id="r1", at=day(4), amount=Decimal("10"))],
        params={"size": " ЁЛКА "},
    )
    assert await load(session, account, row) == ["created"]
    saved = await stored(session, account)
    assert (saved.total, saved.cost, saved.purchased_at, saved.number_folded) == (15025, 4050, day(3), "а-17")
    assert [row[0] for row in await rows_of(session, Product, "code")] == ["milk", "tea"]
    assert await rows_of(session, OrderLine, "position", "quantity", "price", "purchased_at") == [
        (0, Decimal(2), 5000, day(3)), (1, Decimal("0.5"), 10050, day(3)),
    ]  # fmt: skip
    assert await rows_of(session, OrderParamValue, "text", "folded") == [("ЁЛКА", "елка")]
    counted = await stats(session, client)
    assert (counted.revenue, counted.profit, counted.items_count) == (14025, 9975, Decimal("2.5"))
    assert await load(session, account, row) == ["unchanged"]


async def test_what_is_not_given_stays_and_what_is_null_goes(session, account):
    (client,) = await make_clients(session, account, 1)
    await load(session, account, order(client, status="new", total=Decimal(5), shop="s1", manager="m1"))
    assert await load(session, account, order(None, manager=None)) == ["updated"]
    saved = await stored(session, account)
    assert (saved.client_id, saved.shop, saved.manager, saved.total) == (client, "s1", None, 500)


async def test_an_unchanged_row_writes_nothing(session, account):
    (client,) = await make_clients(session, account, 1)
    row = order(client, status="done", created_at=day(1), lines=[line("tea")])
    await load(session, account, row)

    async def versions() -> list[tuple]:
        """Where the rows lie: a rewritten row lies elsewhere."""
        return [
            tuple(row)
            for model in (Order, OrderLine, OrderStatusChange, ClientStats)
            for row in await session.execute(select(literal_column("ctid::text")).select_from(model))
        ]

    before = await versions()
    assert await load(session, account, row, replace(row)) == ["unchanged", "unchanged"]
    assert await versions() == before


async def test_statuses_make_and_withdraw_the_purchase(session, account):
    (client,) = await make_clients(session, account, 1)
    await load(session, account, order(client, status="new", created_at=day(1), lines=[line("tea")]))
    seen = []
    for status, at in [("done", 2), ("in-progress", 3), ("done", 4), ("cancelled", 5)]:
        await load(session, account, order(None, status=status, status_changed_at=day(at)))
        counted = await stats(session, client)
        seen.append(
            ((await stored(session, account)).purchased_at, counted.sales_count, counted.cancelled_count)
        )
    assert seen == [(day(2), 1, 0), (None, 0, 0), (day(4), 1, 0), (None, 0, 1)]
    history = await rows_of(
        session, OrderStatusChange, "at", "from_status", "to_status", "from_group", "to_group"
    )
    assert history[:2] == [(day(1), None, "new", None, "new"), (day(2), "new", "done", "new", "done")]
    assert len(history) == 5
    assert await rows_of(session, OrderLine, "purchased_at") == [(None,)]


async def test_a_move_inside_done_keeps_the_purchase(session, account):
    (client,) = await make_clients(session, account, 1)
    await load(session, account, order(client, status="done", created_at=day(1), total=Decimal(1)))
    delivered = order(None, status="delivered", status_group="done", status_changed_at=day(9))
    assert await load(session, account, delivered) == ["updated"]
    assert (await stored(session, account)).purchased_at == day(1)
    statuses = await rows_of(session, OrderStatus, "code", "status_group")
    assert ("delivered", "done") in statuses


async def test_a_history_given_in_full_replaces_the_stored_one(session, account):
    (client,) = await make_clients(session, account, 1)
    await load(session, account, order(client, status="cancelled", created_at=day(1), total=Decimal(1)))
    entries = [
        StatusRow(at=day(3), status="done"),
        StatusRow(at=day(2), status="new"),
        StatusRow(at=day(4), status="done"),
    ]
    assert await load(session, account, order(None, status_history=entries)) == ["updated"]
    assert await rows_of(session, OrderStatusChange, "at", "to_status") == [(day(2), "new"), (day(3), "done")]
    assert (await stored(session, account)).purchased_at == day(3)
    assert await load(session, account, order(None, status_history=entries)) == ["unchanged"]


async def test_a_batch_means_its_rows_one_by_one(session, account):
    (client,) = await make_clients(session, account, 1)
    rows = [
        order(client, status="new", created_at=day(1), total=Decimal(10)),
        order(None, status="done", status_changed_at=day(2)),
        order(None, status="done"),
        order(None, shop="s1"),
    ]
    assert await load(session, account, *rows) == ["created", "updated", "unchanged", "updated"]
    saved = await stored(session, account)
    assert (saved.total, saved.purchased_at, saved.shop) == (1000, day(2), "s1")


async def test_an_order_moves_to_another_client_with_its_parts(session, account):
    first, second = await make_clients(session, account, 2)
    refund = RefundRow(external_id="r", at=day(2), amount=Decimal(1))
    await load(
        session,
        account,
        order(first, status="done", created_at=day(1), lines=[line("tea")], refunds=[refund]),
    )
    assert await load(session, account, order(second)) == ["updated"]
    for model in (Order, OrderLine, OrderStatusChange, Refund):
        assert await rows_of(session, model, "client_id") == [(second,)]
    assert ((await stats(session, first)).revenue, (await stats(session, second)).revenue) == (0, 9900)


async def test_a_refund_again_changes_it(session, account):
    (client,) = await make_clients(session, account, 1)
    refunds = [RefundRow(external_id=code, at=day(2), amount=Decimal(1)) for code in ("a", "b")]
    await load(session, account, order(client, status="done", total=Decimal(100), refunds=refunds))
    changed = [RefundRow(external_id="a", at=day(2), amount=Decimal(5))]
    assert await load(session, account, order(None, refunds=changed)) == ["updated"]
    assert (await stats(session, client)).revenue == 9400
    assert await load(session, account, order(None, refunds=changed)) == ["unchanged"]


async def test_a_refund_of_nothing_withdraws_it(session, account):
    (client,) = await make_clients(session, account, 1)
    await load(session, account, order(client, status="done", total=Decimal(100), refunds=[refund("a")]))
    assert await load(session, account, order(None, refunds=[refund("a", "0"), refund("b", "0")])) == [
        "updated"
    ]
    assert await rows_of(session, Refund, "external_id") == []
    assert (await stats(session, client)).revenue == 10000
    assert await load(session, account, order(None, refunds=[refund("a", "0")])) == ["unchanged"]


async def test_refunds_are_bounded_with_those_that_are_kept(session, account):
    (client,) = await make_clients(session, account, 1)
    many = [refund(str(number)) for number in range(10_000)]
    row = order(client, status="done", total=Decimal(100_000), refunds=many)
    assert await load(session, account, row) == ["created"]
    one_more, instead = [refund("x")], [refund("x"), refund("0", "0")]
    assert await load(session, account, order(None, refunds=one_more), order(None, refunds=instead)) == [
        "/refunds TOO_MANY_ITEMS",
        "updated",
    ]


async def test_totals_follow_lines_unless_given(session, account):
    (client,) = await make_clients(session, account, 1)
    await load(
        session, account, order(client, status="new", lines=[line("a", amount="3"), line("b", amount="4")])
    )
    assert (await stored(session, account)).total == 700
    await load(session, account, order(None, lines=[line("a", amount="3")]))
    assert (await stored(session, account)).total == 300
    await load(session, account, order(None, lines=[], total=Decimal("2.50")))
    assert (await stored(session, account)).total == 250
    assert await rows_of(session, OrderLine, "position") == []


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"total": Decimal("-1")}, "/total NEGATIVE_AMOUNT"),
        ({"total": Decimal("1.001")}, "/total NOT_AN_AMOUNT"),
        ({"total": Decimal(1), "currency": "USD"}, "/currency OTHER_CURRENCY"),
        ({}, "/total TOTAL_MISSING"),
        ({"total": Decimal(1), "status": "shipped"}, "/status UNKNOWN_STATUS"),
        ({"total": Decimal(1), "status": "done", "status_group": "new"}, "/status_group OTHER_STATUS_GROUP"),
        ({"total": Decimal(1), "status": "odd", "status_group": "odd"}, "/status_group UNKNOWN_STATUS_GROUP"),
        ({"total": Decimal(1), "params": {"size": 1}}, "/params/size UNKNOWN_PARAM"),
        ({"lines": [line(quantity="-1")]}, "/lines/0/quantity WRONG_QUANTITY"),
        ({"lines": [line(), line(amount="-1")]}, "/lines/1/amount NEGATIVE_AMOUNT"),
        ({"total": Decimal(1), "status_history": []}, "/status_history EMPTY_HISTORY"),
        ({"total": Decimal(1), "shop": "s" * 101}, "/shop TEXT_TOO_LONG"),
        ({"lines": [line("p" * 101)]}, "/lines/0/product TEXT_TOO_LONG"),
        ({"lines": [line(quantity="0.0001", amount=LARGEST)]}, "/lines/0/price NOT_AN_AMOUNT"),
        ({"lines": [line(amount=LARGEST)] * 2}, "/total NOT_AN_AMOUNT"),
        ({"lines": [line(quantity="6e13")] * 2}, "/lines WRONG_QUANTITY"),
        ({"total": Decimal(1), "lines": [line()] * 10_001}, "/lines TOO_MANY_ITEMS"),
        (
            {"total": Decimal(1), "refunds": [refund(str(at)) for at in range(10_001)]},
            "/refunds TOO_MANY_ITEMS",
        ),
        (
            {"total": Decimal(1), "status_history": [StatusRow(at=day(1), status="done")]},
            "/status STATUS_CONTRADICTS_HISTORY",
        ),
    ],
)
async def test_wrong_rows_are_refused_and_hinder_no_other(session, account, fields, fault):
    (client,) = await make_clients(session, account, 1)
    wrong = order(client, **({"status": "new"} | fields))
    right = order(client, "2", status="new", total=Decimal(1))
    assert await load(session, account, wrong, right) == [fault, "created"]


async def test_clients_that_are_not_there(session, account, other_account):
    (stranger,) = await make_clients(session, other_account, 1)
    fields = {"status": "new", "total": Decimal(1)}
    rows = [
        order(stranger, **fields),
        order(None, "2", **fields),
        OrderRow(source="shop", external_id="3", client=ClientKey(phone="+79990001122"), **fields),
    ]
    assert await load(session, account, *rows) == [
        "/client CLIENT_NOT_FOUND", "/client CLIENT_MISSING", "/client CLIENT_NOT_FOUND",
    ]  # fmt: skip


async def test_a_late_status_is_refused(session, account):
    (client,) = await make_clients(session, account, 1)
    await load(session, account, order(client, status="done", created_at=day(5), total=Decimal(1)))
    late = order(None, status="new", status_changed_at=day(4))
    assert await load(session, account, late) == ["/status_changed_at STATUS_CHANGED_EARLIER"]
