"""Building blocks of request and answer shapes: strict values with declared bounds."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StrictBool,
    StrictInt,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from clientbase.kit.text import clean

CODE_PATTERN = r"^[a-z][a-z0-9_-]{0,62}$"
MAX_ID = 2**53 - 1
MAX_MINOR_UNITS = 10**15
"""The largest amount of money: fifteen digits of minor units."""

EARLIEST_YEAR, LATEST_YEAR = 1800, 2200
"""Days and instants that are taken in lie in these years, both included: in any time zone there is room."""
_PLACES = Decimal("0.0001")
"""Numbers are kept to four decimal places."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})", re.ASCII)
_MONEY = re.compile(r"-?\d{1,15}(\.\d{1,4})?", re.ASCII)

_At = TypeVar("_At", date, datetime)


class Shape(BaseModel):
    """Base of every request and answer: unknown fields are an error."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False, ser_json_inf_nan="null")


def in_years(at: date) -> bool:
    """Whether a day or an instant lies in the years that are taken in."""
    return EARLIEST_YEAR <= at.year <= LATEST_YEAR


def read_day(value: Any) -> date:
    """A day as it is sent; a `date` stays as it is. Raises PydanticCustomError (wrong_type, invalid_date)."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise PydanticCustomError("wrong_type", "a day as YYYY-MM-DD")
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError("invalid_date", "there is no such day") from None
    return _sane(day)


def read_instant(value: Any) -> datetime:
    """An instant as it is sent, in UTC; a `datetime` stays as it is.

    Raises PydanticCustomError (wrong_type, invalid_date).
    """
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise PydanticCustomError("wrong_type", "a time as RFC 3339, with seconds and zone")
    try:
        at = datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        raise PydanticCustomError("invalid_date", "there is no such time") from None
    return _sane(at)


def _sane(at: _At) -> _At:
    if not in_years(at):
        raise PydanticCustomError("invalid_date", f"a year from {EARLIEST_YEAR} to {LATEST_YEAR}")
    return at


def read_money(value: Any) -> Decimal:
    """Money as it is sent; a `Decimal` stays as it is. Raises PydanticCustomError (wrong_type)."""
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str) or not _MONEY.fullmatch(value):
        raise PydanticCustomError("wrong_type", "money as a decimal string")
    return Decimal(value)


def _number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise PydanticCustomError("wrong_type", "a JSON number")
    number = Decimal(value)
    if number and number.adjusted() >= 14:
        raise PydanticCustomError("number_out_of_range", "a number below 10^14")
    exact = number.quantize(_PLACES)
    if exact != number:
        raise PydanticCustomError("too_many_places", "at most four decimal places")
    return exact


def plain_number(value: Decimal) -> int | float:
    """A number as answers write it: 10 rather than 10.0000."""
    return int(value) if value == value.to_integral_value() else float(value)


def _stored(longest: int) -> Callable[[str], str]:
    """Text as it is stored; its length counts then, since composing may make it longer."""

    def stored(value: str) -> str:
        cleaned = clean(value)
        if cleaned is None:
            raise PydanticCustomError("blank_text", "text that is not blank")
        if len(cleaned) > longest:
            raise PydanticCustomError("string_too_long", "at most {longest} characters", {"longest": longest})
        return cleaned

    return stored


def instant_text(at: datetime) -> str:
    """A time as answers write it: RFC 3339 in UTC, microseconds only where there are any."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


Int = StrictInt
Bool = StrictBool
Id = Annotated[int, Field(strict=True, ge=1, le=MAX_ID)]
Code = Annotated[str, StringConstraints(pattern=CODE_PATTERN)]
SourceCode = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(_stored(100))]
"""A code that a source gives: any text of 1 to 100 characters."""
Line = Annotated[str, StringConstraints(min_length=1, max_length=255), AfterValidator(_stored(255))]
"""One line of text, cleaned."""
Short = Annotated[str, StringConstraints(max_length=255)]
"""A short text of an answer."""
Day = Annotated[
    date,
    BeforeValidator(read_day),
    WithJsonSchema({"type": "string", "format": "date", "example": "2026-09-28"}),
]
Instant = Annotated[
    datetime,
    BeforeValidator(read_instant),
    PlainSerializer(instant_text, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time", "example": "2026-09-28T10:00:00Z"}),
]
Money = Annotated[
    Decimal,
    BeforeValidator(read_money),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^-?\d{1,15}(\.\d{1,4})?$", "example": "1990.00"}),
]
"""Money as a decimal string; the account's currency decides its places."""
Number = Annotated[
    Decimal,
    BeforeValidator(_number),
    PlainSerializer(plain_number, return_type=int | float, when_used="json"),
    WithJsonSchema({"type": "number", "minimum": -99999999999999, "maximum": 99999999999999}),
]
"""A JSON number, kept exact to four places."""
