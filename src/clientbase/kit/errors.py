r"""What can go wrong, named by what it means; `api/errors.py` alone turns it into a status.

Problem
├── Malformed        the request cannot be read
├── Unauthenticated  who asks is not known
├── Forbidden        known, but the scope is missing
├── NotFound         absent, or another account's
├── Conflict         the state of things forbids it
├── Gone             it was there and has expired
├── Stale            changed since it was read
├── PreconditionMissing
├── TooLarge
├── UnsupportedMedia
├── Invalid          read, but wrong in meaning
├── TooMany          a limit of rate or of work at once
└── Unavailable      try again later
"""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Item:
    """One wrong place of a request: JSON pointer, stable code, message, and what is allowed there."""

    pointer: str
    code: str
    message: str
    allowed: tuple[object, ...] | None = None


@dataclass
class Problem(Exception):
    """Base of all errors that a caller is told: a stable UPPER_SNAKE code and a sentence without values."""

    code: str
    detail: str
    errors: list[Item] = field(default_factory=list)
    retry_after: float | None = None
    """Seconds."""

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"


class Malformed(Problem):
    """The request cannot be read."""


class Unauthenticated(Problem):
    """No key, or a wrong one."""


class Forbidden(Problem):
    """The scope is missing."""


class NotFound(Problem):
    """Absent, or another account's."""


class Conflict(Problem):
    """The state of things forbids it."""


class Gone(Problem):
    """It was there and has expired."""


class Stale(Problem):
    """Changed since the caller read it."""


class PreconditionMissing(Problem):
    """An If-Match header is needed."""


class TooLarge(Problem):
    """More than the declared bound."""


class UnsupportedMedia(Problem):
    """A type of content that is not taken."""


class Invalid(Problem):
    """Read, but wrong in meaning."""


class TooMany(Problem):
    """Over a limit of rate or of work at once."""


class Unavailable(Problem):
    """A part that is needed does not answer; try again later."""


def invalid(items: Iterable[Item]) -> Invalid:
    """An `Invalid` with all the wrong places of a request."""
    return Invalid("VALIDATION_FAILED", "The request is readable but wrong in meaning.", list(items))


def invalid_at(pointer: str, code: str, message: str, allowed: Iterable[object] | None = None) -> Invalid:
    """An `Invalid` with one wrong place."""
    return invalid([Item(pointer, code, message, tuple(allowed) if allowed is not None else None)])


def not_found(what: str) -> NotFound:
    """A `NotFound` of the named kind of thing."""
    return NotFound("NOT_FOUND", f"There is no such {what}.")
