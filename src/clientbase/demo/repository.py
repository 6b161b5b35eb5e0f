"""SQL of the demo base: its definitions, ranges of ids, and rows by COPY."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import exists, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from clientbase.demo.tables import COLUMNS, Rows
from clientbase.kit.db import WriteSession, copy_rows
from clientbase.models import Client
from clientbase.models.base import Base

_BULK_SETTINGS = text(
    "SELECT set_config('statement_timeout', '0', true), set_config('synchronous_commit', 'off', true), "
    "set_config('gin_pending_list_limit', '65536', true)"
)
_SEQUENCE = text("SELECT pg_get_serial_sequence(:table, 'id')::regclass::oid")
_DRAW = text("""
SELECT min(id), max(id)
FROM (SELECT nextval(CAST(:sequence AS oid)::regclass) AS id FROM generate_series(1, :count)) AS drawn
""")
"""By the sequence's number: a name would be looked up anew for each of millions."""


class DemoRepository:
    """The tables that the demo base is written to, for one account."""

    def __init__(self, session: WriteSession, account_id: int) -> None:
        self.session = session
        self.account_id = account_id

    async def has_clients(self) -> bool:
        """Whether the account has any client."""
        query = select(exists().where(Client.account_id == self.account_id))
        return bool((await self.session.execute(query)).scalar_one())

    async def define(self, table: type[Base], rows: Sequence[dict[str, Any]]) -> dict[str, int]:
        """Insert definitions and return their ids by code."""
        statement = insert(table).returning(table.__table__.c.code, table.__table__.c.id)
        given = [{"account_id": self.account_id, **row} for row in rows]
        return {row.code: row.id for row in await self.session.execute(statement, given)}

    async def add(self, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
        """Insert rows without ids of their own; those that exist stay."""
        given = [{"account_id": self.account_id, **row} for row in rows]
        await self.session.execute(upsert(table).on_conflict_do_nothing(), given)

    async def reserve_clients(self, count: int) -> int:
        """The first of so many consecutive ids of clients."""
        return await self._reserve("clients", count)

    async def reserve_orders(self, count: int) -> int:
        """The first of so many consecutive ids of orders."""
        return await self._reserve("orders", count)

    async def begin_bulk(self) -> None:
        """For this transaction: no time limit, no wait for the disk, larger batches of the text index."""
        await self.session.execute(_BULK_SETTINGS)

    async def write(self, rows: Rows) -> None:
        """COPY the rows of every table."""
        for table, values in rows.tables():
            await copy_rows(self.session, table, ("account_id", *COLUMNS[table]), values)

    async def _reserve(self, table: str, count: int) -> int:
        """Draw until the ids are consecutive: another writer may draw from the sequence at the same time."""
        sequence = await self.session.scalar(_SEQUENCE, {"table": table})
        while count:
            low, high = (await self.session.execute(_DRAW, {"sequence": sequence, "count": count})).one()
            if high - low == count - 1:
                return int(low)
        return 0
