"""What is read of clients: chosen fields of some clients, in a constant number of statements."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from clientbase.accounts.schemas import AccountInfo
from clientbase.clients.view_columns import COLUMNS, Column, Frame
from clientbase.clients.view_parts import PARTS, SEGMENTS, Part
from clientbase.clients.view_repository import ViewRepository
from clientbase.clients.view_sources import SOURCES, ParamValue
from clientbase.kit import clock
from clientbase.kit.db import AnySession
from clientbase.kit.errors import Item, invalid

PARAM_PREFIX = "params."
FIELD_NAMES = (*COLUMNS, *PARTS)
"""Everything that `fields` may name, beside `params.<code>`."""
DEFAULT_FIELDS = (*COLUMNS, *(part.name for part in PARTS.values() if part.default))


@dataclass(frozen=True)
class Fields:
    """Chosen fields: columns, the id first, parts, and of the params only some codes (None: all)."""

    columns: tuple[Column, ...]
    parts: tuple[Part, ...]
    params: frozenset[str] | None = None

    def names(self) -> list[str]:
        """The names as they stand in a card: columns, then parts."""
        return [*(column.name for column in self.columns), *(part.name for part in self.parts)]

    def without_personal(self) -> "Fields":
        """Those of them that everyone may read."""
        columns = tuple(column for column in self.columns if not column.personal)
        return Fields(columns, tuple(part for part in self.parts if not part.personal), self.params)


def choose_fields(names: Sequence[str] | None, param_codes: Collection[str]) -> Fields:
    """The fields of these names, the id always among them; None is the usual ones.

    Raises Invalid (UNKNOWN_FIELD at /fields) with all that are not known.
    """
    wanted = dict.fromkeys(("id", *(DEFAULT_FIELDS if names is None else names)))
    codes = [name.removeprefix(PARAM_PREFIX) for name in wanted if name.startswith(PARAM_PREFIX)]
    plain = [name for name in wanted if not name.startswith(PARAM_PREFIX)]
    unknown = [name for name in plain if name not in COLUMNS and name not in PARTS]
    if unknown or not set(codes) <= set(param_codes):
        known = (*FIELD_NAMES, *(PARAM_PREFIX + code for code in sorted(param_codes)))
        raise invalid([Item("/fields", "UNKNOWN_FIELD", "There is no such field to show.", known)])
    narrowed = frozenset(codes) if codes and "params" not in wanted else None
    if narrowed is not None:
        plain.append("params")
    return Fields(
        tuple(COLUMNS[name] for name in plain if name in COLUMNS),
        tuple(PARTS[name] for name in plain if name in PARTS),
        narrowed,
    )


async def read_clients(
    session: AnySession,
    *,
    account: AccountInfo,
    ids: Sequence[int],
    fields: Fields | None = None,
    personal: bool,
) -> list[dict[str, Any]]:
    """The clients of these ids in this order; ids that do not exist are left out.

    Values are ready for orjson: money as decimal strings, numbers as int or float, times and days as such.
    Without `personal` the personal ones are null.
    """
    if not ids:
        return []
    chosen = fields or choose_fields(None, ())
    shown = chosen if personal else chosen.without_personal()
    wanted = {part.rows for part in shown.parts}
    sources = [name for name in SOURCES if name in wanted]
    repository = ViewRepository(session, account.id)
    rows = await repository.clients((column.name for column in shown.columns), sources, ids)
    segments = await repository.segments(ids) if SEGMENTS in wanted else {}
    frame = _frame(account)
    blank, width = dict.fromkeys(chosen.names()), len(shown.columns)
    found = {}
    for row in rows:
        client_id = row[0]
        values = found[client_id] = blank | _columns(row[:width], shown.columns, frame)
        hanging = _hanging(sources, row[width:])
        hanging[SEGMENTS] = segments.get(client_id, [])
        if "params" in hanging:
            hanging["params"] = _visible_params(hanging["params"], shown.params, personal=personal)
        values.update((part.name, part.make(hanging[part.rows])) for part in shown.parts)
    return [found[client_id] for client_id in ids if client_id in found]


def _frame(account: AccountInfo) -> Frame:
    zone = ZoneInfo(account.time_zone)
    return Frame(account.places, zone, clock.now().astimezone(zone).date())


def _columns(row: Sequence[Any], columns: Sequence[Column], frame: Frame) -> dict[str, Any]:
    return {
        column.name: value if value is None or column.write is None else column.write(value, frame)
        for column, value in zip(columns, row, strict=True)
    }


def _hanging(sources: Sequence[str], arrays: Iterable[list[Any]]) -> dict[str, list[Any]]:
    """The rows of one client from the records of each source."""
    return {
        name: list(map(SOURCES[name].row._make, records))
        for name, records in zip(sources, arrays, strict=True)
    }


def _visible_params(
    rows: Iterable[ParamValue], codes: frozenset[str] | None, *, personal: bool
) -> list[ParamValue]:
    """Rows of the wanted params; personal ones are left out for callers who may not read them."""
    return [row for row in rows if (codes is None or row.code in codes) and (personal or not row.personal)]
