"""The servers that a command works with: named by settings, running already, or started for it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clientbase.config import Settings, settings
from clientbase.embedded import engines, runfile
from clientbase.embedded.credentials import load_or_create
from clientbase.embedded.engines import Addresses
from clientbase.embedded.errors import EngineError


def external_addresses(values: Settings) -> Addresses:
    """The servers that the settings name."""
    return Addresses(
        database_url=plain(values.database_url),
        owner_database_url=plain(values.migrations_url),
        redis_url=values.redis_url,
    )


def plain(url: str) -> str:
    """The address of a database without the name of a driver, as tools and libpq read it."""
    return url.replace("postgresql+asyncpg://", "postgresql://", 1)


def environment(addresses: Addresses, data_dir: Path, secret_key: str) -> dict[str, str]:
    """The settings that point a process of the service, but not of its owner, at the servers."""
    return {
        "CLIENTBASE_DATABASE_URL": addresses.database_url,
        "CLIENTBASE_REDIS_URL": addresses.redis_url,
        "CLIENTBASE_DATA_DIR": str(data_dir),
        "CLIENTBASE_SECRET_KEY": secret_key,
    }


def adopt(addresses: Addresses, data_dir: Path, secret_key: str) -> None:
    """Point the settings of this process at the servers, as service and as owner."""
    os.environ.update(environment(addresses, data_dir, secret_key))
    os.environ["CLIENTBASE_OWNER_DATABASE_URL"] = addresses.owner_database_url
    settings.cache_clear()


@contextmanager
def connected(data_dir: Path | None = None, *, may_start: bool = True) -> Iterator[Addresses]:
    """Point the settings at servers for the length of a command.

    They are, in this order, those that the settings name, those of a running `clientbase up` on the data
    folder, and, if allowed, embedded ones started and stopped with the command. Raises EngineError.
    """
    values = settings()
    folder = (data_dir or values.data_dir).expanduser().resolve()
    named = external_addresses(values)
    secret_key = values.secret_key.get_secret_value()
    if named.database_url and named.redis_url and secret_key:
        adopt(named, folder, secret_key)
        yield named
    elif running := runfile.read(folder):
        found = Addresses(running.database_url, running.owner_database_url, running.redis_url)
        adopt(found, folder, _secret_key(values, folder))
        yield found
    elif may_start:
        with engines.start(folder, external=named) as started:
            adopt(started.addresses, folder, _secret_key(values, folder))
            yield started.addresses
    else:
        raise EngineError(
            "No servers: run `clientbase up`, or set CLIENTBASE_DATABASE_URL, CLIENTBASE_REDIS_URL and "
            "CLIENTBASE_SECRET_KEY."
        )


def _secret_key(values: Settings, folder: Path) -> str:
    return values.secret_key.get_secret_value() or load_or_create(folder).secret_key
