"""Each mutant is killed by a law: what the laws do not notice would be a hole in them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from clientbase.kit.db import Sessions
from tests.filters.benches import CALENDAR_SEEDS, Bench, lay
from tests.filters.mutants import MUTANTS
from tests.filters.mutation import Mutant
from tests.filters.rewriting import OtherValues, OtherWords
from tests.filters.subject import Subject, Tree, When

SEEDS = (7, 8, 9, 12)
"""Worlds between them of currencies without and with three places, of zones with summer time."""
TRIES = 120
"""Trees of each world."""


@pytest.fixture(scope="session")
async def benches(world_sessions: Sessions) -> AsyncIterator[list[Bench]]:
    """Worlds with the same ids in them."""
    async with AsyncExitStack() as stack:
        found = []
        for seed in (*SEEDS, *CALENDAR_SEEDS):
            world, loaded, rng = await lay(world_sessions, seed)
            session = await stack.enter_async_context(world_sessions())
            found.append(Bench(seed, Subject(session, loaded, world), rng))
        yield found


async def breaks_oracle(bench: Bench, tree: Tree, when: When | None) -> bool:
    """Other clients are meant; a mutant that only fails would show nothing, so its error is not caught."""
    try:
        return await bench.subject.engine(tree, when) != bench.subject.oracle(tree, when)
    except AssertionError:  # ids given more than once
        return True


async def breaks_keys(bench: Bench, tree: Tree, _: When | None) -> bool:
    return bench.keys(tree) != bench.keys(OtherWords(bench.chance).tree(tree))


async def breaks_shape(bench: Bench, tree: Tree, _: When | None) -> bool:
    one, other = bench.sql(tree), bench.sql(OtherValues(bench.chance, bench.sample).tree(tree))
    return len(one[0]) == len(other[0]) and one[1] == other[1] and one != other


LAWS = {"oracle": breaks_oracle, "keys": breaks_keys, "shape": breaks_shape}


async def hunt(mutant: Mutant, benches: list[Bench]) -> tuple[Bench, Tree, When | None, int] | None:
    """The first tree that breaks the law, with the number of trees asked; None when none does."""
    fit = benches[len(SEEDS) :] if mutant.moves else benches[: len(SEEDS)]
    for asked in range(1, TRIES * len(fit) + 1):
        bench = fit[asked % len(fit)]
        tree = mutant.asks.tree(bench)
        for when in moments(mutant, bench, tree):
            if await LAWS[mutant.law](bench, tree, when):
                return bench, tree, when, asked
    return None


def moments(mutant: Mutant, bench: Bench, tree: Tree) -> list[When | None]:
    later = bench.another_time()
    return [None, later] if mutant.moves and bench.is_right(tree, later) else [None]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
async def test_a_law_kills(mutant: Mutant, benches: list[Bench]) -> None:
    for bench in benches:
        await bench.subject.session.rollback()
        bench.subject.answers.clear()
    with mutant.applied():
        found = await hunt(mutant, benches)
    assert found, "no law notices it"
    bench, tree, when, asked = found
    print(f"killed by {mutant.law} at tree {asked} of world {bench.seed}: {tree['root']}")
    bench.subject.answers.clear()
    assert not await LAWS[mutant.law](bench, tree, when), "the law is broken without the mutant too"


def test_there_are_many_mutants() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 60
