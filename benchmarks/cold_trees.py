"""Fifteen representative trees, each evaluated from nothing, with the time of every statement."""

import time
from typing import Any
from zoneinfo import ZoneInfo

from pyroaring import BitMap64
from sqlalchemy import Select

from benchmarks.figures import Figure, spread
from benchmarks.stage import Stage
from benchmarks.trees import TREES, Node
from clientbase.filters import Moment, Plan, check, plan
from clientbase.kit import clock
from clientbase.kit.db import AnySession, reading
from clientbase.search import catalogue as catalogues
from clientbase.search.evaluator import BACKGROUND_SECONDS, Evaluator
from clientbase.search.leaves import PostgresLeaves

ROUNDS = 3


class TimedLeaves(PostgresLeaves):
    """Leaves with the milliseconds of every statement."""

    milliseconds: list[float]

    async def _ask(
        self, session: AnySession, query: Select[Any], deadline: float, *, scattered: bool = False
    ) -> list[BitMap64]:
        began = time.perf_counter()
        found = await super()._ask(session, query, deadline, scattered=scattered)
        self.milliseconds.append((time.perf_counter() - began) * 1000)
        return found


async def measure(stage: Stage) -> list[Figure]:
    """Every tree three times; the middle time of each, and median, p95 and worst of the fifteen."""
    plans = await _plans(stage)
    rows, times = [], []
    for name, planned in plans.items():
        runs = sorted([await _evaluate(stage, planned) for _ in range(ROUNDS)])
        milliseconds, members, leaves = runs[ROUNDS // 2]
        note = f"{members} members; {', '.join(f'{leaf:.0f}' for leaf in leaves)} ms"
        rows.append(Figure(name, milliseconds, "ms", note=note))
        times.append(milliseconds)
    return [*spread("a cold tree", times, median_aim=250, worst_aim=1500), *rows]


async def _plans(stage: Stage) -> dict[str, Plan]:
    async with reading(stage.sessions) as session:
        catalogue = await catalogues.load(session, account=stage.account)

    def planned(tree: Node) -> Plan:
        return plan(check(tree, catalogue), catalogue)

    return {name: planned(tree) for name, tree in TREES.items()}


async def _evaluate(stage: Stage, planned: Plan) -> tuple[float, int, list[float]]:
    """Milliseconds of the whole, members, and milliseconds of the leaves."""
    async with reading(stage.sessions, snapshot=True) as session:
        now = clock.now()
        moment = Moment(now, ZoneInfo(stage.account.time_zone))
        leaves = TimedLeaves(session, stage.account.id, moment, budget_seconds=BACKGROUND_SECONDS)
        leaves.milliseconds = []
        began = time.perf_counter()
        evaluator = Evaluator(session, account=stage.account, now=now, leaves=leaves)
        evaluation = await evaluator.evaluate(planned)
        milliseconds = (time.perf_counter() - began) * 1000
    return milliseconds, len(evaluation.members), leaves.milliseconds
