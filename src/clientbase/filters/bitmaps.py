"""A plan over bitmaps: AND, OR, NOT of the ids of leaves and segments, within the universe."""

from collections.abc import Mapping
from functools import reduce
from operator import and_, or_

from pyroaring import BitMap64

from clientbase.filters.expressions import And, Const, Expression, LeafRef, Not, SegmentRef
from clientbase.filters.plan import Plan


def combine(
    plan: Plan,
    leaves: Mapping[str, BitMap64],
    segments: Mapping[int, BitMap64],
    universe: BitMap64 | None,
) -> BitMap64:
    """The members of a plan within the universe; the given bitmaps are not changed.

    `leaves` holds a bitmap for every key of `plan.leaves`, `segments` for every id of `plan.segments`:
    KeyError where one is missing. Without a universe they hold only clients themselves, and the plan takes
    no complement.
    """
    if universe is None:
        return _Combiner(leaves, segments, BitMap64()).of(plan.root)
    return _Combiner(leaves, segments, universe).of(plan.root) & universe


class _Combiner:
    def __init__(
        self, leaves: Mapping[str, BitMap64], segments: Mapping[int, BitMap64], universe: BitMap64
    ) -> None:
        self.leaves, self.segments, self.universe = leaves, segments, universe

    def of(self, item: Expression) -> BitMap64:
        """The ids of an expression; those of a leaf or segment may lie outside the universe."""
        if isinstance(item, LeafRef):
            return self.leaves[item.key]
        if isinstance(item, SegmentRef):
            return self.segments[item.id]
        if isinstance(item, Const):
            return self.universe if item.everyone else BitMap64()
        if isinstance(item, Not):
            return self.universe - self.of(item.item)
        return self._all(item) if isinstance(item, And) else reduce(or_, map(self.of, item.items))

    def _all(self, item: And) -> BitMap64:
        """What is negated is taken away from the rest, without making its complement."""
        inside = [self.of(one) for one in item.items if not isinstance(one, Not)]
        outside = [self.of(one.item) for one in item.items if isinstance(one, Not)]
        base = reduce(and_, inside) if inside else self.universe
        return reduce(lambda left, right: left - right, outside, base)
