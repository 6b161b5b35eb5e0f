"""What kind of text a CSV file is: encoding, delimiter, and where its header and rows begin."""

import codecs
import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from clientbase.imports.reader import CsvReader, FileFormat
from clientbase.kit.errors import Invalid, Item

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t"}
MAX_COLUMNS = 500
_SAMPLE_BYTES = 1 << 18
_SAMPLE_ROWS = 1000
_BLOCK = 1 << 20
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def examine(
    path: Path, *, encoding: str | None = None, delimiter: str | None = None
) -> tuple[FileFormat, list[str]]:
    """The format of a file and the cells of its header; what is given is not guessed.

    Raises Invalid (NO_ROWS, UNSUPPORTED_ENCODING, UNSUPPORTED_LINE_ENDS, ENCODING_BROKEN, UNCLOSED_QUOTE,
    TOO_MANY_COLUMNS, NUL_CHARACTER, CELL_TOO_LONG, HEADER_MISSING).
    """
    with path.open("rb") as file:
        sample = file.read(_SAMPLE_BYTES)
    start = _start(sample)
    chosen = "utf-8" if start else encoding or _encoding(path)
    first, _, rest = sample[start:].partition(b"\n")
    named = _named_delimiter(first)
    if named:
        start += len(first) + 1
    mark = delimiter or named or _delimiter((rest if named else sample[start:]).decode(chosen, "replace"))
    return _header(path, FileFormat(chosen, mark, start, int(bool(named))))


def _start(sample: bytes) -> int:
    """How long the byte order mark is. Raises Invalid for what is not CSV in a known encoding."""
    if not sample.strip():
        raise Invalid("NO_ROWS", "The file is empty.")
    if sample.startswith(_UTF16):
        raise Invalid("UNSUPPORTED_ENCODING", "Save the file as UTF-8 or Windows-1251.")
    if b"\n" not in sample and b"\r" in sample:
        raise Invalid("UNSUPPORTED_LINE_ENDS", "Lines end with a carriage return alone; save the file anew.")
    return len(codecs.BOM_UTF8) if sample.startswith(codecs.BOM_UTF8) else 0


def _encoding(path: Path) -> str:
    """UTF-8 where the whole file is, or most lines with letters beyond ASCII are; else Windows-1251."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return _by_lines(path)
    return "utf-8"


def _by_lines(path: Path) -> str:
    right = wrong = 0
    with path.open("rb") as file:
        while right + wrong < _SAMPLE_ROWS and (line := file.readline(_BLOCK)):
            if not line.isascii():
                try:
                    line.decode("utf-8")
                    right += 1
                except UnicodeDecodeError:
                    wrong += 1
    return "utf-8" if right > wrong else "cp1251"


def _named_delimiter(first: bytes) -> str | None:
    """The delimiter of a first line `sep=;`, as spreadsheets write it."""
    line = first.decode("ascii", "replace").rstrip("\r")
    return line[4:] if len(line) == 5 and line.lower().startswith("sep=") and line[4] != '"' else None


def _delimiter(text: str) -> str:
    """The one that cuts most rows into the same number of cells, more than one of them."""
    lines = text.split("\n", _SAMPLE_ROWS)[:_SAMPLE_ROWS]
    if len(text) >= _SAMPLE_BYTES // 4 and len(lines) > 1:
        lines.pop()
    return max(DELIMITERS.values(), key=lambda mark: _score(lines, mark))


def _score(lines: Iterable[str], delimiter: str) -> tuple[float, int]:
    try:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if row)
    except csv.Error:
        return 0.0, 0
    if not widths:
        return 0.0, 0
    width, rows = widths.most_common(1)[0]
    return (rows / widths.total() if width > 1 else 0.0), width


def _header(path: Path, form: FileFormat) -> tuple[FileFormat, list[str]]:
    """The format with the place where the first row ends, and the cells of that row."""
    reader = CsvReader(path, form, width=None)
    try:
        record = reader.next()
    finally:
        reader.close()
    if record is None:
        raise _missing()
    if (fault := record.fault) is not None:
        raise _of_file(fault.code, fault.message)
    _check_header(record.cells)
    rows = replace(form, offset=record.end.offset, line=record.end.line)
    return rows, [cell.strip() for cell in record.cells]


def _of_file(code: str, message: str) -> Invalid:
    return Invalid(code, message, [Item("/file", code, message)])


def _check_header(cells: Sequence[str]) -> None:
    if len(cells) > MAX_COLUMNS:
        raise Invalid("TOO_MANY_COLUMNS", f"A file has at most {MAX_COLUMNS} columns.")
    if any(len(cell) > 255 for cell in cells):
        raise _of_file("CELL_TOO_LONG", "A cell of the header has at most 255 characters.")
    if not any(cell.strip() for cell in cells):
        raise _missing()


def _missing() -> Invalid:
    return Invalid("HEADER_MISSING", "The first row names the columns.")
