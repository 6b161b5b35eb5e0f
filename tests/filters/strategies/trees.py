"""Random valid trees."""

from collections.abc import Callable
from random import Random

from ..oracle.vocabulary import OPERATORS
from ..oracle.world import World
from . import bounds
from .chance import Chance
from .leaves import Leaf
from .sampling import Sample

DEPTH = 6
REDUCIBLE = {
    "sum": ("number", "money"),
    "avg": ("number", "money"),
    "min": ("number", "money", "date", "datetime"),
    "max": ("number", "money", "date", "datetime"),
    "count_distinct": tuple(OPERATORS),
}
FAVOURED = ("group",) * 6 + ("group_set",) * 2
"""Types that one param of few actions has: without favour they would hardly ever be asked."""
RESULT = {"count": "integer", "count_distinct": "integer"}


def random_tree(rng: Random, world: World | Sample) -> dict:
    """A valid filter over this world; give a `Sample` to make many over one world quickly."""
    sample = world if isinstance(world, Sample) else Sample(world)
    maker = TreeMaker(Chance(rng), sample)
    return {"version": 1, "root": maker.node(rng.randint(1, DEPTH), maker.client_leaf)}


class TreeMaker:
    """Nodes over one sample; a leaf maker is told how many levels it may still use."""

    def __init__(self, chance: Chance, sample: Sample):
        self.chance, self.sample = chance, sample

    def node(self, levels: int, leaf: Callable[[int], dict]) -> dict:
        if levels == 1 or self.chance.happens(0.25):
            return leaf(levels)
        nodes = [self.node(levels - 1, leaf) for _ in range(self.chance.one((1, 2, 2, 3)))]
        group = {"type": "group", "match": self.chance.one(("all", "any")), "nodes": nodes}
        return group | self.chance.one(({}, {"negate": False}, {"negate": True}))

    def client_leaf(self, levels: int) -> dict:
        return self.chance.branch(
            {
                self.field_leaf: 50,
                lambda: self.action_leaf(levels): 45,
                self.segment_leaf: 5,
            }
        )

    def field_leaf(self) -> dict:
        field = self._pick(self.sample.fields)
        leaf = self._leaf(field, self.sample.fields[field], lambda: self.sample.of_field(self.chance, field))
        return {"type": "field", "field": field} | leaf.condition()

    def segment_leaf(self) -> dict:
        codes = self.chance.some(self.sample.ready, at_least=1)
        return {"type": "segment", "operator": self.chance.one(("in", "not_in")), "value": codes}

    def action_leaf(self, levels: int) -> dict:
        action = self.chance.one(self.sample.actions if levels > 1 else self.sample.unnamed)
        leaf = {"type": "action", "action": action} | self._measure(action)
        if self.chance.happens(0.4):
            leaf["period"] = self._period(action)
        where = self._where(action, levels - 1)
        return leaf | ({"where": where} if where else {})

    def _where(self, action: str, levels: int) -> dict | None:
        """Entering and leaving are asked of named segments, beside which the rest stands."""
        named = [self._named()] if action.startswith("segment.") else []
        left = levels - len(named)
        if left > 0 and self.chance.happens(0.6):
            named.append(self.node(left, lambda _levels: self.param_leaf(action)))
        return {"type": "group", "match": "all", "nodes": named} if len(named) > 1 else (named or [None])[0]

    def _named(self) -> dict:
        codes = self.chance.some(tuple(self.sample.world.segments), at_least=1)
        one = {"operator": "eq", "value": codes[0]}
        return {"type": "field", "field": "segment"} | self.chance.one(
            (one, {"operator": "in", "value": codes})
        )

    def param_leaf(self, action: str) -> dict:
        param = self._pick(self.sample.params[action])
        kind = self.sample.params[action][param]
        leaf = self._leaf(param, kind, lambda: self.sample.of_param(self.chance, action, param))
        return {"type": "field", "field": param} | leaf.condition()

    def _pick(self, kinds: dict[str, str]) -> str:
        """A name: mostly by its type first, as texts are many and dates few."""
        if self.chance.happens(0.7):
            present = set(kinds.values())
            kind = self.chance.one([*sorted(present), *(each for each in FAVOURED if each in present)])
            return self.chance.one([name for name, each in kinds.items() if each == kind])
        return self.chance.one(tuple(kinds))

    def _leaf(self, name: str, kind: str, seed: Callable[[], object | None]) -> Leaf:
        return Leaf(self.chance, self.sample, name, kind, seed)

    def _period(self, action: str) -> dict:
        near = self.sample.of_param(self.chance, action, "time")
        return bounds.between(self.chance, self.sample.base.clock, near)

    def _measure(self, action: str) -> dict:
        """Nothing (at least once), or a measure with its condition."""
        if self.chance.happens(0.25):
            return self.chance.one(({}, {"measure": {"function": "count"}}, {"operator": "eq", "value": 0}))
        measure = self._function(action)
        params = self.sample.params[action]
        kind = RESULT.get(measure["function"]) or params[measure["param"]]
        leaf = self._leaf(
            measure["function"], kind, lambda: self.sample.of_measure(self.chance, action, measure)
        )
        return {"measure": measure} | leaf.condition(dates_without_year=False)

    def _function(self, action: str) -> dict:
        function = self.chance.one(("count", "count", *REDUCIBLE))
        if function == "count":
            return {"function": function}
        params = self.sample.params[action]
        fit = [param for param, kind in params.items() if kind in REDUCIBLE[function]]
        return {"function": function, "param": self.chance.one(fit)} if fit else {"function": "count"}
