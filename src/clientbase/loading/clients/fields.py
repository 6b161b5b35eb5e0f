"""The columns of a client that rows may write, each with what it takes."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean, Date, DateTime, Numeric, Text

from clientbase.actions.values import ParamType
from clientbase.clients.counting import loyalty_dates
from clientbase.models import Client
from clientbase.models.clients import FOLDED_FIELDS

CHOICE_FIELDS = ("gender", "device", "issue_form", "loyalty_level")
OPEN_CHOICES = frozenset({"loyalty_level"})
"""Choice fields whose values grow with the data."""
_NOT_WRITTEN = {"account_id", "id", "updated_at", "created_at", "consent_marketing", "consent_personal_data"}
_RENAMED = {"stated_bonus_balance": "bonus_balance"}
MAX_TEXT = 255


@dataclass(frozen=True)
class Field:
    """One column: the name in rows, the column, its type, and whether a folded twin goes with it."""

    name: str
    column: str
    type: ParamType
    folded: bool


def _type_of(name: str, column: Any) -> ParamType:
    if name in CHOICE_FIELDS:
        return ParamType("choice")
    for kind, name_of_type in (
        (Date, "date"), (DateTime, "datetime"), (Numeric, "number"), (Boolean, "boolean"),
    ):  # fmt: skip
        if isinstance(column.type, kind):
            return ParamType(name_of_type)
    assert isinstance(column.type, Text)
    return ParamType("text" if name in FOLDED_FIELDS else "reference")


_NAMES = {str(column.name): column for column in Client.__table__.columns}
"""Plain strings: SQLAlchemy's own are several times slower as keys."""

FIELDS: dict[str, Field] = {
    _RENAMED.get(name, name): Field(
        _RENAMED.get(name, name), name, _type_of(name, column), name in FOLDED_FIELDS
    )
    for name, column in _NAMES.items()
    if name not in _NOT_WRITTEN and not name.endswith("_folded")
}
"""Every field of the card by its name in rows."""

DATES_OF_POINTS = frozenset(loyalty_dates())
"""Columns that a source dates while the client has no operations with points, which date them thereafter."""
COLUMNS: tuple[str, ...] = tuple(name for name in _NAMES if name not in ("account_id", "id"))
"""All columns of `clients` beside its key, in the order in which rows are written."""
