"""What cells mean: numbers by the mark of decimals, days within sane years, ids."""

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from clientbase.imports.cells import BadCell, Reading
from clientbase.imports.targets import ids
from clientbase.kit.schema import MAX_ID

ZONE = ZoneInfo("Europe/Moscow")
WRONG, UNSURE = "NOT_A_NUMBER", "AMBIGUOUS_NUMBER"


def read(kind: str, cell: str, decimal: str = "auto") -> object:
    """The value, or the code of what is wrong."""
    try:
        return Reading(ZONE, decimal).converters()[kind](cell)
    except BadCell as bad:
        return bad.code


@pytest.mark.parametrize(
    ("cell", "comma", "point", "auto"),
    [
        ("5", "5", "5", "5"),
        ("12.500", "12500", "12.500", "12.500"),
        ("12,50", "12.50", WRONG, "12.50"),
        ("12.5", WRONG, "12.5", "12.5"),
        ("1,234.5", WRONG, "1234.5", "1234.5"),
        ("1.234,5", "1234.5", WRONG, "1234.5"),
        ("1.234.567", "1234567", WRONG, "1234567"),
        ("1,234,567", WRONG, "1234567", "1234567"),
        ("1,234", "1.234", "1234", UNSURE),
        ("0,123", "0.123", WRONG, "0.123"),
        ("1.2.3,4", WRONG, WRONG, WRONG),
        ("12 34", WRONG, WRONG, WRONG),
        ("-1 234 567,8 ₽", "-1234567.8", WRONG, "-1234567.8"),
        ("+1\u00a0234.50 руб.", WRONG, "1234.50", "1234.50"),
        ("1 234.567", WRONG, "1234.567", "1234.567"),
        ("10%", "10", "10", "10"),
        ("1e5", WRONG, WRONG, WRONG),
        ("9" * 41, WRONG, WRONG, WRONG),
    ],
)
def test_one_grammar_for_each_decimal_mark(cell: str, comma: str, point: str, auto: str) -> None:
    for decimal, expected in (("comma", comma), ("point", point), ("auto", auto)):
        found = read("number", cell, decimal)
        assert found == (expected if expected in (WRONG, UNSURE) else Decimal(expected)), decimal


@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        ("date", "01.01.0001"),
        ("date", "31.12.1799"),
        ("date", "2201-01-01"),
        ("datetime", "01.01.0001"),
        ("datetime", "9999-12-31T23:59:59-12:00"),
        ("datetime", "2201-01-02 10:00"),
    ],
)
def test_days_beyond_sane_years_are_none(kind: str, cell: str) -> None:
    assert read(kind, cell) == "INVALID_DATE"


def test_days_at_the_ends_of_sane_years() -> None:
    assert str(read("date", "01.01.1800")) == "1800-01-01"
    assert str(read("datetime", "2200-12-31 23:59")) == "2200-12-31 20:59:00+00:00"


@pytest.mark.parametrize("cell", ["0", "-1", "1.0", "a", str(MAX_ID + 1), "0" * 19 + "1" + "0" * 5000, "٣"])
def test_what_is_no_id(cell: str) -> None:
    with pytest.raises(BadCell, match="WRONG_ID"):
        ids(cell)
    assert ids(str(MAX_ID)) == MAX_ID
