"""What may be wrong with an action; a right one becomes the columns that hold it."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from clientbase.actions.values import ParamType, WrongValue, read_value
from clientbase.filters.actions import ACTIONS, SEGMENT_ACTIONS
from clientbase.filters.catalogue import Catalogue
from clientbase.filters.specs import Action, Field, Type
from clientbase.filters.vocabulary import Vocabulary
from clientbase.kit.errors import Item
from clientbase.kit.text import clean, fold
from clientbase.loading.actions.rows import ActionRow, Checked, Values

_ALLOWED_SHOWN = 50
_LONGEST_SOURCE = 100
_LONGEST_ID = 255
_REQUIRED = {"loyalty.accrual": ("amount",), "loyalty.writeoff": ("amount",)}
_NOT_STORED = frozenset({"time"})


class Takes:
    """The type of an action with what it takes: how each param is read and where it is kept."""

    def __init__(self, action: Action, places: int) -> None:
        assert action.type_id is not None
        self.type_id = action.type_id
        self.code = action.code
        self.params = {
            param.code: (param, _type_of(param, places), param.read.how == "column")
            for param in action.params
            if param.code not in _NOT_STORED
        }
        self.required = _REQUIRED.get(action.code, ())
        self.signed = action.own
        """Whether numbers may be negative: the built-in ones are amounts."""


def takes_of(catalogue: Catalogue) -> dict[str, Takes]:
    """All types that rows may name."""
    return {
        action.code: Takes(action, catalogue.currency_exponent)
        for action in Vocabulary(catalogue).actions()
        if action.rows == "actions" and action.code not in SEGMENT_ACTIONS
    }


def check(row: ActionRow, owner: int | Item | None, types: Mapping[str, Takes]) -> Checked | list[Item]:
    """The row as columns, or all that is wrong with it."""
    takes = types.get(row.type)
    if takes is None:
        return [_unknown_type(row.type, types)]
    source = clean(row.source)
    params = _Params(takes)
    faults = [owner] if isinstance(owner, Item) else []
    if owner is None:
        faults.append(Item("/client", "CLIENT_MISSING", "An action names its client."))
    if source is None or len(source) > _LONGEST_SOURCE:
        faults.append(
            Item("/source", "WRONG_SOURCE", f"A source is a text of 1 to {_LONGEST_SOURCE} characters.")
        )
    if row.external_id is not None and not 0 < len(row.external_id) <= _LONGEST_ID:
        faults.append(Item("/external_id", "WRONG_ID", f"An id is a text of 1 to {_LONGEST_ID} characters."))
    faults += params.read(row.params)
    if faults or source is None or not isinstance(owner, int):
        return faults
    values = Values(owner, row.at, params.amount, params.reference, params.free, params.folded or None)
    return Checked(takes.type_id, values, source, row.external_id)


class _Params:
    """The params of one row, on their way into columns."""

    def __init__(self, takes: Takes) -> None:
        self.takes = takes
        self.amount: Decimal | None = None
        self.reference: str | None = None
        self.free: dict[str, Any] = {}
        self.folded: dict[str, str] = {}

    def read(self, given: Mapping[str, object]) -> list[Item]:
        """Take them in; what is wrong with them."""
        faults = []
        for code, raw in given.items():
            if code not in self.takes.params:
                faults.append(_unknown_param(code, self.takes.params))
            elif raw is not None:
                faults += self._read(code, raw)
        faults += [
            Item(f"/params/{code}", "PARAM_MISSING", "This action is nothing without this param.")
            for code in self.takes.required
            if given.get(code) is None
        ]
        return faults

    def _read(self, code: str, raw: object) -> list[Item]:
        param, of, hot = self.takes.params[code]
        try:
            value = read_value(raw, of)
        except WrongValue as wrong:
            return [wrong.at(f"/params/{code}")]
        if isinstance(value, Decimal) and value < 0 and not self.takes.signed:
            return [Item(f"/params/{code}", "NEGATIVE_AMOUNT", "Amounts are not negative.")]
        if hot:
            setattr(self, param.read.column, value)
        elif value is not None:
            self._keep(code, value, param.type)
        return []

    def _keep(self, code: str, value: Any, type_: Type) -> None:
        self.free[code] = _WRITTEN.get(type(value), _as_is)(value)
        if type_ is Type.TEXT and (folded := fold(value)) != value:
            self.folded[code] = folded


def _type_of(param: Field, places: int) -> ParamType:
    return ParamType(param.type.value, tuple(choice.code for choice in param.choices), places)


def _unknown_type(code: str, types: Iterable[str]) -> Item:
    if code in SEGMENT_ACTIONS:
        return Item("/type", "TYPE_NOT_POSTED", "Segments give rise to it by themselves.")
    if code in ACTIONS:
        return Item("/type", "TYPE_NOT_POSTED", "Orders give rise to it: send the order to /orders/batch.")
    known = tuple(sorted(types))[:_ALLOWED_SHOWN]
    return Item("/type", "UNKNOWN_ACTION_TYPE", "There is no such action type.", known)


def _unknown_param(code: str, known: Iterable[str]) -> Item:
    escaped = code.replace("~", "~0").replace("/", "~1")
    allowed = tuple(sorted(known))[:_ALLOWED_SHOWN]
    return Item(f"/params/{escaped}", "UNKNOWN_PARAM", "This action has no such param.", allowed)


def _as_is(value: Any) -> Any:
    return value


def _plain(value: Decimal) -> str:
    """A decimal without an exponent or needless zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _instant(value: datetime) -> str:
    return value.isoformat(timespec="microseconds")


_WRITTEN: dict[type, Callable[[Any], Any]] = {Decimal: _plain, datetime: _instant, date: date.isoformat}
