"""What is read of clients: chosen fields of some clients, in a constant number of statements."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from clientbase.accounts.schemas import AccountInfo
from clientbase.clients.view_columns import COLUMNS, Column, Frame
from clientbase.clients.view_parts import PARTS, Part
from clientbase.clients.view_repository import ViewRepository
from clientbase.kit import clock
from clientbase.kit.db import AnySession
from clientbase.kit.errors import Item, invalid

PARAM_PREFIX = "params."
FIELD_NAMES = (*COLUMNS, *PARTS)
"""Everything that `fields` may name, beside `params.<code>`."""
DEFAULT_FIELDS = (*COLUMNS, *(part.name for part in PARTS.values() if part.default))


@dataclass(frozen=True)
class Fields:
    """Chosen fields: columns, parts, and of the params only some codes (None: all)."""

    columns: tuple[Column, ...]
    parts: tuple[Part, ...]
    params: frozenset[str] | None = None


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
    repository = ViewRepository(session, account.id)
    zone = ZoneInfo(account.time_zone)
    frame = Frame(account.places, zone, clock.now().astimezone(zone).date())
    rows = await repository.columns(chosen.columns, ids)
    found = {row[0]: _columns(row[1:], chosen.columns, frame, personal=personal) for row in rows}
    sources = {part.rows: await getattr(repository, part.rows)(ids) for part in _unique_rows(chosen.parts)}
    if "params" in sources:
        sources["params"] = _visible_params(sources["params"], chosen.params, personal=personal)
    for client_id, values in found.items():
        for part in chosen.parts:
            hidden = part.personal and not personal
            values[part.name] = None if hidden else part.make(sources[part.rows].get(client_id, []))
    return [found[client_id] for client_id in ids if client_id in found]


def _unique_rows(parts: Sequence[Part]) -> list[Part]:
    return list({part.rows: part for part in parts}.values())


def _columns(
    row: Sequence[Any], columns: Sequence[Column], frame: Frame, *, personal: bool
) -> dict[str, Any]:
    return {
        column.name: (
            None
            if value is None or (column.personal and not personal)
            else value
            if column.write is None
            else column.write(value, frame)
        )
        for column, value in zip(columns, row, strict=True)
    }


def _visible_params(
    rows: Mapping[int, list[Any]], codes: frozenset[str] | None, *, personal: bool
) -> dict[int, list[Any]]:
    """Rows of the wanted params; personal ones are left out for callers who may not read them."""
    return {
        client_id: [
            row for row in values if (codes is None or row.code in codes) and (personal or not row.personal)
        ]
        for client_id, values in rows.items()
    }
