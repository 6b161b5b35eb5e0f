"""Mutants of groups, segments, complements and bitmaps."""

from dataclasses import replace
from importlib import import_module
from typing import Any

from clientbase.filters import bitmaps, conditions, leaves
from clientbase.filters.checked import CheckedGroup, CheckedSegment
from clientbase.filters.conditions import Within
from clientbase.filters.expressions import And, Not, SegmentRef
from clientbase.filters.plan import _Planner
from tests.filters.asking import Fields, Measures, Segments, Trees, Wheres
from tests.filters.mutation import Mutant

planning = import_module("clientbase.filters.plan")
"""The module: the package gives its function under the same name."""


def group(change: Any) -> Any:
    """The planner's groups made from changed ones."""
    return lambda self, node: NODE(self, change(node) if isinstance(node, CheckedGroup) else node)


def swapped_where(self: _Planner, node: Any, negative: bool) -> Any:
    """De Morgan forgotten: negation goes down and AND stays AND."""
    if isinstance(node, CheckedGroup):
        flipped = negative is not node.negate
        return leaves.junction((self._predicate(child, flipped) for child in node.nodes), node.every)
    return PREDICATE(self, node, negative)


def deaf_where(self: _Planner, node: Any, negative: bool) -> Any:
    return PREDICATE(self, replace(node, negate=False) if isinstance(node, CheckedGroup) else node, negative)


def segments(change: Any) -> Any:
    return lambda self, node: SEGMENT(self, change(node))


def all_segments(self: _Planner, node: CheckedSegment) -> Any:
    ids = sorted({segment.id for segment in node.segments})
    self.segments.update(ids)
    members = planning.joined((SegmentRef(id_) for id_ in ids), every=True)
    return planning.negated(members) if node.negative else members


def unpolarised(self: _Planner, node: Any) -> Any:
    return self._condition(node), node.operator.negative


def hundredths(self: _Planner, of: Any, value: Any) -> Any:
    if of.minor and hasattr(value, "scaleb"):
        return int(value.scaleb(2))
    return STORED(self, of, value)


def near_complement(condition: Any, natural: bool) -> Any:
    found = COMPLEMENT(condition, natural)
    return replace(found, lo=found.lo + 1) if isinstance(found, Within) and found.lo is not None else found


def open_complement(condition: Any, natural: bool) -> Any:
    found = COMPLEMENT(condition, natural)
    if natural or not isinstance(found, Within) or found.inverted:
        return found
    return replace(found, lo_open=not found.lo_open, hi_open=not found.hi_open)


NODE, PREDICATE, SEGMENT, STORED = (
    _Planner.node, _Planner._predicate, _Planner._segment, _Planner._stored,
)  # fmt: skip
COMPLEMENT = conditions.complement


def forgetful_and(self: Any, item: And) -> Any:
    inside = [one for one in item.items if not isinstance(one, Not)]
    return ALL(self, And(tuple(inside))) if inside else ALL(self, item)


def double(item: Any) -> Any:
    return item if isinstance(item, Not) else NEGATED(item)


def first_of(items: Any, every: bool) -> Any:
    unique = tuple(dict.fromkeys(items))
    return unique[0] if len(unique) == 1 else And(unique)


ALL, NEGATED = bitmaps._Combiner._all, planning.negated
LIMITS = ("lt", "lte", "gt", "gte", "between", "not_between", "eq", "ne", "in", "not_in")
PLANS = (
    Mutant("negate of a group does not count",
           ((_Planner, "node", group(lambda node: replace(node, negate=False))),), Trees()),
    Mutant("all is any", ((_Planner, "node", group(lambda node: replace(node, every=False))),), Trees()),
    Mutant("any is all", ((planning, "joined", first_of),), Trees()),
    Mutant("double negation is negation", ((planning, "negated", double),), Trees()),
    Mutant("negation in where does not count", ((_Planner, "_predicate", deaf_where),), Wheres()),
    Mutant("negation in where keeps AND", ((_Planner, "_predicate", swapped_where),), Wheres()),
    Mutant("not_in a segment is in it",
           ((_Planner, "_segment", segments(lambda node: replace(node, negative=False))),), Segments()),
    Mutant("in segments is in the first",
           ((_Planner, "_segment", segments(lambda node: replace(node, segments=node.segments[:1]))),),
           Segments()),
    Mutant("in segments is in all of them", ((_Planner, "_segment", all_segments),), Segments()),
    Mutant("who did nothing is left out", ((_Planner, "_polarised", unpolarised),),
           Measures(("count", "sum", "count_distinct"), operators=LIMITS)),
    Mutant("0 satisfies nothing", ((planning, "holds_for_zero", lambda condition: False),),
           Measures(("count",), operators=LIMITS)),
    Mutant("the complement of a range is one off", ((planning, "complement", near_complement),),
           Measures(("count",), operators=("lt", "lte", "between"))),
    Mutant("ends of a complement are open", ((planning, "complement", open_complement),),
           Fields(("bonus_balance", "revenue", "profit", "items_count"), ("lt", "lte", "gte", "gt"))),
    Mutant("more than of whole numbers is at least", ((planning, "whole", lambda c: Within(c.lo, c.hi)),),
           Fields(("integer",), ("gt", "lt"))),
    Mutant("money has two places everywhere", ((_Planner, "_stored", hundredths),), Fields(("money",))),
    Mutant("what is negated in AND is left out", ((bitmaps._Combiner, "_all", forgetful_and),), Trees()),
)  # fmt: skip
