"""What the log of changes costs a bulk load: the same statement with its trigger and without, in turn.

It is measured on copies of a part of the tables, with all that the tables have, so that the base stays as it
is: every statement is rolled back, and VACUUM gives back what it wrote before the next two are measured.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from statistics import median
from typing import NamedTuple

import asyncpg

from benchmarks.figures import Figure
from benchmarks.stage import Stage
from clientbase.models import Action, Base, ClientChange, ClientStats, Order
from clientbase.models.feeds import FEEDS

ROWS = 300_000
ROUNDS = 5
OVERHEAD = 10.0
_FREE_ID = 1 << 50
_SCHEMA = "bench_load"
_DROP = f"DROP SCHEMA IF EXISTS {_SCHEMA} CASCADE"


class Load(NamedTuple):
    """A statement that writes the rows of `laid_by`, the newest of a table, into the copy of the table."""

    name: str
    model: type[Base]
    operation: str
    newest: str
    statement: str

    @property
    def table(self) -> str:
        """The table that is copied."""
        return str(self.model.__tablename__)

    @property
    def copy(self) -> str:
        """The copy, which has the same name for the triggers."""
        return f"{_SCHEMA}.{self.table}"

    @property
    def trigger(self) -> str:
        """The trigger that writes down the changes of the statement."""
        return f"{FEEDS[self.model].function}_on_{self.operation}"


LOADS = (
    Load(
        "INSERT of {count:,} actions",
        Action,
        "insert",
        "at",
        """INSERT INTO {copy} (account_id, client_id, type_id, at, amount, reference, params, folded, source)
           SELECT account_id, client_id, type_id, at, amount, reference, params, folded, source
           FROM laid_by""",
    ),
    Load(
        "INSERT of {count:,} orders",
        Order,
        "insert",
        "created_at",
        """INSERT INTO {copy} (account_id, client_id, source, external_id, number, number_folded, status,
               status_group, created_at, purchased_at, total, discount, cost, items_count, shop, manager, url)
           SELECT account_id, client_id, source, 'again-' || external_id, number, number_folded, status,
               status_group, created_at, purchased_at, total, discount, cost, items_count, shop, manager, url
           FROM laid_by""",
    ),
    Load(
        "UPDATE of {count:,} rows of client_stats",
        ClientStats,
        "update",
        "client_id",
        """UPDATE {copy} AS stats SET revenue = stats.revenue + 1 FROM laid_by
           WHERE stats.account_id = laid_by.account_id AND stats.client_id = laid_by.client_id""",
    ),
)
_WRITTEN_DOWN = """
SELECT count(*) FROM client_changes
WHERE account_id = $1 AND xid = pg_current_xact_id()::text::bigint
"""
_KEYS = """
SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = $1::text::regclass AND contype = 'f'
"""
_TRIGGER = "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = $1::text::regclass AND tgname = $2"


async def measure(stage: Stage) -> list[Figure]:
    """By how much the triggers slow the statements down."""
    connection = await stage.owner()
    try:
        return [await _overhead(connection, stage.account.id, load) for load in LOADS]
    finally:
        await connection.close()


async def _overhead(connection: asyncpg.Connection, account_id: int, load: Load) -> Figure:
    seconds: dict[bool, list[float]] = {True: [], False: []}
    async with _copied(connection, account_id, load) as (count, clients):
        for number in range(ROUNDS + 1):
            for logged in (True, False) if number % 2 else (False, True):
                seconds[logged].append(await _run(connection, account_id, load, logged=logged))
            await connection.execute(f"VACUUM {load.copy}, {ClientChange.__tablename__}")
    with_it, without = seconds[True][1:], seconds[False][1:]  # the first round warms up
    more = median(one / other for one, other in zip(with_it, without, strict=True)) - 1
    note = (
        f"{median(without):.2f} s without, {median(with_it):.2f} s with, of {clients:,} clients; "
        f"medians of {ROUNDS} rounds"
    )
    return Figure(f"triggers on {load.name.format(count=count)}", more * 100, "%", OVERHEAD, note=note)


@asynccontextmanager
async def _copied(
    connection: asyncpg.Connection, account_id: int, load: Load
) -> AsyncIterator[tuple[int, int]]:
    """The newest rows laid by, and a copy of the table with just these; how many, and of how many clients."""
    try:
        for statement in (
            _DROP,
            f"CREATE SCHEMA {_SCHEMA}",
            f"CREATE TEMP TABLE laid_by AS SELECT * FROM {load.table} WHERE account_id = {account_id} "
            f"ORDER BY {load.newest} DESC LIMIT {ROWS}",
            f"CREATE TABLE {load.copy} (LIKE {load.table} INCLUDING ALL)",
            f"INSERT INTO {load.copy} SELECT * FROM laid_by",
            *await _attached(connection, load),
            f"VACUUM (ANALYZE) {load.copy}",
        ):
            await connection.execute(statement)
        count, clients = [
            int(await connection.fetchval(f"SELECT {what} FROM laid_by"))
            for what in ("count(*)", "count(DISTINCT client_id)")
        ]
        yield count, clients
    finally:
        await connection.execute(_DROP)
        await connection.execute("DROP TABLE IF EXISTS laid_by")


async def _attached(connection: asyncpg.Connection, load: Load) -> list[str]:
    """What makes the copy as the table is, beside columns and indexes; ids go on where none is taken."""
    keys = [row[0] for row in await connection.fetch(_KEYS, load.table)]
    trigger = str(await connection.fetchval(_TRIGGER, load.table, load.trigger))
    statements = [f"ALTER TABLE {load.copy} ADD {key}" for key in keys]
    if "id" in load.model.__table__.c:
        statements.append(f"ALTER TABLE {load.copy} ALTER id RESTART WITH {_FREE_ID}")
    return [*statements, trigger.replace(f" ON public.{load.table} ", f" ON {load.copy} ")]


async def _run(connection: asyncpg.Connection, account_id: int, load: Load, *, logged: bool) -> float:
    """Seconds of the statement, which is rolled back."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        switch = "ENABLE" if logged else "DISABLE"
        await connection.execute(f"ALTER TABLE {load.copy} {switch} TRIGGER {load.trigger}")
        began = time.perf_counter()
        await connection.execute(load.statement.format(copy=load.copy))
        seconds = time.perf_counter() - began
        written_down = await connection.fetchval(_WRITTEN_DOWN, account_id)
        assert (written_down > 0) is logged, f"{written_down} changes of {load.table} written down"
    finally:
        await transaction.rollback()
    return seconds
