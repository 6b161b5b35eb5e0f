"""Days and instants in leaves: fixed, relative, without the year; age."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from .build import NOW, action, at, client, did, field, holds, order, world
from .datemath import Clock
from .dates import age, yearless_holds
from .world import Account

NOON = "T12:00:00+00:00"


def born(day: str):
    return world(client(birth_date=date.fromisoformat(day)))


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("eq", "2026-09-28", True),
        ("eq", "2026-09-27", False),
        ("ne", "2026-09-28", False),
        ("eq", "now/d", True),
        ("eq", "now", True),  # an instant becomes the account's day
        ("eq", "now-11h", False),  # yesterday at 23:00 in Moscow
        ("eq", "2026-09-27T21:00:00Z", True),  # midnight of the 28th in Moscow
        ("eq", "2026-09-27T20:59:59Z", False),
        ("eq", "now/M", True),
        ("before", "2026-09-29", True),
        ("before", "2026-09-28", False),
        ("before", "now+1M/M", True),
        ("after", "2026-09-27", True),
        ("after", "now/M", False),  # after the whole month
        ("between", {"from": "2026-09-28", "to": "2026-09-28"}, True),
        ("between", {"from": "now-1M/M", "to": "now-1M/M"}, False),
        ("between", {"from": "now"}, True),
        ("between", {"to": "2026-09-27"}, False),
        ("not_between", {"to": "2026-09-27"}, True),
        ("between", {"from": "2026-10-01", "to": "now"}, False),  # one fixed, one relative: crossed, empty
        ("not_between", {"from": "2026-10-01", "to": "now"}, True),
    ],
)
def test_a_day_against_bounds(operator, value, expected):
    base = world(client(date_trigger=date(2026, 9, 28)))
    assert holds(base, field("date_trigger", operator, value)) is expected


@pytest.mark.parametrize(
    ("when", "operator", "value", "expected"),
    [
        ("2026-09-27T21:00:00", "eq", "2026-09-28", True),
        ("2026-09-28T20:59:59.999999", "eq", "2026-09-28", True),
        ("2026-09-28T21:00:00", "eq", "2026-09-28", False),
        ("2026-09-28T20:59:59.999999", "after", "2026-09-28", False),
        ("2026-09-28T21:00:00", "after", "2026-09-28", True),
        ("2026-09-27T20:59:59.999999", "before", "2026-09-28", True),
        ("2026-09-27T21:00:00", "before", "2026-09-28", False),
        ("2026-09-28T07:00:00", "before", "now", False),
        ("2026-09-28T06:59:59.999999", "before", "now", True),
        ("2026-09-28T07:00:00", "after", "now", False),
        ("2026-09-28T07:00:00", "between", {"from": "now", "to": "now"}, True),
        ("2026-09-28T07:00:00.000001", "between", {"from": "now-1d", "to": "now"}, False),
        ("2026-09-28T07:00:00.000001", "not_between", {"from": "now-1d", "to": "now"}, True),
        ("2026-08-31T20:59:59.999999", "between", {"from": "now-1M/M", "to": "now-1M/M"}, True),
        ("2026-08-31T21:00:00", "between", {"from": "now-1M/M", "to": "now-1M/M"}, False),
        ("2026-07-31T20:59:59.999999", "between", {"from": "now-1M/M", "to": "now-1M/M"}, False),
    ],
)
def test_an_instant_against_bounds_to_the_microsecond(when, operator, value, expected):
    base = world(actions=(action("visit", when),))
    assert holds(base, field("last_visit_at", operator, value)) is expected


def test_a_relative_range_that_crosses_is_empty():
    now = at("2026-03-31T12:00:00+03:00")
    base = world(actions=(action("visit", "2026-03-01T00:00:00"),))
    crossed = {"from": "now-30d", "to": "now-1M"}
    assert not holds(base, field("last_visit_at", "between", crossed), now)
    assert holds(base, field("last_visit_at", "not_between", crossed), now)


@pytest.mark.parametrize("operator", ["ne", "not_between", "empty"])
def test_negatives_hold_for_a_client_without_the_date(operator):
    values = {"ne": ["2026-09-28"], "not_between": [{"from": "2026-09-28"}], "empty": []}[operator]
    assert holds(world(), field("birth_date", operator, *values))
    assert holds(world(), field("last_visit_at", operator, *values))


@pytest.mark.parametrize(
    ("day", "now", "value", "expected"),
    [
        # A fixed range is judged in the year of now: 2026 has no 29 February, 2028 has.
        ("1990-12-31", "2026-09-28", {"from": "12-02", "to": "01-03"}, True),
        ("1990-01-03", "2026-09-28", {"from": "12-02", "to": "01-03"}, True),
        ("1990-12-01", "2026-09-28", {"from": "12-02", "to": "01-03"}, False),
        ("1990-01-04", "2026-09-28", {"from": "12-02", "to": "01-03"}, False),
        ("1992-02-29", "2026-09-28", "02-28", True),
        ("1992-02-29", "2026-09-28", "02-29", True),
        ("1990-02-28", "2026-09-28", "02-29", True),
        ("1992-02-29", "2026-09-28", "03-01", False),
        ("1992-02-29", "2028-09-28", "02-28", False),
        ("1992-02-29", "2028-09-28", "02-29", True),
        ("1990-02-28", "2028-09-28", "02-29", False),
        ("1992-02-29", "2026-09-28", {"from": "03-01", "to": "02-28"}, True),
        ("1992-02-29", "2028-09-28", {"from": "03-01", "to": "02-28"}, False),
        ("1992-02-29", "2026-09-28", {"from": "12-02", "to": "02-28"}, True),
        ("1992-02-29", "2028-09-28", {"from": "12-02", "to": "02-28"}, False),
        ("1990-06-15", "2026-09-28", {"from": "02-29", "to": "02-28"}, True),
        ("1990-06-15", "2028-09-28", {"from": "02-29", "to": "02-28"}, True),
        ("1990-02-28", "2028-09-28", {"from": "02-29", "to": "02-27"}, True),
        ("1990-06-15", "2026-09-28", {"from": "02-28", "to": "02-29"}, False),
        # Both ends relative: real days, each part judged in its own year.
        ("1990-10-01", "2026-09-28", {"from": "now/d", "to": "now+3d/d"}, True),
        ("1990-10-02", "2026-09-28", {"from": "now/d", "to": "now+3d/d"}, False),
        ("1990-01-02", "2026-12-31", {"from": "now/d", "to": "now+3d/d"}, True),
        ("1990-12-31", "2026-12-31", {"from": "now/d", "to": "now+3d/d"}, True),
        ("1990-01-04", "2026-12-31", {"from": "now/d", "to": "now+3d/d"}, False),
        ("1992-02-29", "2026-02-28", {"from": "now/d", "to": "now/d"}, True),
        ("1992-02-29", "2028-02-28", {"from": "now/d", "to": "now/d"}, False),
        ("1992-02-29", "2028-02-29", {"from": "now/d", "to": "now/d"}, True),
        ("1992-02-29", "2026-03-01", {"from": "now/d", "to": "now/d"}, False),
        ("1992-02-29", "2027-12-15", {"from": "now/d", "to": "now+75d/d"}, False),  # to 28 February 2028
        ("1992-02-29", "2027-12-15", {"from": "now/d", "to": "now+76d/d"}, True),
        ("1992-02-29", "2026-12-15", {"from": "now/d", "to": "now+75d/d"}, True),  # to 28 February 2027
        ("1990-09-28", "2026-09-28", "now/d", True),
        ("1990-09-30", "2026-09-28", "now/M", True),
        ("1990-10-01", "2026-09-28", "now/M", False),
        # A year or more is every date.
        ("1990-02-28", "2025-02-27", {"from": "now-1y+2d/d", "to": "now/d"}, True),  # from 29 February 2024
        ("1990-02-28", "2025-02-27", {"from": "now-1y+3d/d", "to": "now/d"}, False),  # from 1 March 2024
        ("1990-02-28", "2024-02-29", {"from": "now/d", "to": "now+1y-1d/d"}, True),  # to 27 February 2025
        ("1990-02-28", "2024-02-29", {"from": "now/d", "to": "now+1y-2d/d"}, False),
        ("1992-02-29", "2025-03-01", {"from": "now/d", "to": "now+1y-1d/d"}, True),
        ("1992-02-29", "2023-03-01", {"from": "now/d", "to": "now+364d/d"}, False),  # to 28 February 2024
        ("1990-06-15", "2026-09-28", {"from": "now/y", "to": "now/y"}, True),
    ],
)
def test_without_the_year(day, now, value, expected):
    clock = Clock(at(now + NOON), ZoneInfo("Europe/Moscow"))
    operator = "between" if isinstance(value, dict) else "eq"
    assert yearless_holds(operator, date.fromisoformat(day), value, clock) is expected


def test_the_year_of_now_is_the_account_s():
    late = at("2027-12-31T22:00:00")  # already 2028 in Moscow
    leaf = field("birth_date", "eq", "02-28", ignore_year=True)
    assert not holds(born("1992-02-29"), leaf, late)
    assert holds(world(client(birth_date=date(1992, 2, 29)), account=Account("UTC")), leaf, late)


def test_without_the_year_negatives_are_complements_and_an_instant_goes_by_the_account_s_day():
    assert not holds(born("1990-12-31"), field("birth_date", "ne", "12-31", ignore_year=True))
    assert holds(world(), field("birth_date", "ne", "12-31", ignore_year=True))
    wrap = {"from": "12-02", "to": "01-03"}
    assert not holds(born("1990-01-01"), field("birth_date", "not_between", wrap, ignore_year=True))
    visited = world(actions=(action("visit", "2025-12-01T21:00:00"),))  # 2 December in Moscow
    assert holds(visited, field("last_visit_at", "between", wrap, ignore_year=True))
    assert holds(visited, did("visit", field("time", "eq", "12-02", ignore_year=True)))


@pytest.mark.parametrize(
    ("day", "today", "expected"),
    [
        ("1990-09-28", "2026-09-27", 35),
        ("1990-09-28", "2026-09-28", 36),
        ("1992-02-29", "2026-02-27", 33),
        ("1992-02-29", "2026-02-28", 34),
        ("1992-02-29", "2028-02-28", 35),
        ("1992-02-29", "2028-02-29", 36),
    ],
)
def test_age_completes_on_28_february_in_a_common_year(day, today, expected):
    assert age(date.fromisoformat(day), date.fromisoformat(today)) == expected


@pytest.mark.parametrize(
    ("bought", "expected"),
    [("2026-09-27T20:59:59.999999", 1), ("2026-09-27T21:00:00", 0), ("2026-03-28T10:00:00", 184)],
)
def test_client_since_days_counts_calendar_days_of_the_account(bought, expected):
    base = world(orders=(order(1, (bought, "done")),))
    assert holds(base, field("client_since_days", "eq", expected), NOW)
