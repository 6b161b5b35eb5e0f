"""Counted fields equal a naive recount in Python after any sequence of writes through the services."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from clientbase.accounts.schemas import AccountInfo
from clientbase.clients.stats import recount, recount_differences
from clientbase.kit.db import WriteSession
from clientbase.loading.actions import ActionRow, upsert_actions
from clientbase.loading.matching import ClientKey
from clientbase.loading.orders import LineRow, OrderRow, RefundRow, upsert_orders
from clientbase.models import ClientStats, ClientVisits, Order
from clientbase.orders.service import delete_order
from tests.orders.facts import day, make_clients

STATUSES = ("new", "in-progress", "done", "cancelled")
CHANNELS = ("ads", "mail", None)


@dataclass
class Sale:
    """An order as the test remembers it; money in minor units."""

    client: int
    id: int
    created_at: datetime
    status: str
    bought_at: datetime | None
    total: int
    cost: int | None
    items: Decimal
    refunds: dict[str, int] = field(default_factory=dict)


@dataclass
class World:
    """What has happened, remembered by the test, and the services that make it happen."""

    session: WriteSession
    account: AccountInfo
    clients: list[int]
    rng: random.Random
    now: datetime
    placed: int = 0
    sales: dict[str, Sale] = field(default_factory=dict)
    visits: list[tuple[int, datetime, str | None]] = field(default_factory=list)
    points: list[tuple[int, Decimal]] = field(default_factory=list)

    async def place_order(self) -> None:
        self.placed += 1
        key, status, client = str(self.placed), self.rng.choice(STATUSES), self.rng.choice(self.clients)
        quantities = [Decimal(self.rng.randrange(0, 50)) / 10 for _ in range(self.rng.randrange(1, 4))]
        lines = [LineRow(quantity=each, amount=Decimal(self.rng.randrange(100))) for each in quantities]
        cost = self.rng.choice([None, Decimal("7.50")])
        row = self._row(key, client, status=status, created_at=self.now, lines=lines, cost=cost)
        order_id = await self._load(row)
        bought = self.now if status == "done" else None
        total = sum(int(line.amount or 0) for line in lines) * 100
        self.sales[key] = Sale(
            client, order_id, self.now, status, bought, total, None if cost is None else 750, sum(quantities)
        )

    async def change_status(self) -> None:
        if self.sales:
            key, status = self.rng.choice(list(self.sales)), self.rng.choice(STATUSES)
            sale = self.sales[key]
            await self._load(self._row(key, None, status=status, status_changed_at=self.now))
            if status != sale.status:
                sale.bought_at = self.now if status == "done" else None
            sale.status = status

    async def move_order(self) -> None:
        if self.sales:
            key, client = self.rng.choice(list(self.sales)), self.rng.choice(self.clients)
            await self._load(self._row(key, client))
            self.sales[key].client = client

    async def refund(self) -> None:
        if self.sales:
            key, code = self.rng.choice(list(self.sales)), self.rng.choice("ab")
            amount = self.rng.randrange(20)
            refund = RefundRow(external_id=code, at=self.now, amount=Decimal(amount))
            await self._load(self._row(key, None, refunds=[refund]))
            self.sales[key].refunds[code] = amount * 100

    async def delete_order(self) -> None:
        if self.sales:
            key = self.rng.choice(list(self.sales))
            sale = self.sales.pop(key)
            await delete_order(self.session, account_id=self.account.id, order_id=sale.id)

    async def visit(self) -> None:
        client, channel = self.rng.choice(self.clients), self.rng.choice(CHANNELS)
        at = self.now - timedelta(hours=self.rng.randrange(48))
        await self._act("visit", client, at, {"ad_channel": channel})
        self.visits.append((client, at, channel))

    async def move_points(self) -> None:
        client, points = self.rng.choice(self.clients), self.rng.randrange(100)
        code, sign = self.rng.choice([("loyalty.accrual", 1), ("loyalty.writeoff", -1)])
        await self._act(code, client, self.now, {"amount": points})
        self.points.append((client, Decimal(sign * points)))

    def _row(self, key: str, client: int | None, **fields: object) -> OrderRow:
        owner = None if client is None else ClientKey(id=client)
        return OrderRow(source="shop", external_id=key, client=owner, **fields)  # type: ignore[arg-type]

    async def _load(self, row: OrderRow) -> int:
        (outcome,) = await upsert_orders(self.session, account=self.account, rows=[row])
        assert outcome.errors == []
        assert outcome.id is not None
        return outcome.id

    async def _act(self, code: str, client: int, at: datetime, params: dict[str, object]) -> None:
        row = ActionRow(type=code, client=ClientKey(id=client), at=at, params=params)
        (outcome,) = await upsert_actions(self.session, account=self.account, rows=[row])
        assert outcome.status == "created"


def counted(world: World, client: int) -> dict[str, object]:
    """The counted fields of a client by the plain words of the definitions."""
    mine = [sale for sale in world.sales.values() if sale.client == client]
    done = sorted((s for s in mine if s.status == "done"), key=lambda s: (s.bought_at, s.id))
    cancelled = [sale for sale in mine if sale.status == "cancelled"]
    revenue = sum(sale.total - sum(sale.refunds.values()) for sale in done)
    return {
        "orders_count": len(mine),
        "sales_count": len(done),
        "items_count": sum((sale.items for sale in done), Decimal(0)),
        "deals_in_progress_count": len(mine) - len(done) - len(cancelled),
        "cancelled_count": len(cancelled),
        "cancelled_revenue": sum(sale.total for sale in cancelled),
        "revenue": revenue,
        "profit": revenue - sum(sale.cost or 0 for sale in done),
        "last_purchase_amount": done[-1].total if done else None,
        "first_order_at": min((sale.created_at for sale in mine), default=None),
        "last_order_at": max((sale.created_at for sale in mine), default=None),
        "first_purchase_at": done[0].bought_at if done else None,
        "last_purchase_at": done[-1].bought_at if done else None,
        "bonus_balance": sum((points for owner, points in world.points if owner == client), Decimal(0)),
    }


def visited(world: World, client: int) -> dict[str, object] | None:
    """The visits of a client; None for one who never came."""
    mine = [
        visit
        for _, visit in sorted(enumerate(world.visits), key=lambda v: (v[1][1], v[0]))
        if visit[0] == client
    ]
    if not mine:
        return None
    channels = [channel for _, _, channel in mine if channel is not None]
    return {
        "visits_count": len(mine),
        "first_visit_at": mine[0][1],
        "last_visit_at": mine[-1][1],
        "ad_channel": channels[0] if channels else None,
        "last_ad_channel": channels[-1] if channels else None,
    }


async def in_base(world: World, model: type, client: int, names: list[str]) -> dict[str, object] | None:
    query = select(*(getattr(model, name) for name in names)).where(model.client_id == client)
    row = (await world.session.execute(query)).one_or_none()
    return None if row is None else dict(zip(names, row, strict=True))


VISIT_NAMES = ["visits_count", "first_visit_at", "last_visit_at", "ad_channel", "last_ad_channel"]
STEPS: tuple[Callable[[World], object], ...] = (
    World.place_order, World.place_order, World.change_status, World.change_status, World.move_order,
    World.refund, World.delete_order, World.visit, World.move_points,
)  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
async def test_counted_fields_equal_a_naive_recount_after_every_step(session, account, seed):
    rng = random.Random(seed)
    world = World(session, account, await make_clients(session, account, 3), rng, day(1))
    for _ in range(40):
        world.now += timedelta(hours=rng.randrange(1, 30))
        await rng.choice(STEPS)(world)
        for client in world.clients:
            expected = counted(world, client)
            assert await in_base(world, ClientStats, client, list(expected)) == expected
            assert await in_base(world, ClientVisits, client, VISIT_NAMES) == visited(world, client)
    assert await recount_differences(session, account_id=account.id) == []


async def test_a_difference_is_found_and_repaired(session, account):
    first, second = await make_clients(session, account, 2)
    session.add(
        Order(
            account_id=account.id, client_id=second, source="shop", external_id="1", status="done",
            status_group="done", created_at=day(1), purchased_at=day(1), total=100,
        )
    )  # fmt: skip
    await session.flush()
    assert await recount_differences(session, account_id=account.id) == [second]
    await recount(session, account_id=account.id, client_ids=[first, second])
    assert await recount_differences(session, account_id=account.id) == []
