"""Shapes of values: none, one, a list, a range; each tells every wrong part by its pointer."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from clientbase.filters.catalogue import Catalogue
from clientbase.filters.faults import Faults
from clientbase.filters.limits import MAX_VALUES
from clientbase.filters.operators import MANY, NONE, ONE, RANGE, TIMES, Operator
from clientbase.filters.specs import Field
from clientbase.filters.time_values import end_reader, one_time, range_of_times
from clientbase.filters.values import Wrong, read_scalar

_MISSING = object()


class ValueReader:
    """Reads the value of one leaf: a field (or a measure as a field) under an operator."""

    def __init__(self, field: Field, operator: Operator, catalogue: Catalogue, faults: Faults) -> None:
        self.field, self.operator, self.catalogue, self.faults = field, operator, catalogue, faults
        self.zone = ZoneInfo(catalogue.time_zone)

    def read(self, raw: Any, at: str, ignore_year: bool = False) -> tuple[bool, Any]:
        """Whether it could be read, and the normalised value: None, one, a tuple or a pair of ends."""
        before = self.faults.count
        value = _SHAPES[self.operator.shape](self, raw, at, ignore_year)
        return self.faults.count == before and value is not _MISSING, value

    def none(self, raw: Any, at: str, _: bool) -> Any:
        """No value."""
        if raw is not None:
            self.faults.add(at, "UNEXPECTED_VALUE", "This operator takes no value.")
        return None

    def one(self, raw: Any, at: str, ignore_year: bool) -> Any:
        """One value."""
        if raw is None:
            return self._missing(at)
        return self._try(lambda: self._scalar(raw, ignore_year), raw, at)

    def many(self, raw: Any, at: str, _: bool) -> Any:
        """A list of 1 to 10,000 values."""
        if raw is None:
            return self._missing(at)
        if not isinstance(raw, list):
            self.faults.add(at, "WRONG_TYPE", "This operator takes a list of values.", ["list"])
            return _MISSING
        if not raw:
            self.faults.add(at, "EMPTY_VALUE_LIST", "The list needs at least one value.")
            return _MISSING
        if len(raw) > MAX_VALUES:
            self.faults.add(at, "TOO_MANY_VALUES", f"A list has at most {MAX_VALUES} values.", [MAX_VALUES])
            return _MISSING
        return tuple(self._item(item, f"{at}/{i}") for i, item in enumerate(raw))

    def range(self, raw: Any, at: str, ignore_year: bool) -> Any:
        """An object with `from`, `to` or both."""
        if raw is None:
            return self._missing(at)
        if not isinstance(raw, dict):
            self.faults.add(at, "WRONG_TYPE", "This operator takes a range.", ["from", "to"])
            return _MISSING
        for key in raw.keys() - {"from", "to"}:
            self.faults.add_key(at, key, "UNKNOWN_KEY", "A range has from and to.", ["from", "to"])
        if raw.get("from") is None and raw.get("to") is None:
            self.faults.add(at, "MISSING_END", "A range has at least one end.", ["from", "to"])
            return _MISSING
        timed = self.field.type in TIMES
        read = end_reader(ignore_year) if timed else (lambda item: self._scalar(item, False))
        ends = {key: self._end(raw.get(key), read, f"{at}/{key}") for key in ("from", "to")}
        if _MISSING in ends.values():
            return _MISSING
        make = (lambda: range_of_times(ends, ignore_year, self.zone)) if timed else (lambda: _ordered(ends))
        return self._try(make, raw, at)

    def _scalar(self, raw: Any, ignore_year: bool) -> Any:
        if self.field.type in TIMES:
            return one_time(raw, self.field.type, self.operator.code, ignore_year)
        return read_scalar(raw, self.field, self.operator.code, self.catalogue)

    def _item(self, raw: Any, at: str) -> Any:
        return self._try(lambda: self._scalar(raw, False), raw, at)

    def _end(self, raw: Any, read: Callable[[Any], Any], at: str) -> Any:
        return None if raw is None else self._try(lambda: read(raw), raw, at)

    def _try(self, read: Callable[[], Any], raw: Any, at: str) -> Any:
        try:
            return read()
        except Wrong as wrong:
            wrong.tell(self.faults, at, raw)
            return _MISSING

    def _missing(self, at: str) -> Any:
        self.faults.add(at, "MISSING_VALUE", "This operator needs a value.")
        return _MISSING


def _ordered(ends: dict[str, Any]) -> tuple[Any, Any]:
    lower, upper = ends["from"], ends["to"]
    if lower is not None and upper is not None and lower > upper:
        raise Wrong("RANGE_REVERSED", "The range ends before it begins.")
    return lower, upper


_SHAPES: dict[str, Callable[[ValueReader, Any, str, bool], Any]] = {
    NONE: ValueReader.none,
    ONE: ValueReader.one,
    MANY: ValueReader.many,
    RANGE: ValueReader.range,
}
