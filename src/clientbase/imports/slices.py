"""The file cut into slices: so many rows each, never between rows that belong together."""

from itertools import chain

from clientbase.imports.inspection import group_key
from clientbase.imports.options import Columns
from clientbase.imports.reader import CsvReader, Record

ROWS = 5000


class Slices:
    """Slices of one file from where its reader stands."""

    def __init__(self, reader: CsvReader, columns: Columns, grouped_by: str | None) -> None:
        self._records = iter(reader.records())
        self._columns = columns
        self._grouped_by = grouped_by

    def next(self) -> list[Record]:
        """The next slice; empty at the end of the file."""
        found: list[Record] = []
        key: str | None = None
        for record in self._records:
            own = group_key(record, self._columns, self._grouped_by) if self._grouped_by else None
            if len(found) >= ROWS and (own is None or own != key):
                self._records = chain([record], self._records)
                break
            found.append(record)
            key = own or key
        return found
