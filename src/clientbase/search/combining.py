"""Combining the answers of plans: anew only for clients of whom an answer is not the one of the last time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_

from pyroaring import BitMap64

from clientbase.filters import Plan, combine


@dataclass(frozen=True, slots=True)
class Answers:
    """What a plan is combined of; the universe only where it takes a complement."""

    leaves: Mapping[str, BitMap64]
    segments: Mapping[int, BitMap64]
    universe: BitMap64 | None

    def __iter__(self) -> Iterator[BitMap64]:
        """All of them, of one plan always in the same order."""
        yield from self.leaves.values()
        yield from self.segments.values()
        if self.universe is not None:
            yield self.universe

    def about(self, clients: BitMap64) -> "Answers":
        """The answers about some clients alone."""
        return Answers(
            {key: ids & clients for key, ids in self.leaves.items()},
            {id_: ids & clients for id_, ids in self.segments.items()},
            None if self.universe is None else self.universe & clients,
        )


Memo = dict[int, tuple[Plan, Answers, BitMap64]]
"""By the identity of a plan, which is held on to, what it was combined of the last time, and its members."""


class Combiner:
    """Members of plans at one instant; a memo, which outlives it, makes that cost what has changed.

    Whether a client is meant depends on the answers about this client alone. So members stay as they were but
    for those whom an answer has won or lost, and these are combined by themselves.
    """

    def __init__(self, memo: Memo) -> None:
        self._memo = memo
        self._moved: dict[tuple[int, int], tuple[BitMap64, BitMap64, BitMap64]] = {}
        """By the identities of an answer and of the last one: both, and in whom they differ. Many plans ask
        the same."""

    def members(
        self,
        plan: Plan,
        leaves: Mapping[str, BitMap64],
        segments: Mapping[int, BitMap64],
        universe: BitMap64 | None,
    ) -> BitMap64:
        """As `combine`; the very same bitmap as the last time when the members are the same."""
        answers = Answers(
            {key: leaves[key] for key in plan.leaves}, {id_: segments[id_] for id_ in plan.segments}, universe
        )
        known = self._memo.get(id(plan))
        members = _combined(plan, answers) if known is None else self._moved_on(*known, answers)
        self._memo[id(plan)] = plan, answers, members
        return members

    def _moved_on(self, plan: Plan, former: Answers, members: BitMap64, answers: Answers) -> BitMap64:
        pairs = zip(answers, former, strict=True)
        moved = reduce(or_, [self._between(new, old) for new, old in pairs if new is not old], BitMap64())
        if not moved:
            return members
        turned = (members & moved) ^ _combined(plan, answers.about(moved))
        return members ^ turned if turned else members

    def _between(self, new: BitMap64, old: BitMap64) -> BitMap64:
        key = id(new), id(old)
        if key not in self._moved:
            self._moved[key] = new, old, new ^ old
        return self._moved[key][2]


def _combined(plan: Plan, answers: Answers) -> BitMap64:
    return combine(plan, answers.leaves, answers.segments, answers.universe)
