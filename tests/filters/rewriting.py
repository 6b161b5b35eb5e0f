"""The same tree with other values, and the same question in other words."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from tests.filters.oracle.fields import field_type
from tests.filters.oracle.numbers import number_holds
from tests.filters.oracle.vocabulary import NEGATIVES
from tests.filters.strategies import bounds
from tests.filters.strategies.chance import Chance
from tests.filters.strategies.leaves import Leaf
from tests.filters.strategies.sampling import Sample

Tree = dict[str, Any]
TRIES = 40
NUMERIC = ("number", "money", "integer")
NEVER_EMPTY = {
    "orders_count", "sales_count", "items_count", "deals_in_progress_count", "cancelled_count",
    "cancelled_revenue", "revenue", "profit", "ltv", "bonus_balance", "visits_count", "count",
    "count_distinct", "sum",
}  # fmt: skip
"""Numbers that are 0 over nothing: whether 0 satisfies a condition is part of its shape, and so is whether
it asks for at least one, which needs no counting."""


class OtherValues:
    """Other values in the places of the values of a tree: its shape stays."""

    def __init__(self, chance: Chance, sample: Sample) -> None:
        self.chance, self.sample = chance, sample

    def tree(self, tree: Tree) -> Tree:
        return {**tree, "root": self.node(tree["root"])}

    def node(self, node: Tree) -> Tree:
        """A node about the client."""
        if node["type"] == "group":
            return {**node, "nodes": [self.node(each) for each in node["nodes"]]}
        if node["type"] == "action":
            return self._action(node)
        if node["type"] == "segment":
            return node
        name, base = node["field"], self.sample.base
        kind = field_type(base, name)
        return self._leaf(node, name, kind, lambda: self.sample.of_field(self.chance, name))

    def _action(self, node: Tree) -> Tree:
        action, measure = node["action"], node.get("measure", {"function": "count"})
        params = self.sample.params[action]
        kind = params[measure["param"]] if "param" in measure else "integer"
        kind = "integer" if measure["function"] == "count_distinct" else kind
        found = self._leaf(
            node, measure["function"], kind, lambda: self.sample.of_measure(self.chance, action, measure)
        )
        if "period" in node:
            found["period"] = self._period(action, node["period"])
        return found | ({"where": self._param(action, node["where"])} if "where" in node else {})

    def _param(self, action: str, node: Tree) -> Tree:
        if node["type"] == "group":
            return {**node, "nodes": [self._param(action, each) for each in node["nodes"]]}
        name = node["field"]
        kind = self.sample.params[action][name]
        return self._leaf(node, name, kind, lambda: self.sample.of_param(self.chance, action, name))

    def _leaf(self, node: Tree, name: str, kind: str, seed: Any) -> Tree:
        if "value" not in node:
            return dict(node)
        leaf = Leaf(self.chance, self.sample, name, kind, seed)
        leaf.operator = node["operator"]
        for _ in range(TRIES):
            other = leaf.condition(dates_without_year=node["type"] == "field")
            if alike(name, kind, node, other):
                return node | {"value": other["value"]}
        return dict(node)

    def _period(self, action: str, period: Tree) -> Tree:
        for _ in range(TRIES):
            near = self.sample.of_param(self.chance, action, "time")
            other = bounds.between(self.chance, self.sample.base.clock, near)
            if other.keys() == period.keys():
                return other
        return period


def alike(name: str, kind: str, one: Tree, other: Tree) -> bool:
    """Whether two values of one operator are of one shape."""
    if bool(one.get("ignore_year")) != bool(other.get("ignore_year")):
        return False
    old, new = one["value"], other["value"]
    if isinstance(old, dict) and old.keys() != new.keys():
        return False
    if kind not in NUMERIC or name not in NEVER_EMPTY:
        return True
    return of_zero_and_one(one["operator"], old) == of_zero_and_one(one["operator"], new)


def of_zero_and_one(operator: str, value: Any) -> tuple[bool, ...]:
    """Whether 0 and 1 satisfy a condition, and whether nothing but 0 does."""
    listed = value if isinstance(value, list) else [value]
    only = all(not isinstance(each, dict) and Decimal(str(each)) == 0 for each in listed)
    positive = NEGATIVES.get(operator, operator)
    return number_holds(positive, 0, value), number_holds(positive, 1, value), only


class OtherWords:
    """The same tree said differently: values and nodes in another order, twice, in another dress."""

    def __init__(self, chance: Chance) -> None:
        self.chance = chance

    def tree(self, tree: Tree) -> Tree:
        return {**tree, "root": self.node(tree["root"])}

    def node(self, node: Tree) -> Tree:
        if node["type"] == "group":
            nodes = [self.node(each) for each in node["nodes"]]
            return {**node, "nodes": self._shuffled(nodes)}
        where = {"where": self.node(node["where"])} if "where" in node else {}
        period = {"period": self._dressed(node["period"])} if "period" in node else {}
        value = {"value": self._dressed(node["value"])} if "value" in node else {}
        return {**node, **where, **period, **value}

    def _shuffled(self, items: list[Any]) -> list[Any]:
        again = [self.chance.one(items)] if self.chance.happens(0.5) else []
        return self.chance.rng.sample([*items, *again], len(items) + len(again))

    def _dressed(self, value: Any) -> Any:
        if isinstance(value, list):
            return self._shuffled([self._dressed(each) for each in value])
        if isinstance(value, dict):
            return {key: self._dressed(each) for key, each in reversed(value.items())}
        if isinstance(value, int):
            return float(value) if abs(value) < 2**50 else value
        return self._said(value) if isinstance(value, str) else value

    def _said(self, text: str) -> str:
        """An instant in another offset, or the text itself."""
        instant = _instant(text)
        if instant is None:
            return text
        zone = timezone(timedelta(hours=self.chance.between(-11, 11)))
        return instant.astimezone(zone).isoformat()


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC) if "T" in text and ":" in text else None
    except ValueError:
        return None
