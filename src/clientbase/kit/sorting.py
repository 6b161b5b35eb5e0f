"""Sorting by a declared set of fields: `-revenue,last_order_at`, empty values last, the id breaks ties."""

from collections.abc import Collection
from dataclasses import dataclass

from clientbase.kit.errors import invalid_at

MAX_KEYS = 3


@dataclass(frozen=True)
class SortKey:
    """One field of a sort and its direction."""

    field: str
    descending: bool = False


def parse_sort(text: str | None, allowed: Collection[str], default: str) -> tuple[SortKey, ...]:
    """The keys of a `sort` parameter. Raises Invalid (UNKNOWN_SORT, TOO_MANY_SORTS) with what is allowed."""
    keys = tuple(
        SortKey(part.removeprefix("-"), part.startswith("-")) for part in (text or default).split(",")
    )
    if len(keys) > MAX_KEYS:
        raise invalid_at("/sort", "TOO_MANY_SORTS", f"At most {MAX_KEYS} fields to sort by.")
    for key in keys:
        if key.field not in allowed:
            raise invalid_at("/sort", "UNKNOWN_SORT", "There is no sorting by this field.", sorted(allowed))
    if len({key.field for key in keys}) < len(keys):
        raise invalid_at("/sort", "DUPLICATE_SORT", "A field to sort by is named twice.")
    return keys
