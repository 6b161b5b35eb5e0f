"""The version of the tables: bring it to the newest, ask for it, write a new one."""

from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

_CHECKOUT = Path(__file__).parents[3]


def _config() -> Config:
    """alembic.ini of the checkout that this module lies in, else of the working directory."""
    folder = _CHECKOUT if (_CHECKOUT / "alembic.ini").exists() else Path.cwd()
    return Config(folder / "alembic.ini")


def upgrade() -> None:
    """Migrate the database of the settings to the newest version, one process at a time."""
    command.upgrade(_config(), "head")


def write_revision(message: str) -> None:
    """Write a migration with the difference between the models and the database of the settings."""
    command.revision(_config(), message, autogenerate=True)


def newest() -> str | None:
    """The version that the code expects."""
    return ScriptDirectory.from_config(_config()).get_current_head()


async def current(connection: asyncpg.Connection) -> str | None:
    """The version that a database has; None when it has no tables yet."""
    if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
        return None
    version: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    return version
