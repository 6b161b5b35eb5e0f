"""Clients as any source gives them: typed values by field, nothing checked yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Mode(Enum):
    """What a row may do."""

    UPSERT = "upsert"
    """Make the client or change the one that its keys find; lists are added to what is stored."""
    CREATE = "create"
    """Make a client; refused when a key finds one already."""
    REPLACE = "replace"
    """Change the client of the given id; lists that are given replace what is stored."""


@dataclass(slots=True)
class ClientRow:
    """One client: only the fields that are named are written, None clears one.

    Beside the columns of the card `values` may hold `phones` and `emails` (lists of {value, verified?}, the
    first one is primary), `identities` ({source, external_id, url?}), `params` (values by code), `tags`
    (codes), `consents` ({kind, given, at?, source?, text_version?}), `bonus_balance` and `created_at`. A
    consent without `at` is recorded as of now where it changes what stands; it never undoes a withdrawal.
    """

    values: Mapping[str, Any]
    id: int | None = None
