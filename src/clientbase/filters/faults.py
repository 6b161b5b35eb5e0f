"""Wrong places of one tree, gathered so that the caller is told all of them at once."""

import difflib
from collections.abc import Iterable
from itertools import islice

from clientbase.kit.errors import Item, invalid

MAX_FAULTS = 100
"""More than this many are not told: a caller mends the first hundred first."""
MAX_ALLOWED = 50
"""So few codes are told whole."""
MAX_HINTS = 10
MAX_COMPARED = 1_000
"""Nearest codes are looked for only so often and so far: a hint must not cost more than the filter."""


class Faults:
    """A list of wrong places; pointers begin at the tree."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.count = 0
        """How many there are, the ones that are not told included."""
        self._hints = 0

    def add(self, pointer: str, code: str, message: str, allowed: Iterable[object] | None = None) -> None:
        """Tell one wrong place."""
        self.count += 1
        if len(self.items) < MAX_FAULTS:
            self.items.append(Item(pointer, code, message, tuple(allowed) if allowed is not None else None))

    def add_key(self, pointer: str, key: object, code: str, message: str, allowed: Iterable[object]) -> None:
        """Tell a wrong key of the object at `pointer`."""
        escaped = str(key)[:100].replace("~", "~0").replace("/", "~1")
        self.add(f"{pointer}/{escaped}", code, message, allowed)

    def add_unknown(self, pointer: str, code: str, what: str, given: str, known: Iterable[str]) -> None:
        """Tell a code that nothing has, with the allowed ones, the nearest first; of many only these."""
        compared = list(islice(known, MAX_COMPARED))
        near = self._near(given, compared)
        hint = f" Did you mean {', '.join(near)}?" if near else ""
        few = len(compared) <= MAX_ALLOWED
        allowed = [*near, *(code for code in compared if code not in near)] if few else near
        self.add(pointer, code, f"There is no such {what}.{hint}", allowed or None)

    def _near(self, given: str, known: list[str]) -> list[str]:
        self._hints += 1
        if self._hints > MAX_HINTS:
            return []
        return difflib.get_close_matches(given[:100], known, n=3, cutoff=0.6)

    def raise_any(self) -> None:
        """Raise Invalid with all that was told, if anything was."""
        if self.items:
            raise invalid(self.items)
