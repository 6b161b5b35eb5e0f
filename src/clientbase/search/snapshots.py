"""Snapshots of PostgreSQL as values: which transactions an answer has seen."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All transactions below `ends`, without the `running` ones, have been seen; the rest has not.

    As `pg_current_snapshot()` tells it (https://www.postgresql.org/docs/18/functions-info.html).
    """

    begins: int
    """Everything below has been seen."""
    ends: int
    running: frozenset[int]

    @classmethod
    def parse(cls, text: str) -> "Snapshot":
        """From `xmin:xmax:xip,xip`. Raises ValueError."""
        begins, ends, running = text.split(":")
        return cls(int(begins), int(ends), frozenset(map(int, filter(None, running.split(",")))))

    def __str__(self) -> str:
        return f"{self.begins}:{self.ends}:{','.join(map(str, sorted(self.running)))}"

    def sees(self, transaction: int) -> bool:
        """Whether what a transaction has committed is in it."""
        return transaction < self.ends and transaction not in self.running

    def is_ahead_of(self, other: "Snapshot") -> bool:
        """Whether it sees any transaction that the other does not see."""
        later = self.ends - other.ends
        if later > sum(1 for transaction in self.running if transaction >= other.ends):
            return True
        return any(map(self.sees, other.running))


def all_seen_by(snapshots: Iterable[Snapshot]) -> Snapshot:
    """A snapshot that sees only what every one of these sees."""
    known = list(snapshots)
    ends = min(snapshot.ends for snapshot in known)
    running = {one for snapshot in known for one in snapshot.running if one < ends}
    return Snapshot(min(snapshot.begins for snapshot in known), ends, frozenset(running))
