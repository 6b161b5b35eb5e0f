"""What became of one row of a batch."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from clientbase.kit.errors import Item

Status = Literal["created", "updated", "unchanged", "rejected"]


@dataclass
class Outcome:
    """The fate of the row at `index`; `errors` point into that row."""

    index: int
    status: Status
    id: int | None = None
    errors: list[Item] = field(default_factory=list)


def progress(outcomes: Iterable[Outcome]) -> dict[str, int]:
    """Counts as runs and batch answers show them; unchanged rows are skipped ones."""
    counts = {"total": 0, "created": 0, "updated": 0, "skipped": 0, "rejected": 0}
    for outcome in outcomes:
        counts["total"] += 1
        counts["skipped" if outcome.status == "unchanged" else outcome.status] += 1
    return counts
