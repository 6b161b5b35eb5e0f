"""A world asked twice: by the engine over PostgreSQL and by the oracle over plain data."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from pyroaring import BitMap64
from sqlalchemy.ext.asyncio import AsyncSession

from clientbase.filters import (
    Checked,
    Leaf,
    Moment,
    Plan,
    check,
    combine,
    compile_leaf,
    compile_pass,
    plan,
)
from clientbase.kit.errors import Invalid
from clientbase.search.bits import unpack
from tests.filters.loader import Loaded
from tests.filters.oracle.base import Base
from tests.filters.oracle.evaluate import client_matches
from tests.filters.oracle.world import World

Tree = dict[str, Any]


@dataclass(frozen=True)
class When:
    """An instant and the account's zone at which a tree is asked."""

    now: datetime
    zone: str


class Subject:
    """One world: every question is asked in one session, whose tables hold it."""

    def __init__(self, session: AsyncSession, loaded: Loaded, world: World) -> None:
        self.session, self.loaded, self.world = session, loaded, world
        self.universe = BitMap64(world.clients)
        self.when = When(world.now, world.account.time_zone)
        self.answers: dict[tuple[str, datetime], BitMap64] = {}
        """Clients of leaves by key: equal keys must mean equal clients, so trees and zones share them."""
        self._bases = lru_cache(maxsize=8)(self._base)

    def understand(self, tree: Tree, when: When | None = None) -> tuple[Checked, Plan]:
        catalogue = self.loaded.moved((when or self.when).zone).catalogue
        checked = check(tree, catalogue)
        return checked, plan(checked, catalogue)

    async def engine(self, tree: Tree, when: When | None = None) -> set[int]:
        """Whom the engine means."""
        when = when or self.when
        _, what = self.understand(tree, when)
        moment = Moment(when.now, ZoneInfo(when.zone))
        leaves = {key: await self.answer(key, leaf, moment) for key, leaf in what.leaves.items()}
        return set(combine(what, leaves, self.loaded.memberships, self.universe))

    async def answer(self, key: str, leaf: Leaf, moment: Moment) -> BitMap64:
        """The clients of a leaf, asked by itself."""
        known = (key, moment.now)
        if known not in self.answers:
            found = await self.session.execute(compile_leaf(leaf, self.loaded.account.id, moment))
            self.answers[known] = BitMap64(found.scalars())
        return self.answers[known]

    async def answers_together(self, leaves: Sequence[Leaf], moment: Moment) -> list[BitMap64]:
        """The clients of leaves that one pass answers."""
        row = (await self.session.execute(compile_pass(leaves, self.loaded.account.id, moment))).one()
        return [unpack(ids) for ids in row]

    def oracle(self, tree: Tree, when: When | None = None) -> set[int]:
        """Whom the oracle means."""
        base = self._bases(when or self.when)
        return {client.id for client in self.world.clients.values() if client_matches(base, tree, client)}

    def _base(self, when: When) -> Base:
        account = replace(self.world.account, time_zone=when.zone)
        return Base(replace(self.world, account=account), when.now)

    async def agreed(self, tree: Tree, when: When | None = None) -> set[int] | None:
        """Whom both mean; None when they differ, an error of the engine being a difference."""
        right = self.oracle(tree, when)
        try:
            return right if await self.engine(tree, when) == right else None
        except AssertionError:
            raise
        except Exception:
            await self.session.rollback()
            return None

    async def differs(self, tree: Tree, when: When | None = None) -> bool:
        return await self.agreed(tree, when) is None

    async def explain(self, seed: object, tree: Tree, when: When | None = None) -> str:
        """What a failing law prints: the tree made as small as can be, and the ids that differ."""
        small = await shrunk(tree, lambda each: self.differs(each, when))
        when = when or self.when
        try:
            found = await self.engine(small, when)
        except Exception as error:
            await self.session.rollback()
            where = error.errors if isinstance(error, Invalid) else error
            return f"seed {seed} at {when}\n{json.dumps(small, ensure_ascii=False)}\nerror {where!r}"
        right = self.oracle(small, when)
        return (
            f"seed {seed} at {when}\nwhole {json.dumps(tree, ensure_ascii=False)}\n"
            f"small {json.dumps(small, ensure_ascii=False)}\n"
            f"missing {sorted(right - found)}\nneedless {sorted(found - right)}"
        )


async def shrunk(tree: Tree, fails: Callable[[Tree], Any]) -> Tree:
    """The smallest tree, reached by taking parts away, that still fails."""
    for root in smaller(tree["root"]):
        less = {**tree, "root": root}
        if await fails(less):
            return await shrunk(less, fails)
    return tree


def smaller(node: Tree) -> list[Tree]:
    """Nodes with one part less: the most telling first."""
    nodes = node.get("nodes", [])
    found = list(nodes)
    if len(nodes) > 1:
        found += [{**node, "nodes": [*nodes[:place], *nodes[place + 1 :]]} for place in range(len(nodes))]
    found += [{**node, "nodes": [*nodes[:place], less, *nodes[place + 1 :]]}
              for place, each in enumerate(nodes) for less in smaller(each)]  # fmt: skip
    found += [without(node, key) for key in ("negate", "period") if node.get(key)]
    if node.get("where"):
        found += [without(node, "where"), *({**node, "where": less} for less in smaller(node["where"]))]
    value = node.get("value")
    if isinstance(value, list) and len(value) > 1:
        found += [{**node, "value": [each]} for each in value]
    if isinstance(value, dict) and len(value) > 1 and not node.get("ignore_year"):
        found += [{**node, "value": without(value, key)} for key in value]
    return found


def without(node: Tree, key: str) -> Tree:
    return {name: value for name, value in node.items() if name != key}
