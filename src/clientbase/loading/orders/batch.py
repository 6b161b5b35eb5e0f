"""Orders of one batch in memory: rows change them one after another, as if each had been sent alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from clientbase.kit.errors import Item
from clientbase.loading.orders.states import OrderChange, OrderState, changed
from clientbase.loading.outcome import Outcome

Key = tuple[str, str]
"""Source and external id."""


@dataclass
class Batch:
    """What was stored, and what the rows have made of it so far."""

    stored: Mapping[Key, OrderState]
    new_ids: Iterator[int]
    now: datetime
    current: dict[Key, OrderState] = field(default_factory=dict)

    def apply(self, index: int, key: Key, change: OrderChange | list[Item]) -> Outcome:
        """Apply one row, or what is wrong with it, and say what became of it."""
        if isinstance(change, list):
            return Outcome(index, "rejected", errors=change)
        before = self._state(key)
        after = changed(before, change, self.now)
        if isinstance(after, list):
            return Outcome(index, "rejected", errors=after)
        if after == before:
            return Outcome(index, "unchanged", before.id)
        self.current[key] = after
        return Outcome(index, "created" if before.head is None else "updated", after.id)

    def changes(self) -> list[tuple[Key, OrderState, OrderState]]:
        """Key, stored and new state of the orders that end up different."""
        pairs = (
            (key, self.stored.get(key) or OrderState(after.id), after) for key, after in self.current.items()
        )
        return [(key, before, after) for key, before, after in pairs if before != after]

    def _state(self, key: Key) -> OrderState:
        if key not in self.current:
            self.current[key] = self.stored.get(key) or OrderState(next(self.new_ids))
        return self.current[key]
