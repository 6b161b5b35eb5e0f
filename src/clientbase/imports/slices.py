"""The file cut into slices: so many rows or bytes each, never between rows that belong together."""

from clientbase.imports.groups import Unit, units
from clientbase.imports.options import Columns
from clientbase.imports.reader import CsvReader

ROWS = 5000
BYTES = 8 << 20


class Slices:
    """Slices of one file from where its reader stands."""

    def __init__(self, reader: CsvReader, columns: Columns, grouped_by: str | None) -> None:
        self._units = units(reader.records(), columns, grouped_by)

    def next(self) -> list[Unit]:
        """The next slice; empty at the end of the file."""
        found: list[Unit] = []
        rows = size = 0
        for unit in self._units:
            found.append(unit)
            rows += len(unit.rows)
            size += sum(record.size for record in unit.rows)
            if rows >= ROWS or size >= BYTES:
                break
        return found
