"""The tree as understood: names resolved, values normalised."""

from dataclasses import dataclass
from typing import Any

from clientbase.filters.catalogue import Entry
from clientbase.filters.operators import Operator
from clientbase.filters.specs import Action, Field


@dataclass(frozen=True, slots=True)
class CheckedGroup:
    """AND (`every`) or OR of its nodes, maybe negated."""

    every: bool
    negate: bool
    nodes: tuple["CheckedNode", ...]


@dataclass(frozen=True, slots=True)
class CheckedField:
    """A field under an operator: `value` normalised, `shown` as the caller wrote it."""

    field: Field
    operator: Operator
    value: Any
    shown: Any
    ignore_year: bool = False
    personal: bool = False
    """It reads personal data: the field itself, or a segment that it names."""


@dataclass(frozen=True, slots=True)
class CheckedAction:
    """A measure over actions under an operator; `result` is the measure seen as a field."""

    action: Action
    function: str
    param: Field | None
    result: CheckedField
    period: CheckedField | None
    where: "CheckedNode | None"


@dataclass(frozen=True, slots=True)
class CheckedSegment:
    """Membership in any (`negative`: in none) of the segments."""

    negative: bool
    segments: tuple[Entry, ...]


CheckedNode = CheckedGroup | CheckedField | CheckedAction | CheckedSegment


@dataclass(frozen=True, slots=True)
class Checked:
    """A filter that holds for its account."""

    root: CheckedNode
