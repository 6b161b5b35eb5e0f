"""Migrations make what the models say, and the service can change no table."""

import json
import os
import subprocess
import sys

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from clientbase.models import Base
from tests.databases import Database, Databases


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, Base.metadata))


async def test_the_tables_are_those_of_the_models(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "DROP TABLE clients",
        "ALTER TABLE clients ADD COLUMN mine int",
        "TRUNCATE clients",
        "CREATE SCHEMA mine",
    ],
)
async def test_the_service_can_change_no_table(databases: Databases, statement: str) -> None:
    connection = await asyncpg.connect(databases.clone("service_rights").service_url)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    finally:
        await connection.close()


OLD_RUNS = """
INSERT INTO runs (account_id, kind, params)
SELECT id, kind, CAST(params AS jsonb) FROM accounts, unnest($1::text[], $2::text[]) AS given (kind, params)
"""


async def test_filters_of_exports_are_moved_out_of_their_runs_and_back(databases: Databases) -> None:
    database = databases.clone("moved_filters")
    owner = await asyncpg.connect(database.owner_url)
    try:
        await owner.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        alembic(database, "upgrade", "20261128_0745")
        await owner.execute(
            "INSERT INTO accounts (name, time_zone, currency, locale, region)"
            " VALUES ('A', 'UTC', 'RUB', 'ru', 'RU')"
        )
        filter_, nothing = {"version": 1, "root": {"value": "+79161234567"}}, None
        old = [
            ("export_file", {"segment": None, "filter": filter_}),
            ("export_file", {"segment": "vip", "filter": nothing}),
            ("import_file", {"filter": "another"}),
        ]
        kinds, params = zip(*((kind, json.dumps(one)) for kind, one in old), strict=True)
        await owner.execute(OLD_RUNS, kinds, params)
        alembic(database, "upgrade", "20261128_0930")
        assert await read(owner, "SELECT params FROM runs ORDER BY id") == [
            {"segment": None, "by_filter": True},
            {"segment": "vip", "by_filter": False},
            {"filter": "another"},
        ]
        assert await read(owner, "SELECT filter FROM export_filters") == [filter_]
        alembic(database, "downgrade", "20261128_0745")
        assert await read(owner, "SELECT params FROM runs ORDER BY id") == [one for _, one in old]
    finally:
        await owner.close()


def alembic(database: Database, *arguments: str) -> None:
    environment = os.environ | {
        "CLIENTBASE_DATABASE_URL": database.service_url,
        "CLIENTBASE_OWNER_DATABASE_URL": database.owner_url,
    }
    subprocess.run([sys.executable, "-m", "alembic", *arguments], env=environment, check=True)


async def read(owner: asyncpg.Connection, query: str) -> list[object]:
    return [json.loads(row[0]) for row in await owner.fetch(query)]


def test_there_is_one_newest_migration() -> None:
    heads = subprocess.run(
        [sys.executable, "-m", "alembic", "heads"], capture_output=True, text=True, check=True
    ).stdout
    assert heads.count("(head)") == 1
