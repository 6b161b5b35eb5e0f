"""Words of both languages in which filters are told: joints, measures, bounds of time."""

from clientbase.filters.bounds import Bound, Math
from clientbase.filters.specs import Label
from clientbase.filters.yearless import MonthDay

EVERYONE = Label("Все клиенты", "All clients")
AND = Label(" и ", " and ")
OR = Label(" или ", " or ")
NOT = Label("не ", "not ")
FROM = Label("с", "from")
TO = Label("по", "to")
FROM_NUMBER = Label("от", "from")
TO_NUMBER = Label("до", "to")
WHERE = Label("где", "where")
PERIOD = Label("за период", "in the period")
WITHOUT_YEAR = Label("без учёта года", "in any year")
MORE = Label("и ещё {}", "and {} more")
QUOTED = Label("«{}»", "“{}”")
ACTIONS_GROUP = Label("Действия", "Actions")
SEGMENT_LABELS = {
    False: Label("входит хотя бы в один из сегментов", "is in any of the segments"),
    True: Label("не входит ни в один из сегментов", "is in none of the segments"),
}

MEASURE_LABELS = {
    "count": Label("количество", "count"),
    "count_distinct": Label("число разных значений", "number of distinct values"),
    "sum": Label("сумма", "sum"),
    "avg": Label("среднее", "average"),
    "min": Label("наименьшее", "least"),
    "max": Label("наибольшее", "greatest"),
}
MEASURE_OF = Label("{} по «{}»", "{} of {}")

_NOW = Label("сейчас", "now")
_AGO = Label("{} назад", "{} ago")
_AHEAD = Label("через {}", "in {}")
_WHOLE = {
    "y": Label("весь год", "the whole year"),
    "M": Label("весь месяц", "the whole month"),
    "w": Label("вся неделя", "the whole week"),
    "d": Label("весь день", "the whole day"),
    "h": Label("весь час", "the whole hour"),
    "m": Label("вся минута", "the whole minute"),
}
_KNOWN = {
    "now/d": Label("сегодня", "today"),
    "now-1d/d": Label("вчера", "yesterday"),
    "now+1d/d": Label("завтра", "tomorrow"),
    "now/w": Label("эта неделя", "this week"),
    "now-1w/w": Label("прошлая неделя", "last week"),
    "now/M": Label("этот месяц", "this month"),
    "now-1M/M": Label("прошлый месяц", "last month"),
    "now/y": Label("этот год", "this year"),
    "now-1y/y": Label("прошлый год", "last year"),
}
_UNITS = {
    "y": (("год", "года", "лет"), "year"),
    "M": (("месяц", "месяца", "месяцев"), "month"),
    "w": (("неделю", "недели", "недель"), "week"),
    "d": (("день", "дня", "дней"), "day"),
    "h": (("час", "часа", "часов"), "hour"),
    "m": (("минуту", "минуты", "минут"), "minute"),
}


def tell_bound(bound: Bound | MonthDay, locale: str) -> str:
    """A bound in words: `now-90d` is 90 days ago; fixed ones as written.

    >>> tell_bound(Math(((-90, "d"),), None), "ru")
    '90 дней назад'
    """
    if not isinstance(bound, Math):
        return str(bound)
    known = _KNOWN.get(str(bound))
    if known is not None:
        return known.of(locale)
    steps = ", ".join(_step(number, unit, locale) for number, unit in bound.steps) or _NOW.of(locale)
    return steps if bound.unit is None else f"{steps} ({_WHOLE[bound.unit].of(locale)})"


def _step(number: int, unit: str, locale: str) -> str:
    frame = _AGO if number < 0 else _AHEAD
    russian, english = _UNITS[unit]
    count = abs(number)
    words = Label(f"{count} {_plural(count, russian)}", f"{count} {english}{'' if count == 1 else 's'}")
    return frame.of(locale).format(words.of(locale))


def _plural(count: int, forms: tuple[str, str, str]) -> str:
    """The Russian form of a noun after a number."""
    if count % 10 == 1 and count % 100 != 11:
        return forms[0]
    return forms[1] if count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14) else forms[2]
