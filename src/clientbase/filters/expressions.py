"""A plan: boolean expression over leaves and segments; NOT is taken against the universe."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Const:
    """Everyone, or nobody."""

    everyone: bool


@dataclass(frozen=True, slots=True)
class LeafRef:
    """The clients of a leaf, by its key."""

    key: str


@dataclass(frozen=True, slots=True)
class SegmentRef:
    """The stored members of a segment, by its id."""

    id: int


@dataclass(frozen=True, slots=True)
class Not:
    """Those of the universe outside."""

    item: "Expression"


@dataclass(frozen=True, slots=True)
class And:
    """Those in all items."""

    items: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Those in any item."""

    items: tuple["Expression", ...]


Expression = Const | LeafRef | SegmentRef | Not | And | Or


def negated(item: Expression) -> Expression:
    """The complement, without double negation."""
    if isinstance(item, Const):
        return Const(not item.everyone)
    return item.item if isinstance(item, Not) else Not(item)


def joined(items: Iterable[Expression], every: bool) -> Expression:
    """AND (`every`) or OR of items; one item stands for itself."""
    unique = tuple(dict.fromkeys(items))
    if len(unique) == 1:
        return unique[0]
    return And(unique) if every else Or(unique)
