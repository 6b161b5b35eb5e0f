"""What kind of text a CSV file is: encoding, delimiter, and where its header and rows begin."""

import codecs
import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from clientbase.kit.errors import Invalid, invalid_at

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t"}
ENCODINGS = ("utf-8", "cp1251")
MAX_COLUMNS = 500
MAX_HEADER_BYTES = 1 << 18
_SAMPLE_BYTES = 1 << 18
_SAMPLE_ROWS = 1000
_BLOCK = 1 << 20
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


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


def examine(
    path: Path, *, encoding: str | None = None, delimiter: str | None = None
) -> tuple[FileFormat, list[str]]:
    """The format of a file and the cells of its header; what is given is not guessed.

    Raises Invalid (NO_ROWS, UNSUPPORTED_ENCODING, UNSUPPORTED_LINE_ENDS, UNCLOSED_QUOTE, TOO_MANY_COLUMNS,
    NUL_CHARACTER, CELL_TOO_LONG, HEADER_MISSING).
    """
    with path.open("rb") as file:
        sample = file.read(_SAMPLE_BYTES)
    start = _start(sample)
    chosen = "utf-8" if start else encoding or _encoding(path)
    text = sample[start:].decode(chosen, "replace")
    named = _named_delimiter(text)
    skipped = text.splitlines(keepends=True)[0] if named else ""
    body = text[len(skipped) :]
    mark = delimiter or named or _delimiter(body)
    cells, length, lines = _header(body, mark)
    size = start + len((skipped + body[:length]).encode(chosen))
    return FileFormat(chosen, mark, size, lines + bool(skipped)), cells


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


def _named_delimiter(text: str) -> str | None:
    """The delimiter of a first line `sep=;`, as spreadsheets write it."""
    first = text.partition("\n")[0].rstrip("\r")
    return first[4:] if len(first) == 5 and first.lower().startswith("sep=") else None


def _delimiter(text: str) -> str:
    """The one that cuts most rows into the same number of cells, more than one of them."""
    lines = text.splitlines(keepends=True)[:_SAMPLE_ROWS]
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


def _header(text: str, delimiter: str) -> tuple[list[str], int, int]:
    """Cells of the first row, its length in characters and in lines."""
    length = lines = 0
    ends = [*text.splitlines(keepends=True), ""]

    def taken() -> Iterable[str]:
        nonlocal length, lines
        for line in ends:
            length += len(line)
            lines += 1
            yield line

    try:
        cells = next(csv.reader(taken(), delimiter=delimiter, strict=True))
    except (csv.Error, StopIteration):
        raise Invalid("UNCLOSED_QUOTE", "A quote that is opened in the header is not closed.") from None
    _check_header(cells)
    return [cell.strip() for cell in cells], length, lines


def _check_header(cells: Sequence[str]) -> None:
    if len(cells) > MAX_COLUMNS:
        raise Invalid("TOO_MANY_COLUMNS", f"A file has at most {MAX_COLUMNS} columns.")
    if any("\0" in cell for cell in cells):
        raise invalid_at("/file", "NUL_CHARACTER", "The header contains the NUL character.")
    if any(len(cell) > 255 for cell in cells):
        raise invalid_at("/file", "CELL_TOO_LONG", "A cell of the header has at most 255 characters.")
    if not any(cell.strip() for cell in cells):
        raise Invalid("HEADER_MISSING", "The first row names the columns.")
