"""The file of rejected rows: written before their slice is committed, cut back when it is not."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clientbase.imports.options import Columns
from clientbase.imports.reader import Record
from clientbase.kit import files
from clientbase.kit.errors import Gone, Item
from clientbase.kit.guarding import guarded

_BEGIN = "\ufeff"
_OWN_COLUMNS = ("line", "column", "code", "message")
_MOST_FAULTS = 20


@dataclass(frozen=True)
class Rejected:
    """A rejected row: its record, the columns at fault, and the faults."""

    record: Record
    columns: str
    faults: Sequence[Item]


class RejectedRows:
    """The file of one import, written by one holder of its run.

    Each holder has a file of its own, named by the fence, begun with what the former one had committed: one
    that was taken for dead writes where nobody reads.
    """

    def __init__(self, run_id: int, fence: int, columns: Columns, delimiter: str) -> None:
        self._name = f"rejected-{run_id}-{fence}.csv"
        self._columns = columns
        self._delimiter = delimiter

    def append(self, state: dict[str, Any] | None, rows: Iterable[Rejected]) -> dict[str, Any] | None:
        """Write rows after the `state` (name, size) of the last committed slice; the state to commit.

        Raises Gone when the file of a former holder has been deleted.
        """
        lines = [self._line(row) for row in rows]
        if not lines:
            return state
        path = files.work_path(self._name)
        size = self._begin(path, state)
        with path.open("r+b") as file:
            file.truncate(size)
            file.seek(size)
            file.write(self._text(lines if size else [self._header(), *lines], size).encode())
            files.sync(file)
            return {"name": self._name, "size": file.tell()}

    def _begin(self, path: Path, state: dict[str, Any] | None) -> int:
        if state is None:
            path.write_bytes(b"")
            return 0
        if state["name"] != self._name:
            try:
                files.copy_prefix(files.work_path(state["name"]), path, state["size"])
            except FileNotFoundError:
                raise Gone("FILE_EXPIRED", "The rejected rows have been deleted after their time.") from None
        return int(state["size"])

    def _text(self, lines: Iterable[Sequence[str]], size: int) -> str:
        out = io.StringIO()
        csv.writer(out, delimiter=self._delimiter, lineterminator="\r\n").writerows(lines)
        return out.getvalue() if size else _BEGIN + out.getvalue()

    def _header(self) -> Sequence[str]:
        return [*_OWN_COLUMNS, *map(guarded, self._columns.headers)]

    def _line(self, row: Rejected) -> Sequence[str]:
        faults = row.faults[:_MOST_FAULTS]
        codes = ", ".join(dict.fromkeys(fault.code for fault in faults))
        messages = " ".join(dict.fromkeys(fault.message for fault in faults))
        return [str(row.record.line), guarded(row.columns), codes, messages, *map(guarded, row.record.cells)]
