"""The catalogue of an account as a value: what its filters may name; built by the caller."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from clientbase.filters.specs import Choice

__all__ = ["ActionType", "Catalogue", "Choice", "Entry", "Param"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A tag or a segment: its id stands in leaves, its code in trees."""

    id: int
    code: str
    name: str
    personal: bool = False
    """Of a segment: its filter reads personal fields, directly or through segments."""


@dataclass(frozen=True, slots=True)
class Param:
    """A custom param of clients, of orders or of one own action type."""

    id: int
    code: str
    name: str
    type: str
    """text, number, date, boolean, choice; of actions also money, datetime, reference"""
    personal: bool = False
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class ActionType:
    """An action type of the account's own."""

    id: int
    code: str
    name: str
    params: tuple[Param, ...] = ()
    amount_param: str | None = None
    """Code of the param that is kept in `actions.amount`."""
    reference_param: str | None = None
    """Code of the param that is kept in `actions.reference`."""


@dataclass(frozen=True)
class Catalogue:
    """Everything of one account that a filter may name; all mappings go from code to what it names."""

    time_zone: str = "UTC"
    """IANA name."""
    currency_exponent: int = 2
    region: str = "RU"
    """Default region of phones, as phonenumbers names it."""
    client_params: Mapping[str, Param] = field(default_factory=dict)
    order_params: Mapping[str, Param] = field(default_factory=dict)
    action_types: Mapping[str, ActionType] = field(default_factory=dict)
    tags: Mapping[str, Entry] = field(default_factory=dict)
    segments: Mapping[str, Entry] = field(default_factory=dict)
    choices: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict)
    """By field: gender, device, issue_form, loyalty_level (male and female are known without it)."""
    sources: tuple[Choice, ...] = ()
    """Known sources of records: each gives a field `external_id.<source>` to the list."""
