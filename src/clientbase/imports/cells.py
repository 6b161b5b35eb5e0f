"""What a cell of a file means: text, numbers, days, times, yes and no as people write them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from clientbase.kit.guarding import unguarded
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
_SPACES = re.compile(r"[\s\u00a0\u2009\u202f']")
_UNIT = re.compile(r"(₽|руб\.?|р\.|%)$", re.IGNORECASE)
_PLAIN = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
_AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)
_MANY = re.compile(r"[,;\n|]")
_DAMAGED_PHONE = re.compile(r"\d[.,]\d+E\+\d+", re.ASCII | re.IGNORECASE)
_YES = {"да", "yes", "y", "true", "истина", "1", "+", "д"}
_NO = {"нет", "no", "n", "false", "ложь", "0", "-", "н"}
_BAD_DATE = BadCell("INVALID_DATE", "This is not a day in the date format of the file.")
_BAD_TIME = BadCell("INVALID_DATE", "This is not a time in the date format of the file.")
_BAD_NUMBER = BadCell("NOT_A_NUMBER", "This is not a number.")


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
        bare = _UNIT.sub("", _SPACES.sub("", cell))
        if "," in bare:
            bare = self._with_point(bare)
        if not _PLAIN.fullmatch(bare) or len(bare) > 40:
            raise _BAD_NUMBER
        return Decimal(bare)

    def _with_point(self, bare: str) -> str:
        """The decimal mark as a point, marks of thousands gone."""
        if self.decimal == "point":
            return bare.replace(",", "")
        if self.decimal == "auto" and _AMBIGUOUS.fullmatch(bare):
            message = "A comma before three digits may mark decimals or thousands: set `decimal`."
            raise BadCell("AMBIGUOUS_NUMBER", message)
        if "." in bare and bare.rindex(".") > bare.rindex(",") and self.decimal == "auto":
            return bare.replace(",", "")
        return bare.replace(".", "").replace(",", ".")

    def _day(self, cell: str) -> date:
        day, rest = self._split(cell)
        if rest and rest.strip() not in ("00:00", "00:00:00", "0:00", "0:00:00", "T00:00:00"):
            raise _BAD_DATE
        return day

    def _instant(self, cell: str) -> datetime:
        """In UTC; a time without a zone is the account's."""
        try:
            if _RFC3339.fullmatch(cell):
                return datetime.fromisoformat(cell).astimezone(UTC)
            day, rest = self._split(cell)
            at = datetime.combine(day, _time(rest.lstrip("T ,")) if rest else time(), self.zone)
            return at.astimezone(UTC)
        except (ValueError, OverflowError):
            raise _BAD_TIME from None

    def _split(self, cell: str) -> tuple[date, str]:
        for name in DATE_FORMATS[self.date_format]:
            found = _DAYS[name].match(cell)
            if found:
                try:
                    return date(int(found["y"]), int(found["m"]), int(found["d"])), cell[found.end() :]
                except ValueError:
                    raise _BAD_DATE from None
        raise _BAD_DATE


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
