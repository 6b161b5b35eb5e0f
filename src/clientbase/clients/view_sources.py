"""The table of what hangs off a client in several rows: where the rows are, their columns, their order."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from clientbase.models import (
    ClientConsent,
    ClientContact,
    ClientIdentity,
    ClientParamValue,
    ClientTag,
    Param,
    Tag,
)


class Contact(NamedTuple):
    """A phone or an e-mail."""

    kind: str
    value: str
    is_primary: bool
    verified: bool | None


class Identity(NamedTuple):
    """An id in a source; shown as it is."""

    source: str
    external_id: str
    url: str | None


class ParamValue(NamedTuple):
    """The value of a custom param; one of the typed columns holds it."""

    code: str
    personal: bool
    text: str | None
    folded: str | None
    number: Decimal | None
    day: date | None
    boolean: bool | None


class Coded(NamedTuple):
    """A tag or a segment."""

    code: str


class Consent(NamedTuple):
    """The latest consent of a kind; shown as it is."""

    kind: str
    given: bool
    at: datetime
    source: str | None
    text_version: str | None


Hanging = Contact | Identity | ParamValue | Coded | Consent


@dataclass(frozen=True, slots=True)
class Source:
    """Rows of a client.

    `owner` is the table that has its `account_id` and `client_id`, `query` selects a record for each row.
    """

    name: str
    owner: type[Any]
    row: type[Hanging]
    query: Select[Any]


def _records(*columns: Any) -> Select[Any]:
    """One record for each row: what a client has then fits into one value, an array."""
    return select(func.row(*columns))


def _contacts() -> Select[Any]:
    """The primary of each kind before others."""
    table = ClientContact
    return _records(table.kind, table.value, table.is_primary, table.verified).order_by(
        table.is_primary.desc(), table.value
    )


def _identities() -> Select[Any]:
    table = ClientIdentity
    return _records(table.source, table.external_id, table.url).order_by(table.source, table.external_id)


def _params() -> Select[Any]:
    value = ClientParamValue
    return (
        _records(Param.code, Param.personal, value.text, value.folded, value.number, value.day, value.boolean)
        .join_from(value, Param, and_(Param.account_id == value.account_id, Param.id == value.param_id))
        .order_by(Param.code)
    )


def _tags() -> Select[Any]:
    on = and_(Tag.account_id == ClientTag.account_id, Tag.id == ClientTag.tag_id)
    return _records(Tag.code).join_from(ClientTag, Tag, on).order_by(Tag.code)


def _consents() -> Select[Any]:
    """The latest of each kind; of two at one instant the withdrawal."""
    table = ClientConsent
    return (
        _records(table.kind, table.given, table.at, table.source, table.text_version)
        .ext(distinct_on(table.kind))
        .order_by(table.kind, table.at.desc(), table.given, table.id.desc())
    )


def _table(sources: Iterable[Source]) -> dict[str, Source]:
    return {source.name: source for source in sources}


SOURCES = _table(
    (
        Source("contacts", ClientContact, Contact, _contacts()),
        Source("identities", ClientIdentity, Identity, _identities()),
        Source("params", ClientParamValue, ParamValue, _params()),
        Source("tags", ClientTag, Coded, _tags()),
        Source("consents", ClientConsent, Consent, _consents()),
    )
)
