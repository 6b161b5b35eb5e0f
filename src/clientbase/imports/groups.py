"""Rows that belong together, brought together: they are inspected, cut into slices, and loaded as one."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from clientbase.imports.cells import text
from clientbase.imports.options import Columns
from clientbase.imports.reader import Record
from clientbase.kit.errors import Invalid

MAX_ROWS = 10_000
MAX_BYTES = 8 << 20


class Unit(NamedTuple):
    """Rows that stand together: all of one thing, by its key, or (None) rows that belong to nothing."""

    key: str | None
    rows: Sequence[Record]


def units(records: Iterable[Record], columns: Columns, grouped_by: str | None) -> Iterator[Unit]:
    """All rows in their order. Raises Invalid (GROUP_TOO_LARGE) for more of one thing than fits a slice."""
    if grouped_by is None:
        return (Unit(None, (record,)) for record in records)
    return _Groups(columns.places[grouped_by][0]).units(records)


class _Groups:
    """The thing whose rows are read, and the rows after it of which it is not sure whose they are."""

    def __init__(self, place: int) -> None:
        self._place = place
        self._key: str | None = None
        self._rows: list[Record] = []
        self._unsure: list[Record] = []
        self._size = 0
        self._shed_key: str | None = None
        """Of the thing that was closed early, of which no row may follow."""

    def units(self, records: Iterable[Record]) -> Iterator[Unit]:
        for record in records:
            key = self._key_of(record)
            if key is None or record.fault is not None:
                self._unsure.append(record)
            elif key == self._key:
                self._rows += [*self._unsure, record]
                self._unsure = []
            else:
                if key == self._shed_key:
                    raise _too_large(record)
                yield from self._change(key)
                self._rows.append(record)
                self._shed_key = None
            self._size += record.size
            if len(self._rows) + len(self._unsure) > MAX_ROWS or self._size > MAX_BYTES:
                yield from self._shed(record)
        yield from self._change(None)

    def _key_of(self, record: Record) -> str | None:
        """What the row names; of a row that cannot be read only a guess."""
        cells = record.cells
        return (text(cells[self._place].strip()) or None) if self._place < len(cells) else None

    def _change(self, key: str | None) -> Iterator[Unit]:
        """Go over to another thing: unsure rows are of the one that they name, if they name one of both."""
        named = [self._key_of(record) for record in self._unsure]
        own = max((place + 1 for place, name in enumerate(named) if name and name == self._key), default=0)
        next_ = next((n for n in range(own, len(named)) if named[n] and named[n] == key), len(named))
        if self._rows:
            yield Unit(self._key, [*self._rows, *self._unsure[:own]])
        if own < next_:
            yield Unit(None, self._unsure[own:next_])
        self._key, self._rows, self._unsure = key, self._unsure[next_:], []
        self._size = sum(record.size for record in self._rows)

    def _shed(self, record: Record) -> Iterator[Unit]:
        """Let go of unsure rows when there are too many. Raises Invalid where these are not the cause."""
        if not self._unsure:
            raise _too_large(record)
        self._shed_key = self._key
        yield from self._change(None)


def _too_large(record: Record) -> Invalid:
    message = f"More than {MAX_ROWS} rows or {MAX_BYTES >> 20} MB belong together, in line {record.line}."
    return Invalid("GROUP_TOO_LARGE", message)
