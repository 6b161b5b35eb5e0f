"""Building blocks of request and answer shapes: strict values with declared bounds."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

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

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})", re.ASCII)
_MONEY = re.compile(r"-?\d{1,15}(\.\d{1,4})?", re.ASCII)


class Shape(BaseModel):
    """Base of every request and answer: unknown fields are an error."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False, ser_json_inf_nan="null")


def _day(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise PydanticCustomError("wrong_type", "a day as YYYY-MM-DD")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError("invalid_date", "there is no such day") from None


def _instant(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise PydanticCustomError("wrong_type", "a time as RFC 3339, with seconds and zone")
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        raise PydanticCustomError("invalid_date", "there is no such time") from None


def _decimal_string(value: Any) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str) or not _MONEY.fullmatch(value):
        raise PydanticCustomError("wrong_type", "money as a decimal string")
    return Decimal(value)


def _number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise PydanticCustomError("wrong_type", "a JSON number")
    number = Decimal(value)
    if number and not -20 < number.adjusted() < 14:
        raise PydanticCustomError("number_out_of_range", "a number below 10^14")
    if number.normalize().as_tuple().exponent < -4:  # type: ignore[operator]
        raise PydanticCustomError("too_many_places", "at most four decimal places")
    return number


def plain_number(value: Decimal) -> int | float:
    """A number as answers write it: 10 rather than 10.0000."""
    return int(value) if value == value.to_integral_value() else float(value)


def _stored(value: str) -> str:
    cleaned = clean(value)
    if cleaned is None:
        raise PydanticCustomError("blank_text", "text that is not blank")
    return cleaned


def instant_text(at: datetime) -> str:
    """A time as answers write it: RFC 3339 in UTC, microseconds only where there are any."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


Int = StrictInt
Bool = StrictBool
Id = Annotated[int, Field(strict=True, ge=1, le=MAX_ID)]
Code = Annotated[str, StringConstraints(pattern=CODE_PATTERN)]
SourceCode = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(_stored)]
"""A code that a source gives: any text of 1 to 100 characters."""
Line = Annotated[str, StringConstraints(min_length=1, max_length=255), AfterValidator(_stored)]
"""One line of text, cleaned."""
Short = Annotated[str, StringConstraints(max_length=255)]
"""A short text of an answer."""
LongText = Annotated[str, StringConstraints(max_length=4000)]
Day = Annotated[
    date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date", "example": "2026-09-28"})
]
Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    PlainSerializer(instant_text, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time", "example": "2026-09-28T10:00:00Z"}),
]
Money = Annotated[
    Decimal,
    BeforeValidator(_decimal_string),
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
