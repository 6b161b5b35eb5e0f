"""The guard: when too many members would leave at once, they stay until a person has consented."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyroaring import BitMap64

from clientbase.kit.db import AnySession
from clientbase.models import Segment
from clientbase.segments import live_repository as live
from clientbase.segments.membership_repository import MembershipRepository

LEAST_LEAVING = 100
"""Fewer than so many may always leave."""


@dataclass(frozen=True)
class Shrink:
    """Members that were found and are not taken in, since too many others would leave."""

    segment: Segment
    size: int
    leaving: int
    entering: int

    @property
    def detail(self) -> str:
        """What it means, in a sentence."""
        return (
            f"{self.leaving} of {self.size} members would leave and {self.entering} clients would enter: "
            "a person has to accept or to refuse it."
        )

    def told(self) -> dict[str, Any]:
        """In the result of a run."""
        return {
            "segment": self.segment.code,
            "size": self.size,
            "leaving": self.leaving,
            "entering": self.entering,
        }


class Guard:
    """Compares members that were found with the stored ones, as the session's snapshot has them."""

    def __init__(
        self, session: AnySession, account_id: int, known: Mapping[int, BitMap64] | None = None
    ) -> None:
        """`known`: stored members by segment, those that need not be read."""
        self._session = session
        self._account_id = account_id
        self._known = known or {}
        self._moved: tuple[BitMap64 | None] | None = None

    async def stops(self, segment: Segment, members: BitMap64) -> Shrink | None:
        """What would leave and enter, when it is too much to come by itself.

        Whom time alone moves out of a live segment leaves as its filter says (a birthday is over): only
        those count whose facts have changed since the last round.
        """
        if not are_too_many(segment, segment.size or 0, segment.size or 0):
            return None  # not even if all of them left
        former = await self._former(segment)
        if members is former:
            return None
        number = former.difference_cardinality(members)
        if not are_too_many(segment, len(former), number):
            return None
        leaving = former - members
        moved = await self._moved_by_facts() if segment.is_live else None
        if moved is not None and not are_too_many(segment, len(former), len(leaving & moved)):
            return None
        return Shrink(segment, len(former), number, len(members - former))

    async def _former(self, segment: Segment) -> BitMap64:
        if segment.id not in self._known:
            stored = await MembershipRepository(self._session, self._account_id).stored([segment.id])
            return stored[segment.id].members if stored else BitMap64()
        return self._known[segment.id]

    async def _moved_by_facts(self) -> BitMap64 | None:
        if self._moved is None:
            self._moved = (await live.moved_since_round(self._session, self._account_id),)
        return self._moved[0]


def are_too_many(segment: Segment, size: int, leaving: int) -> bool:
    """Whether so many may not leave by themselves.

    What goes beyond an accepted number is judged as leaving from what would have remained of it.
    """
    beyond, remaining = leaving - segment.accepted_leaving, size - segment.accepted_leaving
    return beyond >= LEAST_LEAVING and beyond * 100 > segment.shrink_limit_percent * remaining
