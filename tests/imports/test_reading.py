"""Reading a file without a database: the end of its header, endless rows, slices, groups."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from clientbase.imports import groups
from clientbase.imports.formats import examine
from clientbase.imports.groups import units
from clientbase.imports.inspection import inspect
from clientbase.imports.options import Columns
from clientbase.imports.reader import MAX_RECORD, CsvReader, Record
from clientbase.imports.slices import BYTES, Slices
from clientbase.kit.errors import Invalid
from clientbase.kit.threads import StopFlag, Stopped

KEY = "external_id"


class File:
    """A file of two columns, the first of them the key of a group."""

    def __init__(self, path: Path, content: bytes, cleanup: ExitStack) -> None:
        self.path = path / "file.csv"
        self.cleanup = cleanup
        self.path.write_bytes(content)
        self.form, headers = examine(self.path, delimiter=";")
        self.columns = Columns(tuple(headers), (KEY, *(None for _ in headers[1:])))

    def reader(self, check: Callable[[], None] = lambda: None) -> CsvReader:
        reader = CsvReader(self.path, self.form, len(self.columns.headers), check=check)
        return self.cleanup.enter_context(closing(reader))

    def rows(self) -> list[tuple[list[str], str | None]]:
        """Cells and code of each row."""
        return [(row.cells, row.fault and row.fault.code) for row in self.reader().records()]

    def units(self) -> list[tuple[str | None, list[int]]]:
        """The key and the lines of each unit."""
        found = units(self.reader().records(), self.columns, KEY)
        return [(unit.key, [row.line for row in unit.rows]) for unit in found]

    def inspect(self, check: Callable[[], None] = lambda: None, grouped_by: str | None = KEY) -> int:
        return inspect(self.path, self.form, self.columns, grouped_by, check)


Opened = Callable[[bytes], File]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    """Makes files of bytes."""
    with ExitStack() as cleanup:
        yield lambda content: File(tmp_path, content, cleanup)


def code_of(work: Callable[[], object]) -> str:
    with pytest.raises(Invalid) as raised:
        work()
    return raised.value.code


@pytest.mark.parametrize("mark", ["\v", "\f", "\x1c", "\u0085", "\u2028"])
def test_only_line_feeds_end_the_header(opened: Opened, mark: str) -> None:
    file = opened(f'a{mark}b;"c\nd"\r\n1;2\n'.encode())
    assert file.columns.headers == (f"a{mark}b".strip(), "c\nd")
    assert file.rows() == [(["1", "2"], None)]
    assert (file.form.offset, file.form.line) == (len(f'a{mark}b;"c\nd"\r\n'.encode()), 2)


def test_a_named_delimiter_and_a_mark_stand_before_the_header(opened: Opened) -> None:
    file = opened("\ufeffsep=;\r\nКод;b\n1;2\n".encode())
    assert (file.columns.headers, file.form.line) == (("Код", "b"), 2)
    assert file.rows() == [(["1", "2"], None)]
    assert code_of(lambda: opened(b"sep=;")) == "HEADER_MISSING"
    assert code_of(lambda: opened(b"\n1;2\n")) == "HEADER_MISSING"


@pytest.mark.parametrize(
    "content", ["Имя;".encode("cp1251") + b"\x98\n1;2\n", b"\xff\xff;b\n" + "ё;ю\n".encode() * 9]
)
def test_a_header_that_is_not_in_the_encoding_is_refused(opened: Opened, content: bytes) -> None:
    assert code_of(lambda: opened(content)) == "ENCODING_BROKEN"


def test_a_lone_carriage_return_and_a_long_cell_are_told_apart(opened: Opened) -> None:
    lines = ["a;b", "1\r2;3", "2;" + "x" * 140_000, '3;"x\ny"\rz', "4;" + "x" * 2 * MAX_RECORD, "5;6"]
    codes = [code for _, code in opened(("\n".join(lines) + "\n").encode()).rows()]
    ends = "UNSUPPORTED_LINE_ENDS"
    assert codes == [ends, "CELL_TOO_LONG", ends, "CELL_TOO_LONG", None]


def test_a_quote_that_stays_open_is_found_before_it_fills_the_memory(opened: Opened) -> None:
    file = opened(b'a;b\n1;2\n"\n' + b'";"\n' * MAX_RECORD)
    checks: list[None] = []
    records = file.reader(lambda: checks.append(None)).records()
    assert next(records).cells == ["1", "2"]
    with pytest.raises(Invalid, match="line 3 "):
        next(records)
    assert len(checks) * 1024 * 4 <= MAX_RECORD, "a fourth of the file at most has been read"


def test_slices_are_bounded_in_bytes(opened: Opened) -> None:
    file = opened(b"a;b\n" + b"".join(b"%d;%s\n" % (n, b"x" * 30_000) for n in range(700)))
    slices = Slices(file.reader(), file.columns, None)
    found: list[list[Record]] = []
    while slice_ := slices.next():
        found.append([row for unit in slice_ for row in unit.rows])
    assert [row.cells[0] for rows in found for row in rows] == [str(n) for n in range(700)]
    assert max(sum(row.size for row in rows) for rows in found) < BYTES + 31_000
    assert len(found) == 3


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["1;a", "1;b", "2;c"], [("1", [2, 3]), ("2", [4])]),
        (["1;a", "x", ";y", "1;b"], [("1", [2, 3, 4, 5])]),
        (["1;a", "1;b;c", "2;d"], [("1", [2, 3]), ("2", [4])]),
        (["1;a", "x", "1;b;c", "y", "2;d;e", "z", "2;f"], [("1", [2, 3, 4]), (None, [5]), ("2", [6, 7, 8])]),
        (["x", "1;b;c", "1;a", "x", "1;b;c", "y"], [(None, [2]), ("1", [3, 4, 5, 6]), (None, [7])]),
        (["x", ";y"], [(None, [2, 3])]),
        (["'=1;a", "=1;b"], [("=1", [2, 3])]),
    ],
)
def test_rows_that_cannot_be_read_belong_where_they_say_or_stand(
    opened: Opened, lines: list[str], expected: list[tuple[str | None, list[int]]]
) -> None:
    file = opened(("a;b\n" + "\n".join(lines) + "\n").encode())
    assert file.units() == expected
    assert file.inspect() == len(lines)


def test_rows_apart_and_too_many_rows_of_one_thing_are_found(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "MAX_ROWS", 5)
    monkeypatch.setattr(groups, "MAX_BYTES", 1000)
    assert code_of(opened(b"a;b\n1;a\n2;b\n1;c\n").inspect) == "ROWS_APART"
    assert opened(b"a;b\n" + b"1;a\n" * 5).inspect() == 5
    assert code_of(opened(b"a;b\n" + b"1;a\n" * 6).inspect) == "GROUP_TOO_LARGE"
    assert code_of(opened(b"a;b\n" + b"1;%s\n" % (b"a" * 600) * 2).inspect) == "GROUP_TOO_LARGE"
    assert code_of(opened(b"a;b\n" + b"1;a\n" * 5 + b";x\n" + b"1;a\n" * 2).inspect) == "GROUP_TOO_LARGE"
    assert opened(b"a;b\n1;a\n" + b"1;b;c\n" * 2 + b"1;c\n").inspect() == 4
    junk = opened(b"a;b\n1;a\n" + b"junk\n" * 20 + b"2;a\n")
    assert junk.inspect() == 22
    assert [key for key, _ in junk.units() if key] == ["1", "2"]
    assert max(len(lines) for _, lines in junk.units()) <= 6


def test_a_line_that_is_skipped_weighs_no_more_than_a_row_may(opened: Opened) -> None:
    file = opened(b"a;b\n1;a\n1;" + b"x" * (BYTES + MAX_RECORD) + b"\n1;b\n")
    assert file.units() == [("1", [2, 3, 4])]


@pytest.mark.parametrize("content", [b"a;b\n" + b"1;2\n" * 3000, b"a;b\n" + b"\n" * 3000])
def test_a_look_over_a_file_ends_when_it_is_told_to(opened: Opened, content: bytes) -> None:
    stop = StopFlag()
    stop.set()
    with pytest.raises(Stopped):
        opened(content).inspect(stop.check, grouped_by=None)
