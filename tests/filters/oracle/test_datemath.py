"""Bounds of time, worked out by hand."""

from zoneinfo import ZoneInfo

import pytest

from .build import at
from .datemath import Clock, resolve


def interval(bound: str, zone: str, now: str) -> tuple[str, str]:
    """Ends of a bound as the account's clock shows them, with the offset."""
    clock = Clock(at(now), ZoneInfo(zone))
    found = resolve(bound, clock)
    return found.lo.astimezone(clock.zone).isoformat(), found.hi.astimezone(clock.zone).isoformat()


MOSCOW = "2026-09-28T10:00:00+03:00"


@pytest.mark.parametrize(
    ("bound", "expected"),
    [
        ("now", "2026-09-28T10:00:00+03:00"),
        ("now-90d", "2026-06-30T10:00:00+03:00"),
        ("now-3h", "2026-09-28T07:00:00+03:00"),
        ("now-90m", "2026-09-28T08:30:00+03:00"),
        ("now+1w-1d", "2026-10-04T10:00:00+03:00"),
        ("now-1y", "2025-09-28T10:00:00+03:00"),
        ("now-7M", "2026-02-28T10:00:00+03:00"),
        ("now+1M-1M", "2026-09-28T10:00:00+03:00"),
        ("2026-09-28T10:00:00+05:00", "2026-09-28T08:00:00+03:00"),
        ("2026-09-28T10:00:00Z", "2026-09-28T13:00:00+03:00"),
    ],
)
def test_a_bound_without_rounding_is_an_instant(bound, expected):
    assert interval(bound, "Europe/Moscow", MOSCOW) == (expected, expected)


@pytest.mark.parametrize(
    ("bound", "lo", "hi"),
    [
        ("2026-09-28", "2026-09-28T00:00:00+03:00", "2026-09-28T23:59:59.999999+03:00"),
        ("now/d", "2026-09-28T00:00:00+03:00", "2026-09-28T23:59:59.999999+03:00"),
        ("now+3d/d", "2026-10-01T00:00:00+03:00", "2026-10-01T23:59:59.999999+03:00"),
        ("now-1M/M", "2026-08-01T00:00:00+03:00", "2026-08-31T23:59:59.999999+03:00"),
        ("now/w", "2026-09-28T00:00:00+03:00", "2026-10-04T23:59:59.999999+03:00"),
        ("now-1d/w", "2026-09-21T00:00:00+03:00", "2026-09-27T23:59:59.999999+03:00"),
        ("now/y", "2026-01-01T00:00:00+03:00", "2026-12-31T23:59:59.999999+03:00"),
        ("now/h", "2026-09-28T10:00:00+03:00", "2026-09-28T10:59:59.999999+03:00"),
        ("now-1m/h", "2026-09-28T09:00:00+03:00", "2026-09-28T09:59:59.999999+03:00"),
        ("now-1m/m", "2026-09-28T09:59:00+03:00", "2026-09-28T09:59:59.999999+03:00"),
    ],
)
def test_a_day_or_a_rounded_unit_is_the_whole_interval(bound, lo, hi):
    assert interval(bound, "Europe/Moscow", MOSCOW) == (lo, hi)


@pytest.mark.parametrize(
    ("bound", "now", "expected"),
    [
        ("now-1M", "2026-03-31T12:00:00+03:00", "2026-02-28T12:00:00+03:00"),
        ("now-1M-1M", "2026-03-31T12:00:00+03:00", "2026-01-28T12:00:00+03:00"),
        ("now-2M", "2026-03-31T12:00:00+03:00", "2026-01-31T12:00:00+03:00"),
        ("now+1y", "2024-02-29T12:00:00+03:00", "2025-02-28T12:00:00+03:00"),
        ("now+1M", "2024-01-31T12:00:00+03:00", "2024-02-29T12:00:00+03:00"),
        ("now-1M+1d", "2026-03-31T12:00:00+03:00", "2026-03-01T12:00:00+03:00"),
        ("now+1d-1M", "2026-03-31T12:00:00+03:00", "2026-03-01T12:00:00+03:00"),
        ("now-13M", "2026-01-31T12:00:00+03:00", "2024-12-31T12:00:00+03:00"),
    ],
)
def test_months_and_years_are_clamped_from_left_to_right(bound, now, expected):
    assert interval(bound, "Europe/Moscow", now)[0] == expected


