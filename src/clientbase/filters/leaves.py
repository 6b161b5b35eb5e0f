"""Leaves: the questions that reach SQL, each in one canonical form under a key that is the same tomorrow."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import ClassVar

from clientbase.filters.conditions import Condition, Present, When, YearDay
from clientbase.filters.specs import Action, Field, Read

FORMAT = 1
"""Part of every key: another canonical form or another meaning is another format."""


@dataclass(frozen=True, slots=True)
class Atom:
    """A condition on a param of an action, or its complement."""

    field: Field
    condition: Condition
    negative: bool

    def shape(self) -> list[object]:
        """Plain data that does not tell the values."""
        return ["not" if self.negative else "is", field_data(self.field), self.condition.shape()]

    def data(self) -> list[object]:
        """Plain data, equal for equal atoms."""
        return ["not" if self.negative else "is", field_data(self.field), self.condition.key()]

    def atoms(self) -> Iterable["Atom"]:
        """Itself."""
        return (self,)


@dataclass(frozen=True, slots=True)
class Junction:
    """AND (`every`) or OR of predicates; negation stands at the atoms only."""

    every: bool
    items: tuple["Predicate", ...]

    def shape(self) -> list[object]:
        """Plain data that does not tell the values."""
        return ["and" if self.every else "or", [item.shape() for item in self.items]]

    def data(self) -> list[object]:
        """Plain data, equal for equal predicates."""
        return ["and" if self.every else "or", [item.data() for item in self.items]]

    def atoms(self) -> Iterable[Atom]:
        """All atoms inside."""
        return (atom for item in self.items for atom in item.atoms())


Predicate = Atom | Junction


@dataclass(frozen=True, slots=True)
class FieldLeaf:
    """Clients whose field satisfies a condition; a client without rows never does."""

    field: Field
    condition: Condition

    @property
    def scattered(self) -> bool:
        """Whether it reads rows far apart that no index holds."""
        return False

    @property
    def timed(self) -> bool:
        """Whether it depends on `now` or on the time zone."""
        return self.field.read.how in ("age", "days_since") or timed(self.condition)

    def data(self) -> list[object]:
        """Plain data, equal for equal leaves."""
        return [field_data(self.field), self.condition.key()]

    @property
    def name(self) -> str:
        """The code of what is asked about."""
        return self.field.code


@dataclass(frozen=True, slots=True)
class ActionLeaf:
    """Clients over whose actions a measure satisfies a condition; a client without actions never does."""

    action: Action
    function: str
    param: Field | None
    condition: Condition
    result: Field
    period: When | None
    where: Predicate | None

    @property
    def scattered(self) -> bool:
        """Whether it reads free params, which lie in the rows themselves and in no index."""
        atoms = self.where.atoms() if self.where is not None else ()
        read = [self.param, *(atom.field for atom in atoms)]
        return any(field is not None and field.read.how.startswith("json") for field in read)

    @property
    def did(self) -> bool:
        """Whether any such action is enough, so that none need be counted."""
        return self.function == "count" and isinstance(self.condition, Present)

    @property
    def timed(self) -> bool:
        """Whether it depends on `now` or on the time zone."""
        inside = self.where.atoms() if self.where is not None else ()
        return (
            self.period is not None or timed(self.condition) or any(timed(atom.condition) for atom in inside)
        )

    def data(self) -> list[object]:
        """Plain data, equal for equal leaves."""
        return [
            self.action.rows,
            self.action.type_id,
            self.function,
            field_data(self.param) if self.param is not None else None,
            self.condition.key(),
            self.period.key() if self.period is not None else None,
            self.where.data() if self.where is not None else None,
        ]

    @property
    def name(self) -> str:
        """The code of what is asked about."""
        return self.action.code


@dataclass(frozen=True, slots=True)
class Universe:
    """All living clients: what complements are taken of."""

    name: ClassVar[str] = "universe"
    scattered: ClassVar[bool] = False
    timed: ClassVar[bool] = False

    def data(self) -> list[object]:
        """Plain data, equal for equal leaves."""
        return []


Leaf = FieldLeaf | ActionLeaf | Universe


def leaf_key(leaf: Leaf, zone: str) -> str:
    """A key `<code>:<digest>`: equal for equal leaves of an account, whatever day it is."""
    data = [FORMAT, leaf.data(), zone if leaf.timed else None]
    return f"{leaf.name}:{blake2b(_text(data).encode(), digest_size=16).hexdigest()}"


def timed(condition: Condition) -> bool:
    """Whether a condition has bounds of time."""
    return isinstance(condition, When | YearDay)


def field_data(field: Field) -> list[object]:
    """What makes a field itself: its type and where it is read, not its names."""
    read: Read = field.read
    return [field.type.value, read.how, read.rows, read.column, read.key]


def junction(items: Iterable[Predicate], every: bool) -> Predicate:
    """AND or OR of predicates: flat, each once, ordered by their shapes first, so that SQL follows shape."""
    flat: dict[str, Predicate] = {}
    for item in items:
        inner = item.items if isinstance(item, Junction) and item.every is every else (item,)
        flat |= {_text(one.data()): one for one in inner}
    ordered = tuple(flat[key] for key in sorted(flat, key=lambda key: (_text(flat[key].shape()), key)))
    return ordered[0] if len(ordered) == 1 else Junction(every, ordered)


def _text(data: list[object]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
