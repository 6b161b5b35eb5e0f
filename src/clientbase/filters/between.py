"""What lies between two leaves of which only a threshold differs: the clients whom just one of them means."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from clientbase.filters.conditions import Within
from clientbase.filters.leaves import FieldLeaf, Leaf

Number = int | Decimal
_ONE_ROW = ("clients", "client_stats", "client_visits")
"""Tables with at most one row a client: whoever has several values may be meant by both leaves by different
ones."""


def has_threshold(leaf: Leaf) -> bool:
    """Whether a leaf compares a number of its own row with ends that can be moved."""
    return (
        isinstance(leaf, FieldLeaf)
        and isinstance(leaf.condition, Within)
        and not leaf.condition.inverted
        and leaf.field.read.how == "column"
        and leaf.field.read.rows in _ONE_ROW
    )


def between(one: Leaf, other: Leaf) -> FieldLeaf | None:
    """The leaf of those whom just one of two leaves means; None when these differ by more than one end.

    A leaf is the other one with these clients added or taken away.
    """
    if not (isinstance(one, FieldLeaf) and isinstance(other, FieldLeaf)):
        return None
    if not (has_threshold(one) and has_threshold(other) and one.field == other.field):
        return None
    assert isinstance(one.condition, Within)
    assert isinstance(other.condition, Within)
    found = _between(one.condition, other.condition)
    return None if found is None else replace(one, condition=found)


def nearest(leaf: Leaf, others: Iterable[Leaf]) -> Leaf | None:
    """Of some leaves the one from which the threshold has moved least far."""
    near = [(distance, place, other) for place, other in enumerate(others) if (distance := _far(leaf, other))]
    return min(near)[2] if near else None


def _far(leaf: Leaf, other: Leaf) -> tuple[bool, Number] | None:
    """How far apart; what has no end on one side lies farthest."""
    found = between(leaf, other)
    if found is None:
        return None
    assert isinstance(found.condition, Within)
    lo, hi = found.condition.lo, found.condition.hi
    return (True, 0) if lo is None or hi is None else (False, Decimal(hi) - Decimal(lo))


def _between(one: Within, other: Within) -> Within | None:
    if _lower(one) == _lower(other):
        short, long = sorted((one, other), key=_upper_place)
        if short.hi is None or _is_empty(short):
            return None
        return Within(short.hi, long.hi, lo_open=not short.hi_open, hi_open=long.hi_open)
    if _upper(one) == _upper(other):
        long, short = sorted((one, other), key=_lower_place)
        if short.lo is None or _is_empty(short):
            return None
        return Within(long.lo, short.lo, lo_open=long.lo_open, hi_open=not short.lo_open)
    return None


def _lower(condition: Within) -> tuple[Number | None, bool]:
    return condition.lo, condition.lo_open


def _upper(condition: Within) -> tuple[Number | None, bool]:
    return condition.hi, condition.hi_open


def _lower_place(condition: Within) -> tuple[bool, Number, bool]:
    """The order of lower ends: none at all first, a closed one before an open one."""
    return condition.lo is not None, condition.lo or 0, condition.lo_open


def _upper_place(condition: Within) -> tuple[bool, Number, bool]:
    """The order of upper ends: an open one before a closed one, none at all last."""
    return condition.hi is None, condition.hi or 0, not condition.hi_open


def _is_empty(condition: Within) -> bool:
    """Whether its ends have met or crossed: then the moved end alone does not tell what lies between two."""
    if condition.lo is None or condition.hi is None:
        return False
    is_open = condition.lo_open or condition.hi_open
    return condition.lo > condition.hi or (condition.lo == condition.hi and is_open)
