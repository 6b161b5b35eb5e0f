"""Loading a demo base into an account without clients, each chunk in a transaction of its own."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from clientbase.accounts.service import account_by_id
from clientbase.demo import chunk, definitions
from clientbase.demo.chance import Calendar, seeded
from clientbase.demo.chunk import Chunk, FirstIds
from clientbase.demo.repository import DemoRepository
from clientbase.demo.segments import EXAMPLES
from clientbase.demo.shop import Shop, make_goods, make_lines, make_mailings
from clientbase.demo.visits import make_visits
from clientbase.kit import clock
from clientbase.kit.db import Sessions, WriteSession, writing
from clientbase.kit.errors import Conflict
from clientbase.segments import service as segments
from clientbase.segments.schemas import SegmentIn

LOADERS = 3
"""Chunks on their way at once: one is being made while the server takes in the others."""
ACTOR = "demo"
Progress = Callable[[int, int], None]
"""Told how many clients are loaded, and of how many."""


async def load(
    sessions: Sessions,
    *,
    account_id: int,
    clients: int,
    seed: int,
    progress: Progress | None = None,
    now: datetime | None = None,
) -> None:
    """Fill an account with so many clients and all that they did in the three years before `now`.

    The same seed and `now` make the same base. Example segments are made at the end; a worker computes them.
    Raises Conflict (BASE_NOT_EMPTY) when the account has clients.
    """
    chunks = chunk.plan(seed, clients)
    async with writing(sessions) as session:
        shop = await _open_shop(session, account_id, seed=seed, now=now or clock.now())
        first = await _reserve_ids(session, account_id, chunks)
    base = _Base(sessions, seed, shop, first)
    waiting, report = iter(chunks), _Report(clients, progress)
    async with asyncio.TaskGroup() as group:
        for _ in range(LOADERS):
            group.create_task(_load_chunks(base, waiting, report))
    async with writing(sessions) as session:
        await _make_segments(session, account_id)


@dataclass(frozen=True, slots=True)
class _Base:
    """What all chunks of one base share."""

    sessions: Sessions
    seed: int
    shop: Shop
    first: FirstIds


@dataclass(slots=True)
class _Report:
    """Counts loaded clients for whoever watches."""

    total: int
    progress: Progress | None
    done: int = 0

    def add(self, clients: int) -> None:
        self.done += clients
        if self.progress:
            self.progress(self.done, self.total)


async def _open_shop(session: WriteSession, account_id: int, *, seed: int, now: datetime) -> Shop:
    """Write what all clients share."""
    repository = DemoRepository(session, account_id)
    if await repository.has_clients():
        raise Conflict("BASE_NOT_EMPTY", "A demo base is loaded only into an account without clients.")
    account = await account_by_id(session, account_id=account_id)
    rng = seeded(seed, "shop")
    calendar, goods = Calendar(now, ZoneInfo(account.time_zone)), make_goods(rng)
    return Shop(
        account_id=account_id,
        calendar=calendar,
        goods=goods,
        lines=make_lines(rng, goods),
        visits=make_visits(rng),
        mailings=make_mailings(calendar),
        defined=await definitions.define(repository, goods=goods),
    )


async def _reserve_ids(session: WriteSession, account_id: int, chunks: list[Chunk]) -> FirstIds:
    repository = DemoRepository(session, account_id)
    await repository.begin_bulk()
    return FirstIds(
        client=await repository.reserve_clients(sum(len(part.orders) for part in chunks)),
        order=await repository.reserve_orders(sum(sum(part.orders) for part in chunks)),
    )


async def _make_segments(session: WriteSession, account_id: int) -> None:
    account = await account_by_id(session, account_id=account_id)
    for example in EXAMPLES:
        request = SegmentIn.model_validate(asdict(example))
        await segments.create(session, account=account, request=request, actor=ACTOR)


async def _load_chunks(base: _Base, waiting: Iterator[Chunk], report: _Report) -> None:
    for part in waiting:
        await _load_chunk(base, part)
        report.add(len(part.orders))


async def _load_chunk(base: _Base, part: Chunk) -> None:
    rows = chunk.make(base.seed, base.shop, part, base.first)
    async with writing(base.sessions) as session:
        repository = DemoRepository(session, base.shop.account_id)
        await repository.begin_bulk()
        await repository.write(rows)
