"""Trees about one thing: what a mutant is looked for with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from tests.filters.benches import Bench, filter_of
from tests.filters.strategies.leaves import Leaf
from tests.filters.strategies.trees import REDUCIBLE, RESULT, TreeMaker
from tests.filters.subject import Tree


class Ask(Protocol):
    """A source of trees."""

    def tree(self, bench: Bench) -> Tree:
        """One more tree."""
        ...


def maker_of(bench: Bench) -> TreeMaker:
    return TreeMaker(bench.chance, bench.sample)


@dataclass(frozen=True)
class Condition:
    """Which names (by type or by name) under which operators; empty is any."""

    of: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()
    ignore_year: bool = False

    def fits(self, name: str, kind: str) -> bool:
        return not self.of or kind in self.of or name in self.of

    def leaf(self, bench: Bench, kinds: dict[str, str], seed_of: Callable[[str], Any]) -> Tree:
        """A field node over one of the names."""
        names = [name for name, kind in kinds.items() if self.fits(name, kind)]
        while True:
            name = bench.chance.one(names)
            leaf = Leaf(bench.chance, bench.sample, name, kinds[name], lambda name=name: seed_of(name))
            if self.operators and leaf.operator not in self.operators:
                continue
            found = leaf.condition()
            if not self.ignore_year or found.get("ignore_year"):
                return {"type": "field", "field": name} | found


@dataclass(frozen=True)
class Fields(Condition):
    """Leaves about the client."""

    def tree(self, bench: Bench) -> Tree:
        sample, chance = bench.sample, bench.chance
        return filter_of(self.leaf(bench, sample.fields, lambda name: sample.of_field(chance, name)))


@dataclass(frozen=True)
class Params(Condition):
    """Actions, at least one, of which a condition on a param holds."""

    actions: tuple[str, ...] = ()

    def tree(self, bench: Bench) -> Tree:
        sample, chance = bench.sample, bench.chance
        fitting = [
            action
            for action in dict.fromkeys(self.actions or sample.unnamed)
            if any(self.fits(name, kind) for name, kind in sample.params[action].items())
        ]
        action = chance.one(fitting)
        where = self.leaf(bench, sample.params[action], lambda name: sample.of_param(chance, action, name))
        return filter_of({"type": "action", "action": action, "where": where})


@dataclass(frozen=True)
class Measures:
    """A measure under any operator, without `where`."""

    functions: tuple[str, ...] = ("count", *REDUCIBLE)
    of: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    period: bool = False

    def tree(self, bench: Bench) -> Tree:
        sample, chance = bench.sample, bench.chance
        while True:
            action = chance.one(self.actions or sample.unnamed)
            measure = self._measure(bench, action)
            if measure is None:
                continue
            kind = RESULT.get(measure["function"]) or sample.params[action][measure["param"]]
            leaf = Leaf(
                chance, sample, measure["function"], kind,
                lambda action=action, measure=measure: sample.of_measure(chance, action, measure),
            )  # fmt: skip
            if not self.operators or leaf.operator in self.operators:
                break
        period = {"period": maker_of(bench)._period(action)} if self.period else {}
        condition = leaf.condition(dates_without_year=False)
        return filter_of({"type": "action", "action": action, "measure": measure} | condition | period)

    def _measure(self, bench: Bench, action: str) -> Tree | None:
        function = bench.chance.one(self.functions)
        if function == "count":
            return {"function": "count"}
        kinds = bench.sample.params[action]
        names = [
            name
            for name, kind in kinds.items()
            if kind in REDUCIBLE[function] and (not self.of or kind in self.of or name in self.of)
        ]
        return {"function": function, "param": bench.chance.one(names)} if names else None


@dataclass(frozen=True)
class Wheres:
    """Actions with a tree of conditions on them."""

    actions: tuple[str, ...] = ()

    def tree(self, bench: Bench) -> Tree:
        maker = maker_of(bench)
        while True:
            leaf = maker.action_leaf(4)
            if leaf.get("where", {}).get("type") == "group" and leaf["action"] in (
                self.actions or bench.sample.actions
            ):
                return filter_of(leaf)


@dataclass(frozen=True)
class Segments:
    """Segment nodes."""

    def tree(self, bench: Bench) -> Tree:
        return filter_of(maker_of(bench).segment_leaf())


@dataclass(frozen=True)
class Trees:
    """Whole random trees."""

    def tree(self, bench: Bench) -> Tree:
        return bench.tree()
