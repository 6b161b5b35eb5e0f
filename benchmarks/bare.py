"""What PostgreSQL itself needs for the same work: COPY and INSERT … ON CONFLICT in, COPY out."""

import time
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg

from benchmarks.newcomers import SOURCE, Newcomer, folded, full_name, newcomers, searched
from clientbase.kit.phones import digit_forms

_STAGING = """
CREATE TEMP TABLE staging (
    id bigint DEFAULT nextval(pg_get_serial_sequence('clients', 'id')),
    external_id text, full_name text, last_name text, first_name text, phone text, digits text, email text,
    city text, birth_date date, gender text, full_name_folded text, last_name_folded text,
    first_name_folded text, city_folded text, searched text
)
"""
_COLUMNS = (
    "external_id", "full_name", "last_name", "first_name", "phone", "digits", "email", "city", "birth_date",
    "gender", "full_name_folded", "last_name_folded", "first_name_folded", "city_folded", "searched",
)  # fmt: skip
_INSERTS = (
    """INSERT INTO clients (account_id, id, full_name, last_name, first_name, city, birth_date, gender,
           full_name_folded, last_name_folded, first_name_folded, city_folded)
       SELECT $1::bigint, id, full_name, last_name, first_name, city, birth_date, gender,
           full_name_folded, last_name_folded, first_name_folded, city_folded FROM staging
       ON CONFLICT (account_id, id) DO UPDATE SET full_name = excluded.full_name""",
    """INSERT INTO client_identities (account_id, source, external_id, external_id_folded, client_id)
       SELECT $1::bigint, '{source}', external_id, lower(external_id), id FROM staging
       ON CONFLICT (account_id, source, external_id) DO UPDATE SET client_id = excluded.client_id""",
    """INSERT INTO client_contacts (account_id, client_id, kind, value, digits, is_primary)
       SELECT $1::bigint, id, 'phone', phone, digits, true FROM staging
       UNION ALL SELECT $1::bigint, id, 'email', email, NULL, true FROM staging
       ON CONFLICT (account_id, client_id, kind, value) DO UPDATE SET digits = excluded.digits""",
    """INSERT INTO client_search (account_id, client_id, text) SELECT $1::bigint, id, searched FROM staging
       ON CONFLICT (account_id, client_id) DO UPDATE SET text = excluded.text""",
    """INSERT INTO client_stats (account_id, client_id) SELECT $1::bigint, id FROM staging
       ON CONFLICT (account_id, client_id) DO NOTHING""",
)


async def load(connection: asyncpg.Connection, account_id: int, count: int) -> float:
    """Seconds to load the newcomers in one transaction, their rows made beforehand."""
    rows = list(map(_row, newcomers(count)))
    began = time.perf_counter()
    async with connection.transaction():
        await connection.execute(_STAGING)
        await connection.copy_records_to_table("staging", records=rows, columns=_COLUMNS)
        for statement in _INSERTS:
            await connection.execute(statement.format(source=SOURCE), account_id)
        await connection.execute("DROP TABLE staging")
    return time.perf_counter() - began


async def unload(connection: asyncpg.Connection, query: str, path: Path) -> float:
    """Seconds of `COPY (query) TO STDOUT` in CSV into a file."""
    began = time.perf_counter()
    await connection.copy_from_query(query, output=path, format="csv", header=True)
    return time.perf_counter() - began


def _row(one: Newcomer) -> tuple[Any, ...]:
    return (
        one.external_id, full_name(one), one.last_name, one.first_name, one.phone, digit_forms(one.phone),
        one.email, one.city, date.fromisoformat(one.birth_date), one.gender, *folded(one), searched(one),
    )  # fmt: skip
