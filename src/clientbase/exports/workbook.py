"""XLSX from a file of plain values: typed cells, as many sheets as the rows need, flat memory."""

import csv
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from rustpy_xlsxwriter import FastExcel, Format

from clientbase.exports.columns import Column, Kind, headers

ROWS_PER_SHEET = 1_048_575
"""What a sheet holds below its header."""
MAX_CELL = 32_767
_ROWS_PER_CHECK = 1024
_SHEETS = {"ru": "Клиенты", "en": "Clients"}
_FIRST_YEAR = 1900
"""Spreadsheets know no day before it."""


def write_workbook(
    source: Path,
    target: Path,
    *,
    columns: Sequence[Column],
    language: str,
    rows: int,
    check: Callable[[], None],
    rows_per_sheet: int = ROWS_PER_SHEET,
) -> None:
    """Turn a CSV file of `styles.STYLES["xlsx"]`, of so many rows, into a workbook.

    `check` is called now and then, and may raise to end the work.
    """
    names = headers(columns, language)
    formats = {
        name: Format().set_num_format(_FORMATS[column.kind])
        for name, column in zip(names, columns, strict=True)
        if column.kind in _FORMATS
    }
    with source.open(newline="", encoding="utf-8") as file:
        lines = csv.reader(file)
        next(lines)
        readers = [_READERS.get(column.kind, _text) for column in columns]
        records = _records(lines, names, readers, check)
        book = FastExcel(str(target), output_format="xlsx").format(bold_headers=True).freeze(row=1)
        for number in range(max(1, -(-rows // rows_per_sheet))):
            title = f"{_SHEETS[language]} {number + 1}" if number else _SHEETS[language]
            # what is given is read when the book is saved, sheet after sheet
            sheet = islice(records, rows_per_sheet) if rows else iter([dict.fromkeys(names)])
            book.sheet(title, sheet, column_formats=formats, column_width=18)
        book.save()


def _records(
    lines: Iterator[list[str]],
    names: Sequence[str],
    readers: Sequence[Callable[[str], Any]],
    check: Callable[[], None],
) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines):
        if not number % _ROWS_PER_CHECK:
            check()
        yield {
            name: read(cell) if cell else None for name, read, cell in zip(names, readers, line, strict=True)
        }


def _text(cell: str) -> str:
    return cell if len(cell) <= MAX_CELL else cell[: MAX_CELL - 1] + "…"


def _number(cell: str) -> int | float:
    return float(cell) if "." in cell else int(cell)


def _date(cell: str) -> date | str:
    return date.fromisoformat(cell) if int(cell[:4]) >= _FIRST_YEAR else cell


def _datetime(cell: str) -> datetime | str:
    return datetime.fromisoformat(cell) if int(cell[:4]) >= _FIRST_YEAR else cell


def _boolean(cell: str) -> bool:
    return cell == "true"


_NUMBERS = (Kind.INTEGER, Kind.NUMBER, Kind.MONEY, Kind.AVERAGE, Kind.AGE, Kind.DAYS_SINCE)
_READERS: dict[Kind, Callable[[str], Any]] = {
    **dict.fromkeys(_NUMBERS, _number),
    Kind.DATE: _date,
    Kind.DATETIME: _datetime,
    Kind.BOOLEAN: _boolean,
}
_FORMATS = {
    Kind.MONEY: "#,##0.00",
    Kind.AVERAGE: "#,##0.00",
    Kind.DATE: "dd.mm.yyyy",
    Kind.DATETIME: "dd.mm.yyyy hh:mm",
}
