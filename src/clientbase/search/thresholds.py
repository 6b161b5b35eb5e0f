"""Leaves with a threshold that a process has met: one that is asked for the first time lies near another."""

from collections import OrderedDict
from collections.abc import Mapping

from clientbase.filters import Leaf
from clientbase.filters.between import has_threshold, nearest

MOST = 2000


class Thresholds:
    """The leaves met of late, of all accounts."""

    def __init__(self) -> None:
        self._met: OrderedDict[tuple[int, str], Leaf] = OrderedDict()

    def meet(self, account_id: int, leaves: Mapping[str, Leaf]) -> None:
        """Remember those of the leaves, by key, that have a threshold."""
        for key, leaf in leaves.items():
            if has_threshold(leaf):
                self._met[account_id, key] = leaf
                self._met.move_to_end((account_id, key))
        while len(self._met) > MOST:
            self._met.popitem(last=False)

    def nearest(self, account_id: int, key: str, leaf: Leaf) -> tuple[str, Leaf] | None:
        """Key and leaf of the one from which only the threshold of this one has moved, and least far."""
        if not has_threshold(leaf):
            return None
        known = {other: one for (of, other), one in self._met.items() if of == account_id and other != key}
        near = nearest(leaf, known.values())
        return next(((other, one) for other, one in known.items() if one is near), None)
