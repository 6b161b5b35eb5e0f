"""SQL of loading actions: those that are stored already are found by their keys, the rest is COPYed."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import Table, select, text, update

from clientbase.kit.bulk import rows_as_table
from clientbase.kit.db import WriteSession, copy_rows
from clientbase.loading.actions.rows import Checked, Values
from clientbase.models import Action

Key = tuple[int, str, str]
"""Type id, source, dedupe key."""
_ACTIONS: Table = Action.__table__  # type: ignore[assignment]
_KEY = ("type_id", "source", "dedupe_key")
_CHANGED = ("id", *Values._fields)
_COPIED = ("account_id", "id", "type_id", "source", "dedupe_key", *Values._fields)
_NEXT_IDS = text("SELECT nextval('actions_id_seq') FROM generate_series(1, :count)")


class ActionLoadRepository:
    """Actions of one account, in bulk."""

    def __init__(self, session: WriteSession, account_id: int) -> None:
        self.session = session
        self.account_id = account_id

    async def stored(self, keys: Collection[Key]) -> dict[Key, tuple[int, Values]]:
        """Id and values of the actions of these keys that exist."""
        if not keys:
            return {}
        given = rows_as_table([_ACTIONS.c[name] for name in _KEY], list(keys))
        columns = [_ACTIONS.c[name] for name in (*_KEY, *_CHANGED)]
        query = select(*columns).where(
            _ACTIONS.c.account_id == self.account_id,
            _ACTIONS.c.dedupe_key.is_not(None),
            *(_ACTIONS.c[name] == given.c[name] for name in _KEY),
        )
        rows = await self.session.execute(query)
        return {(row[0], row[1], row[2]): (row[3], Values(*row[4:])) for row in rows}

    async def next_ids(self, count: int) -> list[int]:
        """Ids for new actions."""
        return list((await self.session.execute(_NEXT_IDS, {"count": count})).scalars())

    async def insert(self, rows: Iterable[tuple[int, Checked]]) -> None:
        """New actions with their ids."""
        records = [
            (self.account_id, action_id, row.type_id, row.source, row.dedupe_key, *_copied(row.values))
            for action_id, row in rows
        ]
        if records:
            await copy_rows(self.session, "actions", _COPIED, records)

    async def update(self, rows: Sequence[tuple[int, Values]]) -> None:
        """New values of stored actions."""
        if not rows:
            return
        ordered: list[tuple[Any, ...]] = sorted(
            ((action_id, *values) for action_id, values in rows), key=_first
        )
        given = rows_as_table([_ACTIONS.c[name] for name in _CHANGED], ordered)
        statement = (
            update(_ACTIONS)
            .values({name: given.c[name] for name in Values._fields})
            .where(_ACTIONS.c.account_id == self.account_id, _ACTIONS.c.id == given.c.id)
        )
        await self.session.execute(statement)


def _copied(values: Values) -> tuple[Any, ...]:
    """COPY takes JSON as text."""
    folded = None if values.folded is None else orjson.dumps(values.folded).decode()
    return (*values[:-2], orjson.dumps(values.params).decode(), folded)


def _first(row: tuple[Any, ...]) -> int:
    action_id: int = row[0]
    return action_id
