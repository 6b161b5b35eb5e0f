"""The oracle obeys the algebra of the language on random trees over random bases."""

from collections.abc import Iterator
from itertools import pairwise
from random import Random

import pytest

from ..strategies.sampling import Sample
from ..strategies.trees import random_tree
from ..strategies.worlds import random_world
from .build import match
from .evaluate import members
from .vocabulary import NEGATIVES
from .world import World

TREES = 25


@pytest.fixture(scope="module", params=range(6))
def trees(request) -> tuple[World, list[dict]]:
    """A base and the roots of random trees over it."""
    rng = Random(request.param)
    world = random_world(rng, clients=40)
    sample = Sample(world)
    return world, [random_tree(rng, sample)["root"] for _ in range(TREES)]


def found(world: World, root: dict) -> set[int]:
    return members(world, {"version": 1, "root": root}, world.now)


def pairs(trees: tuple[World, list[dict]]) -> Iterator[tuple[World, dict, dict]]:
    world, roots = trees
    yield from ((world, a, b) for a, b in pairwise(roots))


def negated(node: dict) -> dict:
    return match("all", node, negate=True)


def test_a_tree_and_its_negation_split_the_base(trees):
    world, roots = trees
    for root in roots:
        inside, outside = found(world, root), found(world, negated(root))
        assert inside | outside == set(world.clients)
        assert not inside & outside
        assert found(world, negated(negated(root))) == inside


def test_de_morgan(trees):
    for world, a, b in pairs(trees):
        assert found(world, match("any", a, b, negate=True)) == found(
            world, match("all", negated(a), negated(b))
        )
        assert found(world, match("all", a, b, negate=True)) == found(
            world, match("any", negated(a), negated(b))
        )


def test_groups_are_intersections_and_unions(trees):
    for world, a, b in pairs(trees):
        assert found(world, match("all", a, b)) == found(world, a) & found(world, b)
        assert found(world, match("any", a, b)) == found(world, b) | found(world, a)


def leaves(node: dict) -> Iterator[dict]:
    if node["type"] == "group":
        for each in node["nodes"]:
            yield from leaves(each)
    else:
        yield node


def test_negative_operators_are_complements_of_their_twins(trees):
    world, roots = trees
    for leaf in (leaf for root in roots for leaf in leaves(root)):
        if leaf.get("operator") in NEGATIVES:
            twin = found(world, leaf | {"operator": NEGATIVES[leaf["operator"]]})
            assert found(world, leaf) == set(world.clients) - twin


def test_never_is_the_complement_of_at_least_once(trees):
    world, roots = trees
    for leaf in (leaf for root in roots for leaf in leaves(root) if leaf["type"] == "action"):
        bare = {key: leaf[key] for key in ("type", "action", "period", "where") if key in leaf}
        never = found(world, bare | {"operator": "eq", "value": 0})
        assert never == found(world, negated(bare | {"operator": "gte", "value": 1}))
        assert never == found(world, negated(bare))
