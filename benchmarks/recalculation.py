"""A hundred segments: the first fill, and all of them again after one client in a hundred has changed."""

from datetime import datetime

import httpx
from sqlalchemy import text

from benchmarks.figures import Figure
from benchmarks.memory import forget_peak, peak_mb
from benchmarks.stage import Stage, finished
from benchmarks.trees import Node, segments
from clientbase.filters import check, plan
from clientbase.kit.db import reading, writing
from clientbase.runs import service as runs
from clientbase.search import catalogue as catalogues
from clientbase.segments.repository import RUN_KIND

PREFIX = "recalculated-"
AGAIN_SECONDS = 15.0
WAIT_SECONDS = 1800.0
_ALL_DUE = text("""
UPDATE segments
SET is_active = true, due_at = now(), state = CASE state WHEN 'inactive' THEN 'new' ELSE state END
WHERE account_id = :account AND code LIKE :codes
""")
_WAITING = text("""
SELECT count(*) FROM segments
WHERE account_id = :account AND code LIKE :codes
AND (state <> 'ready' OR computed_at IS NULL OR due_at <= :since)
""")
_MOVE = text("""
UPDATE clients SET city = :city, city_folded = lower(:city), updated_at = now()
WHERE account_id = :account AND id % 100 = :which
""")


async def measure(stage: Stage) -> list[Figure]:
    """Seconds of both recalculations, each one run of the worker."""
    trees = segments()
    leaves, distinct = await _count_leaves(stage, trees)
    forget_peak(stage.pids["worker"])
    await _make(stage, trees)
    first = await recalculate(stage)
    changed = await change_clients(stage)
    again = await recalculate(stage)
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


async def _make(stage: Stage, trees: list[Node]) -> None:
    """Make the segments inactive, so that none is computed before all are there."""
    for number, tree in enumerate(trees):
        code = f"{PREFIX}{number}"
        body = {"name": code, "code": code, "kind": "dynamic", "filter": tree, "is_active": False}
        answer = await stage.api.post("segments", json=body)
        if answer.status_code != httpx.codes.CONFLICT:  # there from an earlier run on the same base
            answer.raise_for_status()


async def change_clients(stage: Stage, *, which: int = 7, city: str = "Тверь") -> int:
    """Move one client in a hundred to another city; how many they were."""
    async with writing(stage.sessions) as session:
        await session.execute(text("SET LOCAL statement_timeout = 0"))
        moved = await session.execute(_MOVE, {"account": stage.account.id, "which": which, "city": city})
    return int(getattr(moved, "rowcount", 0))


async def recalculate(stage: Stage) -> float:
    """Make all segments due at once, as the schedule does; seconds that the worker's run took."""
    values = {"account": stage.account.id, "codes": f"{PREFIX}%"}
    async with writing(stage.sessions) as session:
        due_at = await session.scalar(text("SELECT now()"))
        await session.execute(_ALL_DUE, values)
        run = await runs.start(session, account_id=stage.account.id, kind=RUN_KIND, dedupe_key="due")
    ended = await finished(stage.api, f"runs/{run.id}", seconds=WAIT_SECONDS)
    async with reading(stage.sessions) as session:
        waiting = await session.scalar(_WAITING, values | {"since": due_at})
    assert waiting == 0, f"{waiting} segments are not ready"
    began, end = (datetime.fromisoformat(ended[name]) for name in ("started_at", "finished_at"))
    return (end - began).total_seconds()
