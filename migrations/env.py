"""How migrations run: as the owner, one at a time, and with the service's rights granted at the end."""

import asyncio

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from clientbase.config import settings
from clientbase.models import Base

LOCK = 0x636C69656E7462
GRANTS = """
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'clientbase_service') THEN
    GRANT USAGE ON SCHEMA public TO clientbase_service;
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO clientbase_service;
    GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO clientbase_service;
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO clientbase_service', current_database());
  END IF;
END $$
"""


def migrate(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata, compare_type=True)
    with context.begin_transaction():
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        context.run_migrations()
        connection.execute(text(GRANTS))


async def connect_and_migrate() -> None:
    engine = create_async_engine(settings().migrations_url, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
        await connection.commit()
    await engine.dispose()


if context.is_offline_mode():
    raise SystemExit("migrations need a database: set CLIENTBASE_DATABASE_URL")
asyncio.run(connect_and_migrate())
