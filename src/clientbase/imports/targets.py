"""Where columns can go: fields, how their cells are read, and by what names they are known."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from clientbase.filters.fields import CLIENT_FIELDS
from clientbase.imports.cells import BadCell, Convert, phone, text
from clientbase.imports.vocabulary import OUR_ID, OUR_ID_OF_OWNER, SYNONYMS
from clientbase.kit.schema import MAX_ID
from clientbase.kit.text import fold

_ID = re.compile(r"\d{1,16}", re.ASCII)
_SIGNS = re.compile(r"[\s_\-./*:№#()]+")


@dataclass(frozen=True)
class Target:
    """A field of a row. With `many` several columns, and several values in one cell, may go there."""

    name: str
    convert: Convert
    names: tuple[str, ...] = ()
    many: bool = False


Targets = dict[str, Target]


def known_as(header: str) -> str:
    """A header as headers are compared.

    >>> known_as("Дата_рождения *")
    'дата рождения'
    """
    return _SIGNS.sub(" ", fold(header)).strip()


def target(name: str, convert: Convert, *names: str) -> Target:
    """A target with the names that its field is known by."""
    label = CLIENT_FIELDS.get(name)
    labels = (label.label.ru, label.label.en) if label else ()
    return Target(name, convert, (name, *labels, *SYNONYMS.get(name, ()), *names))


def list_target(name: str, convert: Callable[[str], list[Any]]) -> Target:
    """A target that takes several values; a cell is converted to a list."""
    return Target(name, convert, target(name, convert).names, many=True)


def table(targets: Iterable[Target]) -> Targets:
    """Targets by name."""
    return {one.name: one for one in targets}


def ids(cell: str) -> int:
    """An id of ours."""
    if not (_ID.fullmatch(cell) and 1 <= int(cell) <= MAX_ID):
        raise BadCell("WRONG_ID", "An id is a whole number.")
    return int(cell)


def owner_targets() -> list[Target]:
    """How a row of facts names its client."""
    return [
        Target("client.id", ids, OUR_ID_OF_OWNER),
        target("client.external_id", text),
        target("client.phone", phone),
        target("client.email", text),
    ]


def our_id() -> Target:
    """The id of a client here; not known by a mere `id`, which in most files is another system's."""
    return Target("id", ids, OUR_ID)


def by_header(targets: Mapping[str, Target]) -> dict[str, str]:
    """Names of targets by what their headers may be; the first to claim a name has it."""
    found: dict[str, str] = {}
    for name, one in targets.items():
        if name in one.names:
            found.setdefault(known_as(name), name)
    for name, one in targets.items():
        for alias in one.names:
            found.setdefault(known_as(alias), name)
    return found
