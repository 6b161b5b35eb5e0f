"""From a filter as sent to one that may be evaluated: checked against the account and the caller's scopes."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from clientbase.filters import Catalogue, Checked, Plan, Uses, check, plan, uses
from clientbase.kit.errors import Forbidden, Invalid, Item

Place = Callable[[str], str]
"""Turns a pointer into the tree into one into the request."""


@dataclass(frozen=True)
class Understood:
    """A filter that holds: None for `checked` is everyone."""

    checked: Checked | None
    plan: Plan
    uses: Uses


def in_filter(pointer: str) -> str:
    """Where the tree stands in most requests."""
    return f"/filter{pointer}"


async def understand(
    raw: Any | None, catalogue: Catalogue, *, personal: bool, place: Place = in_filter
) -> Understood:
    """Check a filter and plan it, in a thread: a megabyte of hostile values takes seconds; null is everyone.

    Raises Invalid with pointers into the request; Forbidden (PERSONAL_SCOPE_NEEDED) when it reads personal
    fields, itself or through segments, and the caller may not.
    """
    return await asyncio.to_thread(_understand, raw, catalogue, personal, place)


def _understand(raw: Any | None, catalogue: Catalogue, personal: bool, place: Place) -> Understood:
    try:
        checked = check(raw, catalogue) if raw is not None else None
    except Invalid as problem:
        moved = [replace(item, pointer=place(item.pointer)) for item in problem.errors]
        raise Invalid(problem.code, problem.detail, moved) from None
    used = uses(checked)
    if used.personal and not personal:
        raise personal_scope_needed(place(""))
    return Understood(checked, plan(checked, catalogue), used)


def personal_scope_needed(pointer: str) -> Forbidden:
    """The error for who may not read personal data and asks by it."""
    item = Item(
        pointer, "PERSONAL_SCOPE_NEEDED", "This tells personal data: the scope clients:personal is needed."
    )
    return Forbidden("PERSONAL_SCOPE_NEEDED", "The key lacks the scope clients:personal.", [item])
