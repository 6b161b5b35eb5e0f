"""PostgreSQL and Valkey of one data folder."""

import shutil
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from clientbase.embedded import cluster, postgres, valkey
from clientbase.embedded.credentials import Credentials, load_or_create
from clientbase.embedded.errors import EngineError
from clientbase.embedded.lock import FolderLock
from clientbase.embedded.postgres import Postgres
from clientbase.embedded.private import make_folder
from clientbase.embedded.process import Child


@dataclass(frozen=True)
class Addresses:
    """Where the servers are; an empty one is not known. Databases are named without a driver."""

    database_url: str = ""
    """PostgreSQL as the service: reads and writes rows, changes no table."""
    owner_database_url: str = ""
    """PostgreSQL as the owner of the tables, for migrations and dumps."""
    redis_url: str = ""
    """Valkey or Redis."""
    admin_database_url: str = ""
    """PostgreSQL as the superuser, in the database `postgres`: to make further databases in tests."""


@dataclass(frozen=True)
class Engines:
    """Running servers; they end with `stop`, at the end of a `with`, or when this process dies."""

    data_dir: Path
    credentials: Credentials
    addresses: Addresses
    children: Mapping[str, Child]
    _cleanup: ExitStack

    @property
    def database_url(self) -> str:
        """PostgreSQL as the service: reads and writes rows, changes no table."""
        return self.addresses.database_url

    @property
    def owner_database_url(self) -> str:
        """PostgreSQL as the owner of the tables."""
        return self.addresses.owner_database_url

    @property
    def admin_database_url(self) -> str:
        """PostgreSQL as the superuser, in the database `postgres`."""
        return self.addresses.admin_database_url

    @property
    def redis_url(self) -> str:
        """Valkey or Redis."""
        return self.addresses.redis_url

    def stop(self) -> None:
        """Stop in the reverse order of the start and let go of the folder; harmless when stopped."""
        self._cleanup.close()

    def __enter__(self) -> "Engines":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(
    data_dir: Path | None = None, *, throwaway: bool = False, external: Addresses | None = None
) -> Engines:
    """Start the servers of the folder, making it at first use; one whose address is given is not started.

    `throwaway` gives up durability for speed, for tests; only then may the folder be left out: a temporary
    one is made and removed with the servers. Call from the main thread, on which the servers' life hangs.
    Raises DataFolderBusyError when another process works on the folder, EngineError when a server
    cannot start.
    """
    known = external or Addresses()
    with ExitStack() as cleanup:
        folder = make_folder(data_dir) if data_dir else _make_temporary_folder(cleanup, throwaway)
        cleanup.enter_context(FolderLock(folder))
        credentials = load_or_create(folder)
        children = {}
        if not known.database_url:
            database = postgres.start(folder, credentials, throwaway=throwaway)
            cleanup.callback(database.stop)
            children["PostgreSQL"] = database.child
            known = _with_database(known, database, credentials)
        if not known.redis_url:
            cache = valkey.start(folder, credentials)
            cleanup.callback(cache.stop)
            children["Valkey"] = cache.child
            known = replace(known, redis_url=cache.url)
        return Engines(folder, credentials, known, children, cleanup.pop_all())


def _with_database(known: Addresses, server: Postgres, credentials: Credentials) -> Addresses:
    return replace(
        known,
        database_url=server.url(cluster.SERVICE, credentials.service_password),
        owner_database_url=server.url(cluster.OWNER, credentials.owner_password),
        admin_database_url=server.url(cluster.ADMIN, credentials.admin_password, cluster.ADMIN),
    )


def _make_temporary_folder(cleanup: ExitStack, throwaway: bool) -> Path:
    if not throwaway:
        raise EngineError("A data folder is needed to keep data.")
    folder = Path(tempfile.mkdtemp(prefix="clientbase-"))
    cleanup.callback(shutil.rmtree, folder, ignore_errors=True)
    return folder
