"""The look over a whole file before anything is written: how many rows, and what would spoil all of them."""

from pathlib import Path

from clientbase.imports.formats import FileFormat
from clientbase.imports.options import Columns
from clientbase.imports.reader import CsvReader, Record
from clientbase.kit.errors import Invalid

MAX_GROUP = 10_000


def inspect(path: Path, form: FileFormat, columns: Columns, grouped_by: str | None) -> int:
    """How many rows the file has.

    Raises Invalid: UNCLOSED_QUOTE, NO_ROWS; ROWS_APART and GROUP_TOO_LARGE for rows that belong together.
    """
    reader = CsvReader(path, form, len(columns.headers))
    groups = _Groups(columns, grouped_by) if grouped_by else None
    rows = 0
    try:
        for record in reader.records():
            rows += 1
            if groups is not None:
                groups.add(record)
    finally:
        reader.close()
    if not rows:
        raise Invalid("NO_ROWS", "The file has a header and no rows.")
    return rows


def group_key(record: Record, columns: Columns, grouped_by: str) -> str | None:
    """What the row belongs to; None for a row that cannot be read or names nothing."""
    if record.fault is not None:
        return None
    return record.cells[columns.places[grouped_by][0]].strip() or None


class _Groups:
    """Watches that rows of one thing stand together; rows that cannot be read part nothing."""

    def __init__(self, columns: Columns, grouped_by: str) -> None:
        self._columns = columns
        self._grouped_by = grouped_by
        self._seen: set[int] = set()
        self._current: str | None = None
        self._size = 0

    def add(self, record: Record) -> None:
        key = group_key(record, self._columns, self._grouped_by)
        if key is None:
            return
        if key != self._current:
            self._begin(key, record.line)
        self._size += 1
        if self._size > MAX_GROUP:
            message = f"More than {MAX_GROUP} rows belong together, in line {record.line}."
            raise Invalid("GROUP_TOO_LARGE", message)

    def _begin(self, key: str, line: int) -> None:
        mark = hash(key)
        if mark in self._seen:
            message = f"Rows of one order must stand together: sort the file by order (line {line})."
            raise Invalid("ROWS_APART", message)
        self._seen.add(mark)
        self._current, self._size = key, 0
