"""Mutants of numbers, ages and sets as SQL asks them."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import cast, extract, func, literal
from sqlalchemy.types import Integer, Numeric

from clientbase.filters import answers, readers
from clientbase.filters.answers import DaysSince, Ratio, Scalar, bind
from clientbase.filters.conditions import Among, HasAll, Present, Within
from clientbase.filters.moment import Moment
from clientbase.filters.set_answers import ArraySet, OrderItems, _Items
from clientbase.filters.specs import Type
from tests.filters.asking import Fields, Measures, Params
from tests.filters.mutation import Mutant


def inverted(self: Scalar, condition: Within) -> Any:
    return answers.between(bind, self.element, condition)


def rounded_ratio(self: Ratio, condition: Any) -> Any:
    some = self.divisor > 0
    if isinstance(condition, Present):
        return some
    value = func.round(self.dividend / func.nullif(self.divisor, 0))
    scalar = Scalar(cast(value, Numeric), Type.NUMBER, None)  # type: ignore[arg-type]
    return some & scalar.holds(condition)


def zero_ratio(self: Ratio, condition: Any) -> Any:
    if isinstance(condition, Within):
        return answers.between(lambda end: bind(Decimal(end)) * self.divisor, self.dividend, condition)
    return RATIO(self, condition)


RATIO = Ratio.holds


def late_day(self: DaysSince, ago: int) -> date:
    return self.moment.today - timedelta(days=ago + 1)


def years_between(rows: Any, read: Any, moment: Moment) -> Any:
    born = rows.base.c[read.column]
    return literal(moment.today.year, Integer) - cast(extract("year", born), Integer)


def strict_age(rows: Any, read: Any, moment: Moment) -> Any:
    born = rows.base.c[read.column]
    return cast(extract("year", func.age(literal(moment.today), born)), Integer)


def overlap(self: ArraySet, condition: Any) -> Any:
    if isinstance(condition, Among | HasAll):
        return self.array.op("@>", is_comparison=True)(answers.bind_list(condition.values))
    return self.array.is_not(None)


ITEMS = OrderItems.holds


def any_item(self: OrderItems, condition: Any) -> Any:
    return ITEMS(self, Among(condition.values) if isinstance(condition, HasAll) else condition)


def some_item(self: OrderItems, condition: Any) -> Any:
    return self.rows.client.is_not(None) if isinstance(condition, Present) else ITEMS(self, condition)


def own_group(self: _Items, condition: Any) -> Any:
    own = self.code if self.path is None else self.path[func.cardinality(self.path)]
    return own == answers.any_(answers.bind_list(condition.values))


def own_line_group(rows: Any, read: Any, _: Any) -> Any:
    return rows.group.c.code


def root_group(self: OrderItems) -> Any:
    items = self.rows.items(self.groups)
    return items.c.path[1] if self.groups else items.c.code


AGE, READ = Fields(("age",)), readers.READERS
RATIOS = Fields(("average_check",))
PLACES = Fields(("visit_cities", "visit_countries"))
RANGES = Fields(("bonus_balance", "revenue", "profit"), ("lt", "lte", "between", "not_between"))
SINCE = Fields(("client_since_days",))
ANSWERS = (
    Mutant("averages are rounded", ((Ratio, "holds", rounded_ratio),), RATIOS),
    Mutant("an average over nothing is 0", ((Ratio, "holds", zero_ratio),), RATIOS),
    Mutant("avg is rounded", ((Ratio, "holds", rounded_ratio),), Measures(("avg",))),
    Mutant("days since a purchase begin at once", ((DaysSince, "_day", late_day),), SINCE),
    Mutant("age is a difference of years", ((READ, "age", years_between),), AGE, True),
    Mutant("29 February comes of age in March", ((READ, "age", strict_age),), AGE, True),
    Mutant("has_any of texts is has_all", ((ArraySet, "holds", overlap),), PLACES),
    Mutant(
        "products has_all is has_any",
        ((OrderItems, "holds", any_item),),
        Params(("set", "group_set"), ("has_all",)),
    ),
    Mutant(
        "products are never empty",
        ((OrderItems, "holds", some_item),),
        Params(("set",), ("empty", "not_empty")),
    ),
    Mutant(
        "a group does not hold its subgroups",
        ((_Items, "one_of", own_group),),
        Params(("group_set",), ("has_any",)),
    ),
    Mutant("a line's group holds no subgroups", ((READ, "group", own_line_group),), Params(("group",))),
    Mutant(
        "product groups count as the groups above all",
        ((OrderItems, "element", property(root_group)),),
        Measures(("count_distinct",), ("group_set",)),
    ),
    Mutant("an inverted range is the range", ((answers._SCALAR, Within, inverted),), RANGES),
)
