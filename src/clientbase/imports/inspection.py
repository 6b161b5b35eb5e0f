"""The look over a whole file before anything is written: how many rows, and what would spoil all of them."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from clientbase.imports.groups import units
from clientbase.imports.options import Columns
from clientbase.imports.reader import CsvReader, FileFormat
from clientbase.kit.errors import Invalid

_CACHE_KB = 16_384


def inspect(
    path: Path, form: FileFormat, columns: Columns, grouped_by: str | None, check: Callable[[], None]
) -> int:
    """How many rows the file has; `check` is called now and then, and may raise to end the look.

    Raises Invalid: UNCLOSED_QUOTE, NO_ROWS; ROWS_APART and GROUP_TOO_LARGE for rows that belong together.
    """
    rows = 0
    with (
        closing(CsvReader(path, form, len(columns.headers), check=check)) as reader,
        closing(_Seen()) as seen,
    ):
        for unit in units(reader.records(), columns, grouped_by):
            rows += len(unit.rows)
            if unit.key is not None and not seen.add(unit.key):
                line = unit.rows[0].line
                message = f"Rows of one order must stand together: sort the file by order (line {line})."
                raise Invalid("ROWS_APART", message)
    if not rows:
        raise Invalid("NO_ROWS", "The file has a header and no rows.")
    return rows


class _Seen:
    """Keys that were there already, in bounded memory: a file may name more than fit into it."""

    def __init__(self) -> None:
        self._base = sqlite3.connect("")
        self._base.execute("PRAGMA journal_mode = OFF")
        self._base.execute(f"PRAGMA cache_size = -{_CACHE_KB}")
        self._base.execute("CREATE TABLE seen (mark INTEGER PRIMARY KEY)")

    def add(self, key: str) -> bool:
        """Take the key in; whether it is new."""
        return self._base.execute("INSERT OR IGNORE INTO seen VALUES (?)", (hash(key),)).rowcount == 1

    def close(self) -> None:
        """Forget all of them."""
        self._base.close()
