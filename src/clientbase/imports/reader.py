"""Rows of a CSV file with their place in it, so that reading can go on from any row."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from clientbase.kit.errors import Invalid, Item

MAX_CELL = 32_767
"""Characters: what a cell of a spreadsheet holds."""
MAX_RECORD = 1 << 20
"""Bytes of a row. A longer line is skipped to its end; several lines that are longer hold an open quote."""
_LINES_PER_CHECK = 1024
_END = "\x1eend of file\x1e"
_NUL = Item("", "NUL_CHARACTER", "The row contains the NUL character.")
_BROKEN = Item("", "ENCODING_BROKEN", "The row is not in the encoding of the file.")
_LONG = Item("", "CELL_TOO_LONG", f"A cell has at most {MAX_CELL} characters.")
_RETURN = Item("", "UNSUPPORTED_LINE_ENDS", "A carriage return alone stands in the row.")


@dataclass(frozen=True)
class FileFormat:
    """How to read a file; `offset` and `line` say where its rows begin (bytes; lines before)."""

    encoding: str
    delimiter: str
    offset: int
    line: int

    def dump(self) -> dict[str, Any]:
        """As it is kept with the run."""
        return asdict(self)


class Position(NamedTuple):
    """A place between two rows: bytes and lines before it."""

    offset: int
    line: int


class Record(NamedTuple):
    """One row: its first line, its cells, what is wrong with it as a whole, where it ends, its bytes here."""

    line: int
    cells: list[str]
    fault: Item | None
    end: Position
    size: int


def _never() -> None:
    """Nobody asks to stop."""


class CsvReader:
    """Reads rows from a position. A `width` of None takes rows of any number of cells.

    `check` is called now and then, and may raise to end the reading.
    """

    def __init__(
        self,
        path: Path,
        form: FileFormat,
        width: int | None,
        start: Position | None = None,
        check: Callable[[], None] = _never,
    ) -> None:
        self._form = form
        self._width = width
        self._check = check
        self._offset, self._line = self._start = start or Position(form.offset, form.line)
        self._fault: Item | None = None
        self._is_long = False
        self._file: BinaryIO = path.open("rb")
        self._file.seek(self._offset)
        self._rows = csv.reader(self._lines(), delimiter=form.delimiter)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def records(self) -> Iterator[Record]:
        """All rows from here but blank ones. Raises as `next`."""
        while (record := self.next()) is not None:
            if record.fault is not None or any(record.cells):
                yield record

    def next(self) -> Record | None:
        """The next row, blank or not; None at the end.

        Raises Invalid (UNCLOSED_QUOTE) with the line that the quote is opened in.
        """
        self._start = Position(self._offset, self._line)
        self._fault, self._is_long = None, False
        try:
            cells = next(self._rows)
        except csv.Error as error:
            return self._record([], self._unreadable(error))
        if cells and cells[-1].endswith(_END):
            if cells != [_END]:
                raise self._unclosed()
            return None
        return self._record(cells, self._judged(cells))

    def _record(self, cells: list[str], fault: Item | None) -> Record:
        start, end = self._start, Position(self._offset, self._line)
        return Record(start.line + 1, cells, fault, end, min(end.offset - start.offset, MAX_RECORD))

    def _lines(self) -> Iterator[str]:
        encoding, readline = self._form.encoding, self._file.readline
        while raw := readline(MAX_RECORD):
            self._offset += len(raw)
            self._line += 1
            if not self._line % _LINES_PER_CHECK:
                self._check()
            if self._line > self._start.line + 1 and self._offset - self._start.offset > MAX_RECORD:
                raise self._unclosed()
            if len(raw) > MAX_CELL:
                self._is_long = True
                if len(raw) == MAX_RECORD and not raw.endswith(b"\n"):
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
        while raw := self._file.readline(MAX_RECORD):
            self._check()
            self._offset += len(raw)
            if raw.endswith(b"\n"):
                return

    def _unreadable(self, error: csv.Error) -> Item:
        """What stopped the reader in the middle of a row: a very long cell, or a lone carriage return."""
        if "field limit" not in str(error):
            return _RETURN
        if self._line > self._start.line + 1:
            raise self._unclosed()
        return _LONG

    def _judged(self, cells: list[str]) -> Item | None:
        """What is wrong with the row as a whole: not that it is blank, or has empty cells after the last."""
        width = self._width
        if self._fault is not None:
            return self._fault
        if self._is_long and max(map(len, cells)) > MAX_CELL:
            return _LONG
        if width is None or len(cells) == width or not any(cells):
            return None
        if len(cells) > width and not any(cells[width:]):
            del cells[width:]
            return None
        return Item("", "WRONG_COLUMN_COUNT", f"The row has {len(cells)} cells, the header {width}.")

    def _unclosed(self) -> Invalid:
        line = self._start.line + 1
        return Invalid("UNCLOSED_QUOTE", f"A quote that is opened in line {line} is not closed.")
