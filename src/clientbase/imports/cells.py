"""What a cell of a file means: text, numbers, days, times, yes and no as people write them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from clientbase.kit.guarding import unguarded
from clientbase.kit.schema import EARLIEST_YEAR, LATEST_YEAR, in_years
from clientbase.kit.text import fold


@dataclass(frozen=True)
class BadCell(Exception):
    """A cell that does not mean what its column needs."""

    code: str
    message: str


Convert = Callable[[str], Any]
"""A cell that is not blank, stripped, to its value; raises BadCell."""

DATE_FORMATS: Mapping[str, tuple[str, ...]] = {
    "auto": ("iso", "dd.mm.yyyy"),
    "iso": ("iso",),
    "dd.mm.yyyy": ("dd.mm.yyyy",),
    "dd/mm/yyyy": ("dd/mm/yyyy",),
    "mm/dd/yyyy": ("mm/dd/yyyy",),
}
_DAYS = {
    "iso": re.compile(r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})", re.ASCII),
    "dd.mm.yyyy": re.compile(r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})", re.ASCII),
    "dd/mm/yyyy": re.compile(r"(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{4})", re.ASCII),
    "mm/dd/yyyy": re.compile(r"(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{4})", re.ASCII),
}
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?", re.ASCII)
_RFC3339 = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:?\d{2})", re.ASCII)
_UNIT = re.compile(r"\s*(₽|руб\.?|р\.|%)$", re.IGNORECASE)
_NUMBERS = {
    decimal: re.compile(
        rf"(?P<sign>[+-]?)\s*(?P<whole>[1-9]\d{{0,2}}(?P<mark>[{thousands} \u00a0\u2009\u202f'])\d{{3}}"
        rf"((?P=mark)\d{{3}})*|\d+)([{decimal}](?P<part>\d+))?",
        re.ASCII,
    )
    for decimal, thousands in ((",", "."), (".", ","))
}
"""By the decimal mark; the other one, and blanks, may part thousands."""
_MARKS = {"comma": ",", "point": "."}
_MANY = re.compile(r"[,;\n|]")
_DAMAGED_PHONE = re.compile(r"\d[.,]\d+E\+\d+", re.ASCII | re.IGNORECASE)
_YES = {"да", "yes", "y", "true", "истина", "1", "+", "д"}
_NO = {"нет", "no", "n", "false", "ложь", "0", "-", "н"}
_BAD_DATE = BadCell("INVALID_DATE", "This is not a day in the date format of the file.")
_BAD_TIME = BadCell("INVALID_DATE", "This is not a time in the date format of the file.")
_BAD_NUMBER = BadCell("NOT_A_NUMBER", "This is not a number.")
_BAD_YEAR = BadCell("INVALID_DATE", f"A year from {EARLIEST_YEAR} to {LATEST_YEAR} is expected.")
_AMBIGUOUS = BadCell(
    "AMBIGUOUS_NUMBER", "A comma before three digits may mark decimals or thousands: set `decimal`."
)


@dataclass(frozen=True)
class Reading:
    """How cells of a file are read."""

    zone: ZoneInfo
    decimal: str = "auto"
    """auto, comma or point"""
    date_format: str = "auto"

    def converters(self) -> dict[str, Convert]:
        """The conversion of each type of value."""
        number = self._number
        return {
            "text": text,
            "reference": text,
            "number": number,
            "integer": number,
            "money": number,
            "date": self._day,
            "datetime": self._instant,
            "boolean": boolean,
        }

    def _number(self, cell: str) -> Decimal:
        bare = _UNIT.sub("", cell)
        value = self._either(bare) if self.decimal == "auto" else _number(bare, _MARKS[self.decimal])
        if value is None or len(bare) > 40:
            raise _BAD_NUMBER
        return value

    def _either(self, bare: str) -> Decimal | None:
        """The only way to read it, or the one with a point, which is not taken for a mark of thousands."""
        with_comma, with_point = _number(bare, ","), _number(bare, ".")
        if with_point is None or with_comma is None or with_comma == with_point:
            return with_comma if with_point is None else with_point
        if "," in bare:
            raise _AMBIGUOUS
        return with_point

    def _day(self, cell: str) -> date:
        day, rest = self._split(cell)
        if rest and rest.strip() not in ("00:00", "00:00:00", "0:00", "0:00:00", "T00:00:00"):
            raise _BAD_DATE
        if not in_years(day):
            raise _BAD_YEAR
        return day

    def _instant(self, cell: str) -> datetime:
        """In UTC; a time without a zone is the account's."""
        try:
            at = self._moment(cell).astimezone(UTC)
        except (ValueError, OverflowError):
            raise _BAD_TIME from None
        if not in_years(at):
            raise _BAD_YEAR
        return at

    def _moment(self, cell: str) -> datetime:
        if _RFC3339.fullmatch(cell):
            return datetime.fromisoformat(cell)
        day, rest = self._split(cell)
        return datetime.combine(day, _time(rest.lstrip("T ,")) if rest else time(), self.zone)

    def _split(self, cell: str) -> tuple[date, str]:
        for name in DATE_FORMATS[self.date_format]:
            found = _DAYS[name].match(cell)
            if found:
                try:
                    return date(int(found["y"]), int(found["m"]), int(found["d"])), cell[found.end() :]
                except ValueError:
                    raise _BAD_DATE from None
        raise _BAD_DATE


def _number(bare: str, decimal: str) -> Decimal | None:
    """A number with this decimal mark, if it is one."""
    found = _NUMBERS[decimal].fullmatch(bare)
    if not found:
        return None
    whole = found["whole"].replace(found["mark"], "") if found["mark"] else found["whole"]
    return Decimal(f"{found['sign']}{whole}" + (f".{found['part']}" if found["part"] else ""))


def _time(cell: str) -> time:
    found = _TIME.fullmatch(cell)
    if not found:
        raise ValueError("not a time")
    hour, minute, second, fraction = found.groups()
    return time(int(hour), int(minute), int(second or 0), int((fraction or "0").ljust(6, "0")))


def text(cell: str) -> str:
    """Text without the quote that guards spreadsheets from formulas."""
    return unguarded(cell)


def boolean(cell: str) -> bool:
    """Yes and no in Russian and English."""
    word = cell.lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise BadCell("NOT_A_BOOLEAN", "Write да or нет (yes, no, 1, 0).")


def choice(names: Mapping[str, str]) -> Convert:
    """A conversion of names and codes (folded) to codes; what is unknown stays as it is written."""

    def convert(cell: str) -> str:
        word = text(cell)
        return names.get(fold(word), word)

    return convert


def many(one: Convert) -> Callable[[str], list[Any]]:
    """A conversion of several values in one cell, parted by commas, semicolons or line ends."""

    def convert(cell: str) -> list[Any]:
        if not _MANY.search(cell):
            return [one(cell)]
        return [one(part) for piece in _MANY.split(cell) if (part := piece.strip())]

    return convert


def phone(cell: str) -> str:
    """A phone as it is written, unless a spreadsheet has rounded it."""
    if "+" in cell and _DAMAGED_PHONE.fullmatch(cell):
        message = "A spreadsheet has turned the phone into a rounded number: format the column as text."
        raise BadCell("PHONE_DAMAGED_BY_EXCEL", message)
    return text(cell)


def phones(cell: str) -> list[str]:
    """All phones of a cell; a rounded number holds the mark that would part two."""
    return [phone(cell)] if _DAMAGED_PHONE.fullmatch(cell) else _several_phones(cell)


_several_phones = many(phone)
