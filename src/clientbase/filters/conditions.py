"""Conditions on a value: canonical, positive, hashable. What a client without the value never satisfies."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from clientbase.filters.bounds import Bound, Math
from clientbase.filters.yearless import MonthDay

Scalar = str | int | bool | Decimal


def spell(value: Scalar | None) -> str | int | bool | None:
    """A value as it stands in keys: equal values are spelled alike."""
    return format(value.normalize() + 0, "f") if isinstance(value, Decimal) else value


@dataclass(frozen=True, slots=True)
class Present:
    """There is a value (for a set: an element)."""

    def shape(self) -> list[object]:
        """What of the key stays when only the values change: what the SQL is made by."""
        return ["present"]

    def key(self) -> list[object]:
        """The condition as plain data, equal for equal conditions."""
        return self.shape()


@dataclass(frozen=True, slots=True)
class Among:
    """The value, or an element of the set, is one of these (`inverted`: is none of these)."""

    values: tuple[Scalar, ...]
    inverted: bool = False

    def shape(self) -> list[object]:
        """What of the key stays when only the values change: what the SQL is made by."""
        return ["among", self.inverted]

    def key(self) -> list[object]:
        """The condition as plain data, equal for equal conditions."""
        return [*self.shape(), [spell(value) for value in self.values]]


@dataclass(frozen=True, slots=True)
class HasAll:
    """The set holds every one of these."""

    values: tuple[Scalar, ...]

    def shape(self) -> list[object]:
        """What of the key stays when only the values change: what the SQL is made by."""
        return ["all"]

    def key(self) -> list[object]:
        """The condition as plain data, equal for equal conditions."""
        return [*self.shape(), [spell(value) for value in self.values]]


@dataclass(frozen=True, slots=True)
class Like:
    """The folded text (of a phone: its digits) contains, begins or ends with another."""

    place: Literal["contains", "starts_with", "ends_with"]
    text: str

    def shape(self) -> list[object]:
        """What of the key stays when only the values change: what the SQL is made by."""
        return [self.place]

    def key(self) -> list[object]:
        """The condition as plain data, equal for equal conditions."""
        return [*self.shape(), self.text]


@dataclass(frozen=True, slots=True)
class Within:
    """The number lies between ends, each closed or open or absent (`inverted`: lies outside)."""

    lo: int | Decimal | None = None
    hi: int | Decimal | None = None
    lo_open: bool = False
    hi_open: bool = False
    inverted: bool = False

    def holds_zero(self) -> bool:
        """Whether 0 lies between the ends."""
        above = self.lo is None or self.lo < 0 or (self.lo == 0 and not self.lo_open)
        below = self.hi is None or self.hi > 0 or (self.hi == 0 and not self.hi_open)
        return above and below

    def shape(self) -> list[object]:
        """What of the key stays when only the values change: what the SQL is made by."""
        ends = [self.lo is not None, self.hi is not None]
        return ["within", *ends, self.lo_open, self.hi_open, self.inverted]

    def key(self) -> list[object]:
        """The condition as plain data, equal for equal conditions."""
        return [*self.shape(), spell(self.lo), spell(self.hi)]


AT_LEAST_ONE = Within(1, None)


@dataclass(frozen=True, slots=True)
class Edge:
    """An end of time: `from` and `to` take the bound's interval along, `after` and `before` leave it out."""

    side: Literal["from", "after", "to", "before"]
    bound: Bound


@dataclass(frozen=True, slots=True)
class When:
    """The day or instant lies between edges, kept as written and resolved at evaluation."""

    lower: Edge | None
    upper: Edge | None

    def shape(self) -> list[object]:
        """What of the key stays when only the values change: what the SQL is made by."""
        return ["when", *(edge.side if edge else None for edge in (self.lower, self.upper))]

    def key(self) -> list[object]:
        """The condition as plain data, equal for equal conditions."""
        return [*self.shape(), *(str(edge.bound) if edge else None for edge in (self.lower, self.upper))]


@dataclass(frozen=True, slots=True)
class YearDay:
    """The day, taken without its year, lies between two."""

    lower: MonthDay | Math
    upper: MonthDay | Math

    def shape(self) -> list[object]:
        """What of the key stays when only the values change: what the SQL is made by."""
        return ["year_day"]

    def key(self) -> list[object]:
        """The condition as plain data, equal for equal conditions."""
        return [*self.shape(), str(self.lower), str(self.upper)]


Condition = Present | Among | HasAll | Like | Within | When | YearDay


def among(values: tuple[Scalar, ...]) -> Among:
    """One of these values: sorted, each once."""
    return Among(tuple(sorted(set(values))))


def whole(condition: Within) -> Within:
    """The same ends for whole numbers: closed."""
    lo = condition.lo + 1 if condition.lo is not None and condition.lo_open else condition.lo
    hi = condition.hi - 1 if condition.hi is not None and condition.hi_open else condition.hi
    return Within(lo, hi)


def holds_for_zero(condition: Condition) -> bool:
    """Whether 0 satisfies a condition on numbers."""
    if isinstance(condition, Among):
        return 0 in condition.values
    return isinstance(condition, Present) or (isinstance(condition, Within) and condition.holds_zero())


def complement(condition: Among | Within, natural: bool) -> Among | Within | None:
    """What holds exactly where this does not, on numbers; None: nowhere. `natural`: whole, never below 0."""
    if isinstance(condition, Among):
        return Within(1, None) if natural and condition.values == (0,) else Among(condition.values, True)
    lo, hi = (None if natural else condition.lo), condition.hi
    if lo is None and hi is None:
        return None
    if lo is None and hi is not None:
        return Within(hi + 1, None) if natural else Within(hi, None, lo_open=not condition.hi_open)
    if hi is None:
        return Within(None, lo, hi_open=not condition.lo_open)
    return Within(lo, hi, condition.lo_open, condition.hi_open, inverted=True)
