"""Actions as any source gives them, and as they are stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from clientbase.loading.matching import ClientKey


@dataclass(slots=True, kw_only=True)
class ActionRow:
    """Something that a client did. With an `external_id` it is that one action of (type, source), which the
    same row again replaces whole; without one every row is another action.
    """

    type: str
    client: ClientKey | None
    at: datetime
    params: Mapping[str, object] = field(default_factory=dict)
    source: str = "api"
    external_id: str | None = None


class Values(NamedTuple):
    """Columns of an action that a row gives; `amount` in major units, `params` and `folded` as JSON."""

    client_id: int
    at: datetime
    amount: Decimal | None
    reference: str | None
    params: dict[str, Any]
    folded: dict[str, Any] | None


class Checked(NamedTuple):
    """A right row: type id, values, and the key of an action that may be stored already."""

    type_id: int
    values: Values
    source: str
    dedupe_key: str | None
