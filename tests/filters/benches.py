"""A world in the tables with a source of trees over it, and the laws that compare two answers."""

from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql.asyncpg import dialect

from clientbase.filters import Moment, compile_leaf
from clientbase.filters.leaves import ActionLeaf
from clientbase.kit.db import Sessions, writing
from clientbase.kit.errors import Invalid
from tests.filters.loader import Loaded, load
from tests.filters.oracle.world import World
from tests.filters.strategies import times
from tests.filters.strategies.chance import Chance
from tests.filters.strategies.sampling import Sample
from tests.filters.strategies.trees import TreeMaker, random_tree
from tests.filters.strategies.worlds import random_world
from tests.filters.subject import Subject, Tree, When

CLIENTS = 60
CALENDAR_SEEDS = (2020, 2116, 2067, 2265, 2135)
"""Worlds whose now is the day after a change of the clocks (Berlin in autumn and in spring, New York,
Santiago at midnight) and 28 February of a common year."""


class Bench:
    """A world in the tables with a source of trees over it."""

    def __init__(self, seed: int, subject: Subject, rng: Random) -> None:
        self.seed, self.subject, self.rng = seed, subject, rng
        self.sample = Sample(subject.world)
        self.chance = Chance(rng)

    def tree(self) -> Tree:
        return random_tree(self.rng, self.sample)

    def leaf(self) -> Tree:
        return TreeMaker(self.chance, self.sample).client_leaf(2)

    async def meant(self, root: Tree) -> set[int]:
        return await self.subject.engine(filter_of(root))

    @property
    def everyone(self) -> set[int]:
        return set(self.subject.universe)

    def another_time(self) -> When:
        """Another day, or the same instant after the account has moved to another zone, or both."""
        zone = self.chance.one((self.subject.when.zone, *times.ZONES))
        later = times.random_now(self.chance, ZoneInfo(zone))
        return When(self.chance.one((later, self.subject.when.now)), zone)

    def is_right(self, tree: Tree, when: When) -> bool:
        """Whether a tree is right in another zone: a day against an instant may be reversed there."""
        try:
            self.subject.understand(tree, when)
        except Invalid as error:
            if {item.code for item in error.errors} == {"RANGE_REVERSED"}:
                return False
            raise
        return True

    def sql(self, tree: Tree) -> tuple[list[str], int]:
        """Statements of the leaves in the order of the tree, and the number of conditions on params."""
        _, plan = self.subject.understand(tree)
        when = self.subject.when
        moment = Moment(when.now, ZoneInfo(when.zone))
        leaves = plan.leaves.values()
        atoms = sum(
            len(list(leaf.where.atoms())) for leaf in leaves if isinstance(leaf, ActionLeaf) and leaf.where
        )
        return [str(compile_leaf(leaf, 1, moment).compile(dialect=dialect())) for leaf in leaves], atoms

    def keys(self, tree: Tree) -> set[str]:
        """The keys of the leaves."""
        return set(self.subject.understand(tree)[1].leaves)


def filter_of(root: Tree) -> Tree:
    return {"version": 1, "root": root}


def group(match: str, *nodes: Tree, negate: bool = False) -> Tree:
    return {"type": "group", "match": match, "negate": negate, "nodes": list(nodes)}


async def lay(sessions: Sessions, seed: int) -> tuple[World, Loaded, Random]:
    """The world of a seed as an account of its own."""
    rng = Random(seed)
    world = random_world(rng, clients=CLIENTS)
    async with writing(sessions) as session:
        loaded = await load(session, world)
    return world, loaded, rng
