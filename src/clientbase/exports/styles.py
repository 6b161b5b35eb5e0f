"""How values are written in each format of file: SQL from a value to the text of its cell."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Numeric,
    Text,
    and_,
    case,
    cast,
    collate,
    extract,
    func,
    literal,
    or_,
)

from clientbase.exports.columns import Kind
from clientbase.kit.guarding import HARMLESS, PATTERN

Sql = ColumnElement[Any]
_MISREAD = r"^(0[0-9]+|[0-9]{12,}|\+[0-9]+|[0-9]+([-./:][0-9]+){1,2}|[0-9]+([.,][0-9]+)?[eE][+-]?[0-9]+)$"
"""Texts that Excel changes as it opens a file: leading zeros, many digits, signs, days, times, exponents."""


@dataclass(frozen=True)
class Frame:
    """What values are written by: places of the currency, the account's zone and its day, the language."""

    places: int
    zone: str
    today: date
    language: str = "ru"


Write = Callable[[Sql, Frame], Sql]


@dataclass(frozen=True)
class Style:
    """A way to write cells; `begin` opens the file."""

    delimiter: str
    begin: bytes
    writers: Mapping[Kind, Write]


def _text(value: Sql, frame: Frame) -> Sql:
    return value


def _begins_with_letter(value: Sql) -> Sql:
    """Latin and Cyrillic letters, compared by bytes: most texts, which then need no regular expression."""
    by_bytes = collate(value, "C")
    latin, cyrillic = ("A", "\u0080"), ("\u0400", "\u0500")
    return or_(*(and_(by_bytes >= first, by_bytes < beyond) for first, beyond in (latin, cyrillic)))


def _guarded(value: Sql, frame: Frame) -> Sql:
    """As `kit.guarding.guarded`."""
    matches = and_(value.op("~")(PATTERN), value.op("!~")(HARMLESS))
    return case((_begins_with_letter(value), value), (matches, literal("'").op("||")(value)), else_=value)


def _list(write: Write) -> Write:
    return lambda value, frame: write(func.array_to_string(value, ", "), frame)


def _plain(value: Sql, frame: Frame) -> Sql:
    return cast(value, Text)


def _number(value: Sql, frame: Frame) -> Sql:
    return cast(func.trim_scale(value), Text)


def _money(units: Sql, frame: Frame) -> Sql:
    """Minor units as a decimal with the places of the currency."""
    return cast(func.round(cast(units, Numeric) / 10**frame.places, frame.places), Text)


def _average(quotient: Sql, frame: Frame) -> Sql:
    """A quotient of minor units, rounded half to even as everywhere else."""
    is_half = func.abs(quotient - func.trunc(quotient)) == literal(0.5, Numeric)
    return _money(case((is_half, 2 * func.round(quotient / 2)), else_=func.round(quotient)), frame)


def _age(born: Sql, frame: Frame) -> Sql:
    """Completed years; who is born on 29 February completes one on the 28th of a common year."""
    today = frame.today
    is_leap = today.year % 4 == 0 and (today.year % 100 != 0 or today.year % 400 == 0)
    passed = today.month * 100 + today.day
    passed = 229 if passed == 228 and not is_leap else passed
    to_come = extract("month", born) * 100 + extract("day", born) > passed
    return cast(today.year - extract("year", born) - case((to_come, 1), else_=0), Text)


def _days_since(at: Sql, frame: Frame) -> Sql:
    return cast(literal(frame.today) - func.date(func.timezone(frame.zone, at)), Text)


def _moment(form: str) -> Write:
    return lambda at, frame: func.to_char(func.timezone(frame.zone, at), form)


def _instant(at: Sql, frame: Frame) -> Sql:
    """RFC 3339 in UTC, whole seconds; four times faster than `to_char`."""
    seconds = cast(func.date_trunc("second", func.timezone("UTC", at)), Text)
    return func.translate(seconds, " ", "T").op("||")("Z")


def _day(form: str) -> Write:
    return lambda day, frame: func.to_char(day, form)


def _with_comma(write: Write) -> Write:
    return lambda value, frame: func.replace(write(value, frame), ".", ",")


def _yes_no(value: Sql, frame: Frame) -> Sql:
    yes, no = ("да", "нет") if frame.language == "ru" else ("yes", "no")
    return case((value.is_(True), yes), (value.is_(False), no))


def _spaced_phones(phones: Sql, frame: Frame) -> Sql:
    """Phones that a spreadsheet does not take for a number: +7 916 123-45-67."""
    russian = r"\+7(\d{3})(\d{3})(\d\d)(\d\d)(?!\d)", r"+7 \1 \2-\3-\4"
    other = r"(\d{4})(?!\d)", r" \1"
    spaced = phones
    for pattern, written in (russian, other):
        spaced = func.regexp_replace(spaced, pattern, written, "g")
    return spaced


def _kept(value: Sql, frame: Frame) -> Sql:
    """Guarded text; a tab, which imports take off, leads what Excel would make a number or a day."""
    misread = and_(~_begins_with_letter(value), value.op("~")(_MISREAD))
    return case((misread, literal("\t").op("||")(value)), else_=_guarded(value, frame))


_PLAIN: dict[Kind, Write] = {
    Kind.TEXT: _guarded,
    Kind.PHONE: _text,
    Kind.LIST: _list(_guarded),
    Kind.INTEGER: _plain,
    Kind.NUMBER: _number,
    Kind.MONEY: _money,
    Kind.AVERAGE: _average,
    Kind.DATE: _plain,
    Kind.DATETIME: _instant,
    Kind.BOOLEAN: _plain,
    Kind.AGE: _age,
    Kind.DAYS_SINCE: _days_since,
}
_EXCEL: dict[Kind, Write] = {
    **_PLAIN,
    Kind.TEXT: _kept,
    Kind.PHONE: _spaced_phones,
    Kind.LIST: _list(_kept),
    Kind.NUMBER: _with_comma(_number),
    Kind.MONEY: _with_comma(_money),
    Kind.AVERAGE: _with_comma(_average),
    Kind.DATE: _day("DD.MM.YYYY"),
    Kind.DATETIME: _moment("DD.MM.YYYY HH24:MI:SS"),
    Kind.BOOLEAN: _yes_no,
}
_SPOOL: dict[Kind, Write] = {
    **_PLAIN,
    Kind.TEXT: _text,
    Kind.LIST: _list(_text),
    Kind.DATETIME: _moment("YYYY-MM-DD HH24:MI:SS"),
}
STYLES: Mapping[str, Style] = {
    "csv": Style(",", b"", _PLAIN),
    "csv-excel": Style(";", b"\xef\xbb\xbf", _EXCEL),
    "xlsx": Style(",", b"", _SPOOL),
}
"""XLSX is made from a file of plain values: its cells are typed, so nothing in them is a formula."""
