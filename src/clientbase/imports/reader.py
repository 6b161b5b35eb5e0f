"""Rows of a CSV file with their place in it, so that reading can go on from any row."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from clientbase.imports.formats import FileFormat
from clientbase.kit.errors import Invalid, Item

MAX_CELL = 32_767
"""Characters: what a cell of a spreadsheet holds."""
MAX_LINE = 1 << 20
"""Bytes; what is longer is skipped to its end."""
_END = "\x1eend of file\x1e"
_NUL = Item("", "NUL_CHARACTER", "The row contains the NUL character.")
_BROKEN = Item("", "ENCODING_BROKEN", "The row is not in the encoding of the file.")
_LONG = Item("", "CELL_TOO_LONG", f"A cell has at most {MAX_CELL} characters.")


class Position(NamedTuple):
    """A place between two rows: bytes and lines before it."""

    offset: int
    line: int


class Record(NamedTuple):
    """One row: the line that it begins in, its cells, what is wrong with it as a whole, where it ends."""

    line: int
    cells: list[str]
    fault: Item | None
    end: Position


class CsvReader:
    """Reads rows from a position; blank rows are passed over."""

    def __init__(self, path: Path, form: FileFormat, width: int, start: Position | None = None) -> None:
        self._form = form
        self._width = width
        self._offset, self._line = start or (form.offset, form.line)
        self._fault: Item | None = None
        self._is_long = False
        self._file: BinaryIO = path.open("rb")
        self._file.seek(self._offset)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def records(self) -> Iterator[Record]:
        """All rows from here. Raises Invalid (UNCLOSED_QUOTE) with the line that the quote is opened in."""
        rows = csv.reader(self._lines(), delimiter=self._form.delimiter)
        while True:
            first = self._line + 1
            self._fault, self._is_long = None, False
            try:
                cells = next(rows)
            except csv.Error:
                if self._line > first:
                    raise _unclosed(first) from None
                yield Record(first, [], _LONG, Position(self._offset, self._line))
                continue
            if cells and cells[-1].endswith(_END):
                if cells != [_END]:
                    raise _unclosed(first)
                return
            if self._fault is not None or any(cells):
                yield Record(first, cells, self._judged(cells), Position(self._offset, self._line))

    def _lines(self) -> Iterator[str]:
        encoding, readline = self._form.encoding, self._file.readline
        while raw := readline(MAX_LINE):
            self._offset += len(raw)
            self._line += 1
            if len(raw) > MAX_CELL:
                self._is_long = True
                if len(raw) == MAX_LINE and not raw.endswith(b"\n"):
                    self._skip_line()
                    raw = b""
            try:
                text = raw.decode(encoding)
            except UnicodeDecodeError:
                self._fault = _BROKEN
                text = raw.decode(encoding, "replace")
            if "\0" in text:
                self._fault = _NUL
                text = text.replace("\0", "")
            yield text
        yield _END

    def _skip_line(self) -> None:
        self._fault = _LONG
        while raw := self._file.readline(MAX_LINE):
            self._offset += len(raw)
            if raw.endswith(b"\n"):
                return

    def _judged(self, cells: list[str]) -> Item | None:
        """What is wrong with the row as a whole; empty cells after the last column are nothing."""
        if self._fault is not None:
            return self._fault
        if self._is_long and max(map(len, cells)) > MAX_CELL:
            return _LONG
        if len(cells) == self._width:
            return None
        if len(cells) > self._width and not any(cells[self._width :]):
            del cells[self._width :]
            return None
        message = f"The row has {len(cells)} cells, the header {self._width}."
        return Item("", "WRONG_COLUMN_COUNT", message)


def _unclosed(line: int) -> Invalid:
    return Invalid("UNCLOSED_QUOTE", f"A quote that is opened in line {line} is not closed.")
