"""A hundred segments: the first fill, and all of them again after one client in a hundred has changed."""

import asyncio
import time
from datetime import datetime

from sqlalchemy import text

from benchmarks.figures import Figure
from benchmarks.memory import forget_peak, peak_mb
from benchmarks.stage import Stage
from benchmarks.trees import Node, segments
from clientbase.filters import check, plan
from clientbase.kit.db import reading, writing
from clientbase.search import catalogue as catalogues

PREFIX = "bench-"
AGAIN_SECONDS = 15.0
WAIT_SECONDS = 1800.0
_WAITING = text(
    "SELECT count(*) FROM segments WHERE account_id = :account AND code LIKE :codes AND "
    "(state <> 'ready' OR computed_at IS NULL OR computed_at < :since)"
)
_ALL_DUE = text("UPDATE segments SET due_at = now() WHERE account_id = :account RETURNING due_at")
_MOVE = text("""
UPDATE clients SET city = :city, city_folded = lower(:city), updated_at = now()
WHERE account_id = :account AND id % 100 = 7
""")


async def measure(stage: Stage) -> list[Figure]:
    """Seconds of both recalculations, from the request to the last segment ready."""
    trees = segments()
    leaves, distinct = await _count_leaves(stage, trees)
    forget_peak(stage.pids["worker"])
    first = await _first_fill(stage, trees)
    changed = await _change_clients(stage)
    again = await _again(stage)
    note = f"{leaves} leaves, {distinct} distinct"
    return [
        Figure(f"first fill of {len(trees)} segments", first, "s", note=note),
        Figure("the same again after a change", again, "s", AGAIN_SECONDS, note=f"{changed} clients changed"),
        Figure("peak memory of the worker meanwhile", peak_mb(stage.pids["worker"]), "MB", 500),
    ]


async def _count_leaves(stage: Stage, trees: list[Node]) -> tuple[int, int]:
    async with reading(stage.sessions) as session:
        catalogue = await catalogues.load(session, account=stage.account)
    plans = [plan(check(tree, catalogue), catalogue) for tree in trees]
    return sum(len(one.leaves) for one in plans), len(set().union(*(one.leaves.keys() for one in plans)))


async def _first_fill(stage: Stage, trees: list[Node]) -> float:
    """From the first request to the last segment ready."""
    started, began = await _now(stage), time.perf_counter()
    for number, tree in enumerate(trees):
        body = {"name": f"Bench {number}", "code": f"{PREFIX}{number}", "kind": "dynamic", "filter": tree}
        (await stage.api.post("segments", json=body)).raise_for_status()
    await _all_ready(stage, started)
    return time.perf_counter() - began


async def _change_clients(stage: Stage) -> int:
    """Move one client in a hundred to another city."""
    async with writing(stage.sessions) as session:
        await session.execute(text("SET LOCAL statement_timeout = 0"))
        moved = await session.execute(_MOVE, {"account": stage.account.id, "city": "Тверь"})
    return int(getattr(moved, "rowcount", 0))


async def _again(stage: Stage) -> float:
    """All segments due at once, as the schedule makes them, until the last is ready."""
    async with writing(stage.sessions) as session:
        began = time.perf_counter()
        started = (await session.execute(_ALL_DUE, {"account": stage.account.id})).scalars().first()
    assert isinstance(started, datetime)
    await _all_ready(stage, started)
    return time.perf_counter() - began


async def _now(stage: Stage) -> datetime:
    async with reading(stage.sessions) as session:
        now = await session.scalar(text("SELECT now()"))
    assert isinstance(now, datetime)
    return now


async def _all_ready(stage: Stage, since: datetime) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    values = {"account": stage.account.id, "codes": f"{PREFIX}%", "since": since}
    while time.monotonic() < deadline:
        async with reading(stage.sessions) as session:
            if await session.scalar(_WAITING, values) == 0:
                return
        await asyncio.sleep(0.05)
    raise TimeoutError(f"the segments were not ready within {WAIT_SECONDS:.0f} s")
