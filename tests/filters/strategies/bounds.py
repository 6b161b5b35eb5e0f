"""Bounds and ranges of time for leaves, in all their spellings."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from ..oracle.datemath import MICROSECOND, Clock, is_relative, resolve
from . import times
from .chance import Chance

OFFSETS = (0, 0, 3 * 60, -5 * 60, 5 * 60 + 45)
RELATIVE = times.PAST + times.FUTURE
PLAIN = Clock(datetime(2024, 6, 15, 12, tzinfo=UTC), ZoneInfo("UTC"))
"""A moment at which no month ends and no clock changes."""
ROUNDED = tuple(bound for bound in RELATIVE if "/" in bound)


def bound(chance: Chance, clock: Clock, near: date | datetime | None) -> str:
    """Any bound: relative, a day, an instant; the fixed ones by a value of the base."""
    makers = {
        lambda: chance.one(RELATIVE): 4,
        lambda: fixed_day(chance, clock, near): 3,
        lambda: fixed_instant(chance, clock, near): 2,
    }
    return chance.branch(makers)


def whole_bound(chance: Chance, clock: Clock, near: date | datetime | None) -> str:
    """A bound that is not a bare instant: what `eq` on an instant allows."""
    return chance.one(ROUNDED) if chance.happens(0.5) else fixed_day(chance, clock, near)


def fixed_day(chance: Chance, clock: Clock, near: date | datetime | None) -> str:
    return (_day(clock, near) + timedelta(days=chance.one((-1, 0, 0, 0, 1)))).isoformat()


def fixed_instant(chance: Chance, clock: Clock, near: date | datetime | None) -> str:
    """RFC 3339, at the value itself or a microsecond or some hours beside it, in some offset."""
    zone = timezone(timedelta(minutes=chance.one(OFFSETS)))
    instant = near if isinstance(near, datetime) else resolve(_day(clock, near).isoformat(), clock).lo
    beside = chance.one((-MICROSECOND, timedelta(0), MICROSECOND, timedelta(hours=chance.between(-30, 30))))
    text = (instant + beside).astimezone(zone).isoformat()
    return text.replace("+00:00", "Z") if zone.utcoffset(None) == timedelta(0) else text


def _day(clock: Clock, near: date | datetime | None) -> date:
    if near is None:
        return clock.today
    return clock.day(near) if isinstance(near, datetime) else near


def between(chance: Chance, clock: Clock, near: date | datetime | None) -> dict[str, str]:
    """A range: either end may be absent; ends of one kind are in order, others may cross."""
    if chance.happens(0.08):
        low, high = chance.one(times.CROSSING_RANGES)
        return {"from": low, "to": high}
    low, high = bound(chance, clock, near), bound(chance, clock, near)
    if chance.happens(0.2):
        return chance.one(({"from": low}, {"to": high}))
    return _in_order(clock, low, high)


def _in_order(clock: Clock, low: str, high: str) -> dict[str, str]:
    """Ends of one kind the right way round, as a range reversed for good is an error.

    Relative ones are put in order on a plain day: what crosses by a change of the clocks alone is empty then.
    """
    judge = PLAIN if is_relative(low) else clock
    if is_relative(low) == is_relative(high) and resolve(low, judge).lo > resolve(high, judge).lo:
        low, high = high, low
    return {"from": low, "to": high}


def yearless(chance: Chance, clock: Clock, operator: str, near: date | datetime | None) -> object:
    """The value of an `ignore_year` leaf: `MM-DD` or relative, one or a range."""
    if operator in ("eq", "ne"):
        return chance.one(ROUNDED) if chance.happens(0.4) else month_day(chance, clock, near)
    if chance.happens(0.5):
        low, high = chance.one(times.YEARLESS_RANGES)
    else:
        low, high = month_day(chance, clock, near), month_day(chance, clock, near)
    return {"from": low, "to": high}


def month_day(chance: Chance, clock: Clock, near: date | datetime | None) -> str:
    if chance.happens(0.5):
        return chance.one(times.MONTH_DAYS)
    return (_day(clock, near) + timedelta(days=chance.between(-2, 2))).strftime("%m-%d")
