"""Ways from a row to the value of a field: each gives an answer that can be asked a condition."""

from calendar import isleap
from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Integer,
    Numeric,
    Text,
    case,
    cast,
    extract,
    func,
    literal,
)

from clientbase.filters.answers import Answer, DaysSince, Phone, Ratio, Scalar, month_day
from clientbase.filters.moment import Moment
from clientbase.filters.set_answers import ArraySet, OrderItems
from clientbase.filters.sources import Rows
from clientbase.filters.specs import Field, Read
from clientbase.filters.yearless import FEB_28, FEB_29

Reader = Callable[[Rows, Read, Moment], Any]


def read(field: Field, rows: Rows, moment: Moment) -> Answer:
    """The value of a field on a row."""
    value = READERS[field.read.how](rows, field.read, moment)
    return value if isinstance(value, Answer) else Scalar(value, field.type, moment)


def _free(rows: Rows, read: Read) -> ColumnElement[str]:
    """A free param of an action as text."""
    return rows.base.c.params.op("->>", return_type=Text())(literal(read.column, Text))


def _folded(rows: Rows, read: Read, _: Moment) -> ColumnElement[str]:
    """A free text as it is compared: the folded form stands apart only where it differs."""
    folded = rows.base.c.folded.op("->>", return_type=Text())(literal(read.column, Text))
    return func.coalesce(folded, _free(rows, read))


def _cast(type_: Any) -> Reader:
    return lambda rows, read, _: cast(_free(rows, read), type_)


def _age(rows: Rows, read: Read, moment: Moment) -> ColumnElement[int]:
    """Whole years on the account's day; those of 29 February complete one on the 28th in a common year."""
    born, today = rows.base.c[read.column], moment.today
    number = today.month * 100 + today.day
    reached = FEB_29 if number == FEB_28 and not isleap(today.year) else number
    years = literal(today.year, Integer) - cast(extract("year", born), Integer)
    return years - case((month_day(born) > literal(reached, Integer), 1), else_=0)


def _order_param(rows: Rows, read: Read, _: Moment) -> ColumnElement[Any]:
    assert isinstance(read.key, int)
    return rows.order_param(read.key).c[read.column]


def _balance(rows: Rows, read: Read, _: Moment) -> ColumnElement[Any]:
    """What a source states, else the sum of operations."""
    return func.coalesce(rows.stated.c.stated_bonus_balance, rows.base.c[read.column])


READERS: dict[str, Reader] = {
    "column": lambda rows, read, _: rows.base.c[read.column],
    "time": lambda rows, _, __: rows.time,
    "order": lambda rows, read, _: rows.order.c[read.column],
    "order_param": _order_param,
    "product": lambda rows, read, _: rows.product.c[read.column],
    "group": lambda rows, read, _: ArraySet(rows.group.c[read.column], rows.group.c.code),
    "array": lambda rows, read, _: ArraySet(rows.base.c[read.column], rows.base.c[read.column]),
    "products": lambda rows, _, __: OrderItems(rows, groups=False),
    "product_groups": lambda rows, _, __: OrderItems(rows, groups=True),
    "json": lambda rows, read, _: _free(rows, read),
    "json_text": _folded,
    "json_number": _cast(Numeric),
    "json_date": _cast(Date),
    "json_datetime": _cast(DateTime(timezone=True)),
    "json_boolean": _cast(Boolean),
    "phone": lambda rows, read, moment: Phone(rows.base.c[read.column], rows.base.c.digits, moment),
    "age": _age,
    "days_since": lambda rows, read, moment: DaysSince(rows.base.c[read.column], moment),
    "balance": _balance,
    "average_check": lambda rows, read, _: Ratio(rows.base.c[read.column], rows.base.c.sales_count),
}
