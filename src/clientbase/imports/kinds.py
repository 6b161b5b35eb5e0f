"""The kinds of files: which columns each takes, which it needs, and what its rows are loaded as."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from clientbase.accounts.schemas import AccountInfo
from clientbase.imports.cells import Convert, Reading, choice
from clientbase.imports.options import Options
from clientbase.imports.repository import OwnParam
from clientbase.imports.targets import Target, Targets, target
from clientbase.kit.db import AnySession, WriteSession
from clientbase.kit.errors import Item
from clientbase.loading.matching import ClientKey
from clientbase.loading.outcome import Outcome

Values = dict[str, Any]
"""A row: values by target; blank cells are left out, or None where they clear."""
OWNER = ("client.id", "client.external_id", "client.phone", "client.email")


@dataclass(frozen=True)
class Batch:
    """Rows to load, and what holds for all of them."""

    account: AccountInfo
    options: Options
    reading: Reading
    actor: str
    at: datetime
    """When the import was begun: what it says holds from then."""
    rows: Sequence[Values]


@dataclass(frozen=True)
class Grouping:
    """Rows that stand together are one thing, loaded at once: all of them or none."""

    by: str
    """The target that names the thing."""
    no_key: Item
    """What is wrong with a row that names none."""
    other: Item
    """What is wrong with a right row where another one of its thing is not."""


@dataclass(frozen=True)
class Kind:
    """One kind of file."""

    targets: Callable[[AnySession, AccountInfo, Reading], Awaitable[Targets]]
    load: Callable[[WriteSession, Batch], Awaitable[list[Outcome]]]
    required: Callable[[Options], Sequence[Sequence[str]]]
    sourced: tuple[str, ...]
    """Targets whose values mean nothing without a source."""
    pointers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Which targets a fault at a pointer comes from, by the beginning of the pointer."""
    grouping: Grouping | None = None

    @property
    def grouped_by(self) -> str | None:
        """The target by which rows are one thing, if they are."""
        return self.grouping.by if self.grouping else None


def param_targets(params: Sequence[OwnParam], convert: Mapping[str, Convert]) -> list[Target]:
    """Custom params as targets, known by code and name."""
    return [
        target(f"params.{one.code}", convert.get(one.type) or choice(one.choices), one.code, one.name)
        for one in params
    ]


def params_of(row: Values) -> dict[str, Any]:
    """The custom params of a row by code."""
    return {name[7:]: value for name, value in row.items() if name.startswith("params.")}


def owner(row: Values, source: str | None) -> ClientKey | None:
    """The client that a row of facts names."""
    if not any(row.get(name) for name in OWNER):
        return None
    external_id = row.get("client.external_id")
    return ClientKey(
        id=row.get("client.id"),
        source=source if external_id else None,
        external_id=external_id,
        phone=row.get("client.phone"),
        email=row.get("client.email"),
    )
