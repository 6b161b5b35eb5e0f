"""What the tables of fields and actions are made of: labels, fields, where a value is read, action types."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple


class Label(NamedTuple):
    """A name for marketers in both languages."""

    ru: str
    en: str

    def of(self, locale: str) -> str:
        """The name in a locale; anything but `ru…` reads English."""
        return self.ru if locale.lower().startswith("ru") else self.en


class Type(StrEnum):
    """Types of fields, params and measures: they decide which operators and values are allowed."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    INTEGER = "integer"
    DATE = "date"
    DATETIME = "datetime"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    REFERENCE = "reference"
    SET = "set"


@dataclass(frozen=True, slots=True)
class Choice:
    """A code that a choice, a tag or another dictionary of the account takes, with its name."""

    code: str
    name: str
    en: str = ""
    """The English name of a built-in one; the account's own have one name."""

    def of(self, locale: str) -> str:
        """The name in a locale."""
        return self.name if not self.en else Label(self.name, self.en).of(locale)


class Choices(tuple[Choice, ...]):
    """Choices in their order, found by their codes."""

    @cached_property
    def codes(self) -> frozenset[str]:
        """The codes of all of them."""
        return frozenset(choice.code for choice in self)


NO_CHOICES = Choices()


@dataclass(frozen=True, slots=True)
class Read:
    """Where the values of a field lie.

    `rows` names the table of rows (`sources.SOURCES`; empty for a param: rows are the action's), `how` the
    way from a row to the value (`readers.READERS`), `column` the column or JSON code, `key` what narrows the
    rows: the id of a custom param, the kind of a contact, the source of an identity.
    """

    how: str
    column: str = ""
    rows: str = ""
    key: int | str | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """Something that a leaf may ask about: a property of a client or a param of an action."""

    code: str
    label: Label
    type: Type
    read: Read
    group: str = ""
    personal: bool = False
    form: str = ""
    """How values are normalised beyond their type: phone, email, folded (elements of a set)."""
    dictionary: str = ""
    """Whose codes the values are: tag, segment (looked up, an unknown one is an error)."""
    choices: Choices = NO_CHOICES
    lookup: str | None = None
    """Where a front end looks values of a reference up."""
    zero: bool = False
    """Over nothing it is 0, not empty."""
    minor: bool = False
    """Money that is stored in whole minor units."""
    uses: tuple[tuple[str, str], ...] = ()
    """What of the account it stands on: (kind, code) as in `Uses`."""


@dataclass(frozen=True, slots=True)
class Action:
    """A kind of thing that clients do: the rows that answer it and its params, `time` among them."""

    code: str
    label: Label
    rows: str
    params: tuple[Field, ...]
    type_id: int | None = None
    """Of actions that lie in the `actions` table."""
    own: bool = False

    def param(self, code: str) -> Field | None:
        """The param of this code, if the action has one."""
        return next((param for param in self.params if param.code == code), None)
