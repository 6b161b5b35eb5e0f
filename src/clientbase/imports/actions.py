"""Files of actions: what clients did, of one type or of several."""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from clientbase.accounts.schemas import AccountInfo
from clientbase.filters.specs import Field
from clientbase.imports.cells import BadCell, Convert, Reading, choice, text
from clientbase.imports.kinds import OWNER, Batch, Kind, Values, owner, params_of
from clientbase.imports.options import Options
from clientbase.imports.targets import Targets, owner_targets, table, target
from clientbase.kit.db import AnySession, WriteSession
from clientbase.kit.errors import Item
from clientbase.kit.text import fold
from clientbase.loading.actions import ActionRow, upsert_actions
from clientbase.loading.actions.checks import Takes, takes_of
from clientbase.loading.outcome import Outcome
from clientbase.search import catalogue

_SOURCE = "import"
_NO_TIME = Item("/at", "TIME_MISSING", "An action has a time.")
_NO_TYPE = Item("/type", "TYPE_MISSING", "An action has a type.")


async def _targets(session: AnySession, account: AccountInfo, reading: Reading) -> Targets:
    """Params are converted when the type of their row is known."""
    types = takes_of(await catalogue.load(session, account=account))
    params = {code: param for takes in types.values() for code, (param, _, _) in takes.params.items()}
    return table(
        [
            target("type", text),
            target("at", reading.converters()["datetime"]),
            target("external_id", text),
            *owner_targets(),
            *(target(f"params.{code}", text, code, *param.label) for code, param in params.items()),
        ]
    )


def _required(options: Options) -> list[tuple[str, ...]]:
    return [("at",), OWNER, *([] if options.action_type else [("type",)])]


async def _load(session: WriteSession, batch: Batch) -> list[Outcome]:
    types = takes_of(await catalogue.load(session, account=batch.account))
    convert = {code: _converters(takes, batch.reading) for code, takes in types.items()}
    read = [_action(row, batch, convert) for row in batch.rows]
    rows = [row for row in read if isinstance(row, ActionRow)]
    loaded = iter(await upsert_actions(session, account=batch.account, rows=rows) if rows else [])
    return [
        Outcome(index, "rejected", errors=row) if isinstance(row, list) else next(loaded)
        for index, row in enumerate(read)
    ]


def _converters(takes: Takes, reading: Reading) -> dict[str, Convert]:
    """How cells of each param of a type are read; choices by code and name in both languages."""
    convert = reading.converters()
    return {
        code: convert.get(of.type) or choice(_choices(param)) for code, (param, of, _) in takes.params.items()
    }


def _choices(param: Field) -> dict[str, str]:
    names = ((name, one.code) for one in param.choices for name in (one.name, one.en, one.code))
    return {fold(name): code for name, code in names if name}


def _action(row: Values, batch: Batch, convert: Mapping[str, dict[str, Convert]]) -> ActionRow | list[Item]:
    options = batch.options
    type_ = row.get("type") or options.action_type
    faults = [*([] if row.get("at") else [_NO_TIME]), *([] if type_ else [_NO_TYPE])]
    params: dict[str, Any] = {}
    for code, cell in params_of(row).items():
        if cell is None:  # blank: often a param of another type, and a new action has nothing to clear
            continue
        try:
            params[code] = convert.get(type_ or "", {}).get(code, text)(cell)
        except BadCell as bad:
            faults.append(Item(f"/params/{code}", bad.code, bad.message))
    if faults or type_ is None:
        return faults
    return ActionRow(
        type=type_,
        client=owner(row, options.owner_source),
        at=row["at"],
        params=params,
        source=options.source or _SOURCE,
        external_id=row.get("external_id") or _digest(row, type_),
    )


def _digest(row: Values, type_: str) -> str:
    """Stands for the id of an action that has none: the same row again is the same action."""
    text_ = orjson.dumps([type_, row], default=str, option=orjson.OPT_SORT_KEYS)
    return f"row:{hashlib.sha256(text_).hexdigest()[:32]}"


ACTIONS = Kind(
    targets=_targets,
    load=_load,
    required=_required,
    sourced=("external_id", "client.external_id"),
    pointers={"client": OWNER},
)
