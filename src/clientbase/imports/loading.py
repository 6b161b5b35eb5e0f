"""Loading one file: slices of rows are read, converted, and loaded in the transaction that they are given."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clientbase.accounts.schemas import AccountInfo
from clientbase.imports.groups import Unit
from clientbase.imports.inspection import inspect
from clientbase.imports.kinds import Batch, Values
from clientbase.imports.plan import ImportPlan, reading_of
from clientbase.imports.reader import CsvReader, Position, Record
from clientbase.imports.rejects import Rejected, RejectedRows
from clientbase.imports.rows import RowReader, columns_at
from clientbase.imports.slices import Slices
from clientbase.imports.targets import Targets
from clientbase.kit.db import WriteSession
from clientbase.kit.errors import Item
from clientbase.kit.threads import StopFlag
from clientbase.loading.outcome import Outcome, progress

Row = tuple[Record, Values, list[Item]]
"""A row as it is in the file, its values, and what is wrong with it."""


@dataclass(frozen=True)
class Loaded:
    """What a slice has done: counts of its rows, and the rejected ones."""

    counts: dict[str, int]
    rejected: list[Rejected]


class FileLoader:
    """Reads one file and loads its rows; it knows nothing of runs."""

    def __init__(self, account: AccountInfo, plan: ImportPlan, path: Path, targets: Targets) -> None:
        self._account = account
        self._plan = plan
        self._path = path
        self._rows = RowReader(plan.columns, targets, clear_blanks=plan.options.blank == "clear")
        self._reader: CsvReader | None = None
        self._slices: Slices | None = None
        self._stop = StopFlag()

    async def inspect(self) -> int:
        """How many rows there are. Raises Invalid for a file that would be loaded wrongly."""
        plan = self._plan
        return await asyncio.to_thread(
            inspect, self._path, plan.form, plan.columns, plan.kind.grouped_by, self._stop.check
        )

    def open(self, start: Position | None) -> None:
        """Begin to read, from a row or from the first one."""
        plan = self._plan
        self._reader = CsvReader(self._path, plan.form, len(plan.columns.headers), start, self._stop.check)
        self._slices = Slices(self._reader, plan.columns, plan.kind.grouped_by)

    def close(self) -> None:
        """Let go of the file, and end what still works on it."""
        self._stop.set()
        if self._reader is not None:
            self._reader.close()

    async def next(self) -> list[Row]:
        """The next slice, its cells converted; empty at the end."""
        return await asyncio.to_thread(self._next)

    def _next(self) -> list[Row]:
        assert self._slices is not None
        return [row for unit in self._slices.next() for row in self._read(unit)]

    def _read(self, unit: Unit) -> list[Row]:
        """The rows of a unit; where one row of a thing is wrong, none of them is right."""
        self._stop.check()
        rows = [(record, *self._rows.read(record)) for record in unit.rows]
        grouping = self._plan.kind.grouping
        if unit.key is None or grouping is None:
            return rows
        for _, values, faults in rows:
            if not faults and not values.get(grouping.by):
                faults.append(grouping.no_key)
        if not any(faults for *_, faults in rows):
            return rows
        return [(record, values, faults or [grouping.other]) for record, values, faults in rows]

    async def load(self, session: WriteSession, slice_: Sequence[Row]) -> Loaded:
        """Load a slice in the session's transaction."""
        batch = Batch(
            self._account,
            self._plan.options,
            reading_of(self._plan.options, self._account),
            self._plan.actor,
            self._plan.at,
            [values for _, values, faults in slice_ if not faults],
        )
        loaded = iter(await self._plan.kind.load(session, batch) if batch.rows else [])
        outcomes = [
            Outcome(place, "rejected", errors=faults) if faults else next(loaded)
            for place, (_, _, faults) in enumerate(slice_)
        ]
        rejected = [
            Rejected(record, columns_at(outcome.errors, self._plan.columns, self._plan.kind), outcome.errors)
            for (record, _, _), outcome in zip(slice_, outcomes, strict=True)
            if outcome.status == "rejected"
        ]
        return Loaded(progress(outcomes), rejected)

    def rejected_rows(self, run_id: int, fence: int) -> RejectedRows:
        """The file of rejected rows of a run."""
        return RejectedRows(run_id, fence, self._plan.columns, self._plan.form.delimiter)


def start_of(cursor: dict[str, Any]) -> Position | None:
    """Where the next slice begins."""
    return Position(cursor["offset"], cursor["line"]) if "offset" in cursor else None
