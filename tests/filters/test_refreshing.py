"""Laws of bringing leaves up to date: families answer as leaves do, time flips nobody who is not named."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pyroaring import BitMap64

from clientbase.filters import Leaf, Moment, check, plan
from clientbase.filters.flips import WHOLE, compile_sweeps, flips
from clientbase.filters.narrow import compile_family, families
from clientbase.search.bits import unpack
from tests.filters.benches import CALENDAR_SEEDS, CLIENTS, Bench, filter_of
from tests.filters.samples import CATALOGUE, tree

SEEDS = (*range(200, 204), *CALENDAR_SEEDS)
STEPS = (
    timedelta(minutes=1), timedelta(hours=1), timedelta(hours=9), timedelta(days=1), timedelta(days=7),
    timedelta(days=31), timedelta(days=365), timedelta(days=-1),
)  # fmt: skip


def leaves_of(bench: Bench, trees: int) -> dict[str, Leaf]:
    found: dict[str, Leaf] = {}
    for _ in range(trees):
        found |= bench.subject.understand(filter_of(bench.leaf()))[1].leaves
    return found


def moment_of(bench: Bench) -> Moment:
    return Moment(bench.subject.when.now, ZoneInfo(bench.subject.when.zone))


@pytest.mark.parametrize("bench", SEEDS, indirect=True)
async def test_some_clients_are_asked_together_as_each_leaf_asks_all(bench: Bench) -> None:
    subject, moment = bench.subject, moment_of(bench)
    leaves = leaves_of(bench, 400)
    some = BitMap64(bench.rng.sample(sorted(bench.everyone), CLIENTS // 2))
    families_found = list(families(leaves))
    assert {key for keys in families_found for key in keys} == leaves.keys()
    assert sum(1 for keys in families_found if len(keys) > 1) >= 8
    for keys in families_found:
        query = compile_family([leaves[key] for key in keys], subject.loaded.account.id, moment, list(some))
        row = (await subject.session.execute(query)).one()
        for key, ids in zip(keys, row, strict=True):
            assert unpack(ids) == (await subject.answer(key, leaves[key], moment)) & some, leaves[key]


@pytest.mark.parametrize("bench", SEEDS, indirect=True)
async def test_time_flips_only_those_whose_values_a_bound_has_passed(bench: Bench) -> None:
    subject, old = bench.subject, moment_of(bench)
    flipped = whole = 0
    for key, leaf in leaves_of(bench, 300).items():
        step = bench.chance.one(STEPS)
        new = Moment(old.now + step, old.zone)
        sweeps = flips(leaf, old, new)
        if sweeps == WHOLE:
            whole += 1
            continue
        named: set[int] = set()
        for sweep in sweeps:
            query = compile_sweeps([sweep], subject.loaded.account.id)
            named |= set((await subject.session.execute(query)).scalars())
        before, after = await subject.answer(key, leaf, old), await subject.answer(key, leaf, new)
        assert set(before ^ after) <= named, (leaf, step)
        flipped += len(before ^ after)
    assert flipped > 5, "time that flips nobody shows nothing"
    assert whole < 60


async def test_days_without_a_year_move_with_the_hours_of_their_bounds() -> None:
    soon = {"type": "field", "field": "birth_date", "operator": "between", "ignore_year": True,
            "value": {"from": "now", "to": "now+12h"}}  # fmt: skip
    (leaf,) = plan(check(tree(soon), CATALOGUE), CATALOGUE).leaves.values()
    zone = ZoneInfo(CATALOGUE.time_zone)
    morning, noon, later = (
        Moment(datetime(2026, 5, 6, hour, 30, tzinfo=zone), zone) for hour in (10, 11, 12)
    )
    assert flips(leaf, morning, noon) == []
    assert flips(leaf, noon, later) == WHOLE
