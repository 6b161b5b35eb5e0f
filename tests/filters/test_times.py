"""Bounds of time: date math by the wall clock, gaps and repeated times, whole units, days without a year."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from clientbase.filters.bounds import Day, Instant, Math, always_reversed, read_bound
from clientbase.filters.moment import Moment
from clientbase.filters.yearless import fixed_spans, read_month_day, relative_spans

BERLIN, MOSCOW, UTC_ZONE = ZoneInfo("Europe/Berlin"), ZoneInfo("Europe/Moscow"), ZoneInfo("UTC")


def at(text: str, zone: ZoneInfo) -> Moment:
    return Moment(datetime.fromisoformat(text), zone)


def span(text: str, moment: Moment) -> tuple[str, str]:
    bound = read_bound(text)
    assert bound is not None
    lo, hi = bound.span(moment)
    return lo.isoformat().replace("+00:00", "Z"), hi.isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("bound", "lo", "hi"),
    [
        ("2026-09-28", "2026-09-27T21:00:00Z", "2026-09-28T20:59:59.999999Z"),
        ("2026-09-28T10:00:00+03:00", "2026-09-28T07:00:00Z", "2026-09-28T07:00:00Z"),
        ("2026-09-28T10:00Z", "2026-09-28T10:00:00Z", "2026-09-28T10:00:00Z"),
        ("now", "2026-09-28T12:34:56Z", "2026-09-28T12:34:56Z"),
        ("now-90d", "2026-06-30T12:34:56Z", "2026-06-30T12:34:56Z"),
        ("now-3h", "2026-09-28T09:34:56Z", "2026-09-28T09:34:56Z"),
        ("now/d", "2026-09-27T21:00:00Z", "2026-09-28T20:59:59.999999Z"),
        ("now/w", "2026-09-27T21:00:00Z", "2026-10-04T20:59:59.999999Z"),
        ("now-1d/w", "2026-09-20T21:00:00Z", "2026-09-27T20:59:59.999999Z"),
        ("now-1M/M", "2026-07-31T21:00:00Z", "2026-08-31T20:59:59.999999Z"),
        ("now/y", "2025-12-31T21:00:00Z", "2026-12-31T20:59:59.999999Z"),
        ("now/h", "2026-09-28T12:00:00Z", "2026-09-28T12:59:59.999999Z"),
        ("now/m", "2026-09-28T12:34:00Z", "2026-09-28T12:34:59.999999Z"),
        ("now+1M-1d/d", "2026-10-26T21:00:00Z", "2026-10-27T20:59:59.999999Z"),
    ],
)
def test_a_bound_is_an_interval_or_an_instant(bound: str, lo: str, hi: str) -> None:
    assert span(bound, at("2026-09-28T12:34:56+00:00", MOSCOW)) == (lo, hi)


@pytest.mark.parametrize(
    ("now", "bound", "lo"),
    [
        ("2026-03-31T12:00:00+00:00", "now-1M", "2026-02-28T12:00:00Z"),
        ("2024-02-29T12:00:00+00:00", "now-1y", "2023-02-28T12:00:00Z"),
        ("2024-02-29T12:00:00+00:00", "now+1y-1y", "2024-02-28T12:00:00Z"),
        ("2026-01-31T12:00:00+00:00", "now+1M+1M", "2026-03-28T12:00:00Z"),
    ],
)
def test_months_are_clamped_left_to_right(now: str, bound: str, lo: str) -> None:
    assert span(bound, at(now, UTC_ZONE))[0] == lo


@pytest.mark.parametrize(
    ("now", "bound", "lo", "hi"),
    [
        # 29 March 2026: 02:00 becomes 03:00 in Berlin
        ("2026-03-28T01:30:00+00:00", "now+1d", "2026-03-29T01:30:00Z", "2026-03-29T01:30:00Z"),
        ("2026-03-28T01:30:00+00:00", "now+24h", "2026-03-29T01:30:00Z", "2026-03-29T01:30:00Z"),
        ("2026-03-28T12:00:00+00:00", "now+1d", "2026-03-29T11:00:00Z", "2026-03-29T11:00:00Z"),
        ("2026-03-29T12:00:00+00:00", "now/d", "2026-03-28T23:00:00Z", "2026-03-29T21:59:59.999999Z"),
        # 25 October 2026: 03:00 becomes 02:00 again
        ("2026-10-24T00:30:00+00:00", "now+1d", "2026-10-25T00:30:00Z", "2026-10-25T00:30:00Z"),
        ("2026-10-25T01:30:00+00:00", "now/h", "2026-10-25T01:00:00Z", "2026-10-25T01:59:59.999999Z"),
        ("2026-10-25T00:30:00+00:00", "now/h", "2026-10-25T00:00:00Z", "2026-10-25T00:59:59.999999Z"),
        ("2026-10-25T12:00:00+00:00", "now/d", "2026-10-24T22:00:00Z", "2026-10-25T22:59:59.999999Z"),
    ],
)
def test_clocks_that_jump(now: str, bound: str, lo: str, hi: str) -> None:
    assert span(bound, at(now, BERLIN)) == (lo, hi)


def test_a_day_that_begins_in_a_gap_begins_when_the_clock_goes_on() -> None:
    # Cuba: on 8 March 2026 midnight becomes 01:00
    assert (
        span("2026-03-08", at("2026-03-01T00:00:00+00:00", ZoneInfo("America/Havana")))[0]
        == "2026-03-08T05:00:00Z"
    )


def test_an_instant_against_a_date_is_the_days_of_the_account() -> None:
    moment = at("2026-09-28T22:30:00+00:00", MOSCOW)
    assert Math((), None).days(moment) == (date(2026, 9, 29), date(2026, 9, 29))
    assert Instant(datetime(2026, 1, 1, 21, tzinfo=UTC)).days(moment) == (date(2026, 1, 2), date(2026, 1, 2))


def test_the_ends_of_the_calendar_are_kept() -> None:
    for zone in (MOSCOW, ZoneInfo("America/New_York")):
        moment = at("2026-09-28T12:00:00+00:00", zone)
        for day in (date.min, date.max):
            lo, hi = Day(day).span(moment)
            assert lo <= hi


@pytest.mark.parametrize(
    "text",
    ["", "now-", "now-1", "now-1D", "now/d-1d", "now/d/d", "today", "2026-02-30", "2026-9-1", "NOW",
     "now-999999y", "2026-09-28T10:00:00", "2026-09-28 10:00:00Z", "2026-13-01",
     "now-1d ", "٢٠٢٦-09-01", "2026-09-28T25:00:00Z"],
)  # fmt: skip
def test_what_is_no_bound(text: str) -> None:
    assert read_bound(text) is None


@pytest.mark.parametrize(
    ("lower", "upper", "expected"),
    [
        ("2026-09-28", "2026-09-27", True),
        ("2026-09-28", "2026-09-28", False),
        ("now", "now-1d", True),
        ("now/d", "now-1d/d", True),
        ("now/M", "now-1d", False),
        ("now-30d", "now-1M", False),
        ("now-32d", "now-1M", False),
        ("now-27d", "now-1M", True),
        ("now-1y", "now-365d", False),
        ("2026-09-28", "now-900y", False),
    ],
)
def test_a_range_is_reversed_when_it_can_never_hold_anything(lower: str, upper: str, expected: bool) -> None:
    one, two = read_bound(lower), read_bound(upper)
    assert one is not None
    assert two is not None
    assert always_reversed(one, two, MOSCOW) is expected


@pytest.mark.parametrize(
    ("year", "lower", "upper", "spans"),
    [
        (2026, "03-10", "03-20", ((310, 320), (1, 0))),
        (2026, "12-02", "01-03", ((1202, 1231), (101, 103))),
        (2026, "02-28", "02-28", ((228, 229), (1, 0))),
        (2024, "02-28", "02-28", ((228, 228), (1, 0))),
        (2026, "02-29", "02-29", ((228, 229), (1, 0))),
        (2024, "02-29", "02-29", ((229, 229), (1, 0))),
        (2026, "02-01", "02-29", ((201, 229), (1, 0))),
        (2026, "03-01", "02-28", ((301, 1231), (101, 229))),
        (2024, "03-01", "02-28", ((301, 1231), (101, 228))),
        (2024, "02-29", "02-27", ((101, 1231), (1, 0))),
    ],
)
def test_fixed_days_without_a_year(year: int, lower: str, upper: str, spans: object) -> None:
    one, two = read_month_day(lower), read_month_day(upper)
    assert one is not None
    assert two is not None
    assert fixed_spans(one, two, at(f"{year}-06-15T12:00:00+00:00", MOSCOW)) == spans


@pytest.mark.parametrize(
    ("now", "lower", "upper", "spans"),
    [
        ("2026-09-28", "now/d", "now+3d/d", ((928, 1001), (1, 0))),
        ("2026-12-30", "now/d", "now+3d/d", ((1230, 1231), (101, 102))),
        ("2023-12-30", "now/d", "now+60d/d", ((1230, 1231), (101, 228))),
        ("2022-12-30", "now/d", "now+60d/d", ((1230, 1231), (101, 229))),
        ("2024-02-29", "now/d", "now+364d/d", ((101, 1231), (1, 0))),
        ("2024-02-29", "now/d", "now+363d/d", ((229, 1231), (101, 226))),
        ("2024-03-01", "now/d", "now+1y-1d/d", ((101, 1231), (1, 0))),
        ("2026-08-15", "now-30d/d", "now-1M/d", ((1, 0), (1, 0))),
    ],
)
def test_relative_days_without_a_year(now: str, lower: str, upper: str, spans: object) -> None:
    one, two = read_bound(lower), read_bound(upper)
    assert isinstance(one, Math)
    assert isinstance(two, Math)
    assert relative_spans(one, two, at(f"{now}T09:00:00+00:00", MOSCOW)) == spans


@pytest.mark.parametrize("text", ["02-30", "13-01", "1-1", "2026-01-01", "0101", "00-10"])
def test_what_is_no_day_without_a_year(text: str) -> None:
    assert read_month_day(text) is None
