"""Values of typed params: what each type takes, as JSON or as Python values."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from pydantic_core import PydanticCustomError

from clientbase.kit.errors import Item
from clientbase.kit.schema import EARLIEST_YEAR, LATEST_YEAR, in_years, read_day, read_instant, read_money
from clientbase.kit.text import clean

MAX_TEXT = 4000
MAX_REFERENCE = 100
_NUMBER_LIMIT = Decimal(10) ** 14
_PLACES = 4
_Value = TypeVar("_Value")
_At = TypeVar("_At", date, datetime)


@dataclass(frozen=True)
class WrongValue(Exception):
    """A value that its type does not take."""

    code: str
    message: str
    allowed: tuple[object, ...] | None = None

    def at(self, pointer: str) -> Item:
        """The wrong place of a request."""
        return Item(pointer, self.code, self.message, self.allowed)


@dataclass(frozen=True, slots=True)
class ParamType:
    """The type of a param with what narrows it: the choices, the places of the account's money."""

    type: str
    choices: Collection[str] = ()
    places: int = 2


def read_value(raw: object, of: ParamType) -> Any:
    """The value of a param: text, Decimal, date, instant in UTC or boolean; blank text is None.

    Raises WrongValue.
    """
    return _READERS[of.type](raw, of)


def _text(raw: object, _: ParamType) -> str | None:
    return _cleaned(raw, MAX_TEXT)


def _reference(raw: object, _: ParamType) -> str | None:
    return _cleaned(raw, MAX_REFERENCE)


def _cleaned(raw: object, longest: int) -> str | None:
    if not isinstance(raw, str):
        raise WrongValue("WRONG_TYPE", "A text is expected.")
    cleaned = clean(raw)
    if cleaned is not None and len(cleaned) > longest:
        raise WrongValue("TEXT_TOO_LONG", f"At most {longest} characters.")
    return cleaned


def _number(raw: object, _: ParamType) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal):
        raise WrongValue("WRONG_TYPE", "A number is expected.")
    number = raw if isinstance(raw, Decimal) else Decimal(str(raw))
    return _bounded(number, _PLACES)


def _money(raw: object, of: ParamType) -> Decimal:
    amount = _sent(read_money, raw)
    if amount < 0:
        raise WrongValue("NEGATIVE_AMOUNT", "Amounts are not negative.")
    return _bounded(amount, min(of.places, _PLACES))


def _bounded(number: Decimal, places: int) -> Decimal:
    if not number.is_finite() or abs(number) >= _NUMBER_LIMIT:
        raise WrongValue("NUMBER_OUT_OF_RANGE", "A number below 10^14 is expected.")
    exact = number.quantize(Decimal(1).scaleb(-places))
    if exact != number:
        raise WrongValue("TOO_MANY_PLACES", f"At most {places} decimal places.")
    return exact


def _date(raw: object, _: ParamType) -> date:
    return _in_years(_sent(read_day, raw))


def _datetime(raw: object, _: ParamType) -> datetime:
    at = _sent(read_instant, raw)
    if at.tzinfo is None:
        raise WrongValue("WRONG_TYPE", "A time with a zone is expected.")
    return _in_years(at).astimezone(UTC)


def _sent(read: Callable[[object], _Value], raw: object) -> _Value:
    """A value in the form in which every shape takes it."""
    try:
        return read(raw)
    except PydanticCustomError as wrong:
        raise WrongValue(wrong.type.upper(), f"Expected: {wrong.message()}.") from None


def _in_years(at: _At) -> _At:
    if not in_years(at):
        raise WrongValue("INVALID_DATE", f"A year from {EARLIEST_YEAR} to {LATEST_YEAR} is expected.")
    return at


def _boolean(raw: object, _: ParamType) -> bool:
    if not isinstance(raw, bool):
        raise WrongValue("WRONG_TYPE", "true or false is expected.")
    return raw


def _choice(raw: object, of: ParamType) -> str:
    if not isinstance(raw, str) or raw not in of.choices:
        raise WrongValue("UNKNOWN_CHOICE", "This is not one of the choices.", tuple(of.choices))
    return raw


_READERS: dict[str, Callable[[object, ParamType], Any]] = {
    "text": _text,
    "reference": _reference,
    "number": _number,
    "integer": _number,
    "money": _money,
    "date": _date,
    "datetime": _datetime,
    "boolean": _boolean,
    "choice": _choice,
}
