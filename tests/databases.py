"""A migrated template database and clones of it."""

import asyncio
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import asyncpg

from clientbase.embedded.engines import Addresses, Engines

TEMPLATE = "template_clientbase"


def given_servers() -> Addresses | None:
    """A PostgreSQL to test on instead of the embedded one: its addresses as JSON in the environment."""
    given = os.environ.get("CLIENTBASE_TEST_POSTGRES")
    return Addresses(**json.loads(given)) if given else None


@dataclass(frozen=True)
class Database:
    """A database by its two URLs."""

    service_url: str
    owner_url: str


class Databases:
    """All databases of one test process; a clone takes about 50 ms."""

    def __init__(self, engines: Engines) -> None:
        self.engines = engines
        self.redis_url = engines.redis_url
        self._create(TEMPLATE, None)
        migrate(self._urls(TEMPLATE))

    def clone(self, name: str) -> Database:
        """A fresh database with the schema of the template."""
        self._create(name, TEMPLATE)
        return self._urls(name)

    def _urls(self, name: str) -> Database:
        return Database(
            self.engines.database_url.rsplit("/", 1)[0] + f"/{name}",
            self.engines.owner_database_url.rsplit("/", 1)[0] + f"/{name}",
        )

    def _create(self, name: str, template: str | None) -> None:
        made_from = f' TEMPLATE "{template}"' if template else " TEMPLATE template0"
        _run(
            self.engines.admin_database_url,
            f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)',
            f'CREATE DATABASE "{name}" OWNER clientbase_owner{made_from}',
        )


def migrate(database: Database) -> None:
    """Bring a database to the newest schema, as the owner."""
    environment = os.environ | {
        "CLIENTBASE_DATABASE_URL": database.service_url,
        "CLIENTBASE_OWNER_DATABASE_URL": database.owner_url,
    }
    subprocess.run([sys.executable, "-m", "alembic", "upgrade", "head"], env=environment, check=True)


def _run(url: str, *statements: str) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(url)
        for statement in statements:
            await connection.execute(statement)
        await connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(run())).result()
