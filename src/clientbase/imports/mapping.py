"""Which column goes where: by its header, or as the request says."""

import re
from collections import Counter
from collections.abc import Sequence

from clientbase.imports.options import Columns, Override
from clientbase.imports.targets import Targets, by_header, known_as
from clientbase.kit.errors import Item, invalid

_SHOWN = 100
_LOOKS_LIKE_DATA = re.compile(r"\+?[\d ()-]{10,}|\S+@\S+\.\S+", re.ASCII)


def map_columns(
    headers: Sequence[str],
    targets: Targets,
    override: Override | None,
    required: Sequence[Sequence[str]],
) -> Columns:
    """Where each column goes. Of each group in `required` one must be there.

    Raises Invalid with all that is wrong (HEADER_MISSING, DUPLICATE_HEADER, UNKNOWN_HEADER, UNKNOWN_FIELD,
    FIELD_MAPPED_TWICE, COLUMN_MISSING).
    """
    if override is None and any(_LOOKS_LIKE_DATA.fullmatch(header) for header in headers):
        raise invalid([Item("/file", "HEADER_MISSING", "The first row names the columns.")])
    if isinstance(override, list):
        chosen, faults = _by_position(headers, override)
    else:
        chosen, faults = _by_name(headers, targets, override or {})
    faults += _unknown(chosen, targets)
    if not faults:
        faults = _twice(chosen, targets) + _missing(chosen, required)
    if faults:
        raise invalid(faults)
    return Columns(tuple(headers), tuple(chosen))


def _by_position(
    headers: Sequence[str], override: Sequence[str | None]
) -> tuple[list[str | None], list[Item]]:
    if len(override) != len(headers):
        message = f"The file has {len(headers)} columns, the mapping {len(override)}."
        return [], [Item("/mapping", "WRONG_COLUMN_COUNT", message)]
    return list(override), []


def _by_name(
    headers: Sequence[str], targets: Targets, override: dict[str, str | None]
) -> tuple[list[str | None], list[Item]]:
    faults = [
        Item(f"/mapping/{_escaped(header)}", "UNKNOWN_HEADER", "The file has no such column.")
        for header in override
        if header not in headers
    ]
    repeated = {header for header, times in Counter(headers).items() if header and times > 1}
    if repeated:
        message = "Two columns have one name: map the columns by position, with an array."
        faults.append(Item("/file", "DUPLICATE_HEADER", message))
    names = by_header(targets)
    chosen = [override[header] if header in override else names.get(known_as(header)) for header in headers]
    return chosen, faults


def _unknown(chosen: Sequence[str | None], targets: Targets) -> list[Item]:
    allowed = tuple(sorted(targets))[:_SHOWN]
    unknown = {name for name in chosen if name is not None and name not in targets}
    return [
        Item("/mapping", "UNKNOWN_FIELD", "There is no such field to import.", allowed)
        for _ in sorted(unknown)
    ]


def _twice(chosen: Sequence[str | None], targets: Targets) -> list[Item]:
    times = Counter(name for name in chosen if name is not None)
    return [
        Item("/mapping", "FIELD_MAPPED_TWICE", f"Two columns go to {name}: map one of them to null.")
        for name, number in times.items()
        if number > 1 and not targets[name].many
    ]


def _missing(chosen: Sequence[str | None], required: Sequence[Sequence[str]]) -> list[Item]:
    return [
        Item("/mapping", "COLUMN_MISSING", "One of these columns is needed.", tuple(group))
        for group in required
        if not set(group) & set(chosen)
    ]


def _escaped(header: str) -> str:
    return header.replace("~", "~0").replace("/", "~1")