@pytest.mark.parametrize(
    ("bound", "zone", "now", "expected"),
    [
        # The hour from 2 to 3 does not exist on 29 March: wall units move past it, hours elapse.
        ("now-1d", "Europe/Berlin", "2026-03-30T02:30:00+02:00", "2026-03-29T03:30:00+02:00"),
        ("now-24h", "Europe/Berlin", "2026-03-30T02:30:00+02:00", "2026-03-29T01:30:00+01:00"),
        ("now-1d-1d", "Europe/Berlin", "2026-03-30T02:30:00+02:00", "2026-03-28T03:30:00+01:00"),
        ("now-2d", "Europe/Berlin", "2026-03-30T02:30:00+02:00", "2026-03-28T02:30:00+01:00"),
        # The hour from 2 to 3 comes twice on 25 October: the first is meant.
        ("now-1d", "Europe/Berlin", "2026-10-26T02:30:00+01:00", "2026-10-25T02:30:00+02:00"),
        ("now-24h", "Europe/Berlin", "2026-10-26T02:30:00+01:00", "2026-10-25T02:30:00+01:00"),
        ("now-1w", "America/New_York", "2026-11-08T01:30:00-05:00", "2026-11-01T01:30:00-04:00"),
        # Moscow: two hours at +4 in 2014, the second at +3.
        ("now-1d", "Europe/Moscow", "2014-10-27T01:15:00+03:00", "2014-10-26T01:15:00+04:00"),
        ("now-3d", "Asia/Kathmandu", "2026-09-28T10:00:00+05:45", "2026-09-25T10:00:00+05:45"),
    ],
)
def test_days_go_by_the_wall_clock_and_hours_elapse(bound, zone, now, expected):
    assert interval(bound, zone, now)[0] == expected


@pytest.mark.parametrize(
    ("bound", "zone", "now", "lo", "hi"),
    [
        # A day of 23 hours and one of 25.
        ("now/d", "Europe/Berlin", "2026-03-29T12:00:00+02:00",
         "2026-03-29T00:00:00+01:00", "2026-03-29T23:59:59.999999+02:00"),
        ("now/d", "Europe/Berlin", "2026-10-25T12:00:00+01:00",
         "2026-10-25T00:00:00+02:00", "2026-10-25T23:59:59.999999+01:00"),
        # Midnight does not exist in Cairo on 24 April 2026: the day begins at one.
        ("2026-04-24", "Africa/Cairo", "2026-04-30T12:00:00+03:00",
         "2026-04-24T01:00:00+03:00", "2026-04-24T23:59:59.999999+03:00"),
        ("2026-04-23", "Africa/Cairo", "2026-04-30T12:00:00+03:00",
         "2026-04-23T00:00:00+02:00", "2026-04-23T23:59:59.999999+02:00"),
        # The hour that holds now is the elapsed one, the second of the two.
        ("now/h", "Europe/Berlin", "2026-10-25T02:30:00+01:00",
         "2026-10-25T02:00:00+01:00", "2026-10-25T02:59:59.999999+01:00"),
        ("now/h", "Europe/Berlin", "2026-10-25T02:30:00+02:00",
         "2026-10-25T02:00:00+02:00", "2026-10-25T02:59:59.999999+02:00"),
        ("now/h", "Asia/Kathmandu", "2026-09-28T10:20:00+05:45",
         "2026-09-28T10:00:00+05:45", "2026-09-28T10:59:59.999999+05:45"),
        # Half an hour before midnight UTC it is already the next year in Moscow.
        ("now/y", "Europe/Moscow", "2026-12-31T23:30:00+00:00",
         "2027-01-01T00:00:00+03:00", "2027-12-31T23:59:59.999999+03:00"),
    ],
)  # fmt: skip
def test_intervals_end_a_microsecond_before_the_next_begins(bound, zone, now, lo, hi):
    assert interval(bound, zone, now) == (lo, hi)
