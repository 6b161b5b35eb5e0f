"""The port of connectors: what a source is asked, what it answers, and what can go wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

Cursor = Mapping[str, Any]
"""Where reading goes on: plain JSON, which only the connector that gave it understands."""


class Kind(StrEnum):
    """What a source has."""

    CLIENT = "client"
    ORDER = "order"
    STATUS = "status"
    """Entries of orders into statuses."""


@dataclass(frozen=True, slots=True)
class Record:
    """Something as the source gives it: nothing of it is renamed or converted yet."""

    kind: Kind
    external_id: str
    raw: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Gone:
    """The source has it no more; `into` is what it was merged into there."""

    kind: Kind
    external_id: str
    into: str | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An entry that is none: it is put aside, and the rest goes on."""

    kind: Kind
    detail: str
    raw: Any = field(repr=False)


Entry = Record | Gone | Unreadable


@dataclass(frozen=True, slots=True)
class Page:
    """Entries in the order in which they are to be taken in, and where reading goes on behind them."""

    entries: Sequence[Entry]
    cursor: Cursor
    is_last: bool
    """Whether there is nothing more for now: the cursor is the one to come back with."""


@dataclass(frozen=True, slots=True)
class References:
    """What records name by code."""

    statuses: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Name and group (new, in_progress, done, cancelled) by code."""
    managers: Mapping[str, str] = field(default_factory=dict)
    shops: Mapping[str, str] = field(default_factory=dict)


class Source(Protocol):
    """One connected system, for as long as it is being read."""

    kinds: Sequence[Kind]
    """What it has, in the order in which it is read: what others name comes first."""

    async def validate(self) -> None:
        """A cheap look. Raises BadCredentials, MissingRight, SourceUnreachable, SourceAnswer."""
        ...

    async def references(self) -> References:
        """What records name by code."""
        ...

    async def page(self, kind: Kind, cursor: Cursor | None) -> Page:
        """The entries behind a cursor; without one everything from the beginning, and then what changes.

        Raises as `validate`, Overloaded, and HistoryGap when it no longer knows what has changed since.
        """
        ...

    def link(self, kind: Kind, external_id: str) -> str | None:
        """Where people see it in the source."""
        ...


class SourceError(Exception):
    """A source does not do what it is asked; the message tells no credentials and nothing of a client."""

    code = "SOURCE_FAILED"
    is_passing = False
    """Whether it may well go by itself."""


class BadCredentials(SourceError):
    """It does not know the key, or no longer."""

    code = "SOURCE_BAD_CREDENTIALS"


class MissingRight(SourceError):
    """The key is good, and may not do this."""

    code = "SOURCE_MISSING_RIGHT"


class SourceUnreachable(SourceError):
    """No connection, no answer in time, or a server error."""

    code = "SOURCE_UNREACHABLE"
    is_passing = True


class Overloaded(SourceError):
    """Too many requests, even after waiting."""

    code = "SOURCE_OVERLOADED"
    is_passing = True

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds, as the source has said."""


class SourceAnswer(SourceError):
    """It answers something else than its API promises."""

    code = "SOURCE_BAD_ANSWER"


class HistoryGap(SourceError):
    """What has changed since the cursor is known no more: everything is to be read again."""

    code = "SOURCE_HISTORY_GAP"
