"""Kept leaves: brought up to date they are what a whole evaluation finds, whatever changes and time do."""

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from clientbase.filters import Plan
from clientbase.kit import metrics
from clientbase.kit.db import Sessions, reading, session_factory, writing
from clientbase.search.evaluator import Evaluator
from clientbase.search.leaf_store import CARRIED, LeafStore
from tests.filters.benches import CALENDAR_SEEDS, Bench
from tests.filters.conftest import bench, world_sessions, worlds_engine
from tests.search.changing import Changes

__all__ = ["bench", "world_sessions", "worlds_engine"]

ROUNDS = 12
TREES = 25
STEPS = (timedelta(0), timedelta(minutes=5), timedelta(hours=3), timedelta(days=1), timedelta(days=40))


@pytest.fixture
def keeping(worlds_engine: AsyncEngine, store: LeafStore) -> Sessions:
    """Sessions that carry the store."""
    return session_factory(worlds_engine, carried={CARRIED: store})


def plans_of(bench: Bench) -> list[Plan]:
    plans = (bench.subject.understand(bench.tree())[1] for _ in range(TREES * 2))
    return [plan for plan in plans if not plan.segments][:TREES]


def asked_again() -> float:
    return metrics.CLIENTS_ASKED_AGAIN._value.get()


async def both(bench: Bench, keeping: Sessions, plans: list[Plan], now: object) -> None:
    """Ask every plan in one snapshot, of the store and whole."""
    account = bench.subject.loaded.account
    async with reading(keeping, snapshot=True) as session:
        kept = Evaluator(session, account=account, now=now)
        whole = Evaluator(session, account=account, now=now, how="whole")
        for plan in plans:
            found, right = await kept.evaluate(plan), await whole.evaluate(plan)
            assert found.members == right.members, (plan.root, set(found.members ^ right.members))


@pytest.mark.parametrize("bench", [300, 301, 302, *CALENDAR_SEEDS[:3]], indirect=True)
async def test_kept_leaves_are_those_of_a_whole_evaluation(bench: Bench, keeping: Sessions) -> None:
    plans, now, before = plans_of(bench), bench.subject.when.now, asked_again()
    for _ in range(ROUNDS):
        async with writing(keeping) as session:
            changes = Changes(session, bench.subject.loaded.account.id, bench.rng)
            for _ in range(bench.rng.randrange(4)):
                await changes.make()
        now += bench.chance.one(STEPS)
        await both(bench, keeping, plans, now)
    assert asked_again() > before, "nothing was ever brought up to date"
