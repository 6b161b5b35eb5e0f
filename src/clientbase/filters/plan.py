"""From the understood tree to a plan: a boolean expression over canonical leaves and segments."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from clientbase.filters.catalogue import Catalogue
from clientbase.filters.checked import (
    Checked,
    CheckedAction,
    CheckedField,
    CheckedGroup,
    CheckedNode,
    CheckedSegment,
)
from clientbase.filters.conditions import (
    AT_LEAST_ONE,
    Among,
    Condition,
    Present,
    When,
    Within,
    complement,
    holds_for_zero,
    whole,
)
from clientbase.filters.expressions import Const, Expression, LeafRef, SegmentRef, joined, negated
from clientbase.filters.leaves import ActionLeaf, Atom, FieldLeaf, Leaf, Predicate, junction, leaf_key
from clientbase.filters.specs import Field, Type


@dataclass(frozen=True)
class Plan:
    """What to evaluate (`leaves` by key, stored `segments` by id) and how to combine it (`root`)."""

    root: Expression
    leaves: Mapping[str, Leaf] = field(default_factory=dict)
    segments: frozenset[int] = frozenset()


def plan(checked: Checked | None, catalogue: Catalogue) -> Plan:
    """The plan of a filter; None is everyone."""
    if checked is None:
        return Plan(Const(True))
    planner = _Planner(catalogue)
    root = planner.node(checked.root)
    return Plan(root, planner.leaves, frozenset(planner.segments))


class _Planner:
    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.leaves: dict[str, Leaf] = {}
        self.segments: set[int] = set()

    def node(self, node: CheckedNode) -> Expression:
        """The expression of a node."""
        if isinstance(node, CheckedGroup):
            inner = joined((self.node(child) for child in node.nodes), node.every)
            return negated(inner) if node.negate else inner
        if isinstance(node, CheckedField):
            return self._field(node)
        if isinstance(node, CheckedAction):
            return self._action(node)
        return self._segment(node)

    def _field(self, node: CheckedField) -> Expression:
        condition, negative = self._polarised(node)
        if condition is None:
            return Const(negative)
        return self._leaf(FieldLeaf(node.field, condition), negative)

    def _action(self, node: CheckedAction) -> Expression:
        condition, negative = self._polarised(node.result)
        if condition is None:
            return Const(negative)
        if node.function == "count" and condition == AT_LEAST_ONE:
            condition = Present()
        period = self._condition(node.period) if node.period is not None else None
        assert period is None or isinstance(period, When)
        where = self._predicate(node.where, False) if node.where is not None else None
        result = node.result.field
        return self._leaf(
            ActionLeaf(node.action, node.function, node.param, condition, result, period, where), negative
        )

    def _segment(self, node: CheckedSegment) -> Expression:
        ids = sorted({segment.id for segment in node.segments})
        self.segments.update(ids)
        members = joined((SegmentRef(id_) for id_ in ids), every=False)
        return negated(members) if node.negative else members

    def _leaf(self, leaf: Leaf, negative: bool) -> Expression:
        key = leaf_key(leaf, self.catalogue.time_zone)
        self.leaves.setdefault(key, leaf)
        return negated(LeafRef(key)) if negative else LeafRef(key)

    def _predicate(self, node: CheckedNode, negative: bool) -> Predicate:
        """A `where` with negation pushed down to its atoms."""
        if isinstance(node, CheckedGroup):
            flipped = negative is not node.negate
            every = node.every is not flipped
            return junction((self._predicate(child, flipped) for child in node.nodes), every)
        assert isinstance(node, CheckedField)
        return Atom(node.field, self._condition(node), node.operator.negative is not negative)

    def _condition(self, node: CheckedField) -> Condition:
        value = self._stored(node.field, node.value)
        condition = node.operator.make(value)
        if node.field.type is Type.INTEGER and isinstance(condition, Within):
            return whole(condition)
        return condition

    def _polarised(self, node: CheckedField) -> tuple[Condition | None, bool]:
        """A condition that a client without rows does not satisfy, and whether the leaf is its complement.

        Without a condition nobody satisfies the leaf.
        """
        condition, negative = self._condition(node), node.operator.negative
        if not node.field.zero or not holds_for_zero(condition):
            return condition, negative
        if not isinstance(condition, Among | Within):
            return None, not negative
        return complement(condition, node.field.type is Type.INTEGER), not negative

    def _stored(self, of: Field, value: Any) -> Any:
        """Money in whole minor units where it is stored so."""
        if not of.minor:
            return value
        if isinstance(value, tuple):
            return tuple(self._stored(of, one) for one in value)
        return int(value.scaleb(self.catalogue.currency_exponent)) if isinstance(value, Decimal) else value
