"""Migrations make what the models say, and the service can change no table."""

import subprocess
import sys

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from clientbase.models import Base
from tests.databases import Databases


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


def test_there_is_one_newest_migration() -> None:
    heads = subprocess.run(
        [sys.executable, "-m", "alembic", "heads"], capture_output=True, text=True, check=True
    ).stdout
    assert heads.count("(head)") == 1
