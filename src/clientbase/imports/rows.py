"""From a record of the file to the values of a row, or to what is wrong with it."""

from collections.abc import Sequence

from clientbase.imports.cells import BadCell, Convert
from clientbase.imports.kinds import Kind, Values
from clientbase.imports.options import Columns
from clientbase.imports.reader import Record
from clientbase.imports.targets import Targets
from clientbase.kit.errors import Item


class RowReader:
    """Converts the cells of records; what the columns mean is looked up once."""

    def __init__(self, columns: Columns, targets: Targets, *, clear_blanks: bool) -> None:
        self._columns = columns
        self._clear_blanks = clear_blanks
        self._plain: list[tuple[int, str, Convert]] = []
        self._lists: list[tuple[int, str, Convert]] = []
        for place, name in enumerate(columns.targets):
            if name is not None:
                one = targets[name]
                (self._lists if one.many else self._plain).append((place, name, one.convert))

    def read(self, record: Record) -> tuple[Values, list[Item]]:
        """Values by target; pointers of the faults are targets."""
        if record.fault is not None:
            return {}, [record.fault]
        values: Values = {}
        faults: list[Item] = []
        cells = record.cells
        for place, name, convert in self._plain:
            cell = cells[place].strip()
            if cell:
                try:
                    values[name] = convert(cell)
                except BadCell as bad:
                    faults.append(Item(f"/{name}", bad.code, bad.message))
            elif self._clear_blanks:
                values[name] = None
        for place, name, convert in self._lists:
            cell = cells[place].strip()
            if cell:
                try:
                    values.setdefault(name, []).extend(convert(cell))
                except BadCell as bad:
                    faults.append(Item(f"/{name}", bad.code, bad.message))
        return values, faults


def columns_at(faults: Sequence[Item], columns: Columns, kind: Kind) -> str:
    """The headers of the columns that faults come from."""
    return columns.named([name for fault in faults for name in _targets_at(fault.pointer, kind)])


def _targets_at(pointer: str, kind: Kind) -> list[str]:
    parts = pointer.removeprefix("/").replace("~1", "/").replace("~0", "~").split("/")
    if parts[0] == "params" and len(parts) > 1:
        return [f"params.{parts[1]}"]
    found = [*kind.pointers.get(parts[0], (parts[0],))]
    return [*found, parts[-1]] if parts[0] == "lines" else found
