"""PostgreSQL and Valkey of one data folder."""

import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from clientbase.embedded import cluster, credentials, postgres, valkey
from clientbase.embedded.credentials import Credentials
from clientbase.embedded.errors import EngineError
from clientbase.embedded.lock import FolderLock
from clientbase.embedded.postgres import Postgres
from clientbase.embedded.valkey import Valkey


@dataclass(frozen=True)
class Engines:
    """Running servers; they end with `stop`, at the end of a `with`, or when this process dies."""

    data_dir: Path
    credentials: Credentials
    postgres: Postgres
    valkey: Valkey
    _cleanup: ExitStack

    @property
    def database_url(self) -> str:
        """PostgreSQL as the service: reads and writes rows, changes no table."""
        return self.postgres.url(cluster.SERVICE, self.credentials.service_password)

    @property
    def owner_database_url(self) -> str:
        """PostgreSQL as the owner of the tables, for migrations and dumps."""
        return self.postgres.url(cluster.OWNER, self.credentials.owner_password)

    @property
    def admin_database_url(self) -> str:
        """PostgreSQL as the superuser, in the database `postgres`: to make further databases in tests."""
        return self.postgres.url(cluster.ADMIN, self.credentials.admin_password, cluster.ADMIN)

    @property
    def redis_url(self) -> str:
        """Valkey."""
        return self.valkey.url

    def dead_engine(self) -> str | None:
        """The name of a server that has ended by itself, or None."""
        children = {"PostgreSQL": self.postgres.child, "Valkey": self.valkey.child}
        return next((name for name, child in children.items() if child.exit_code is not None), None)

    def stop(self) -> None:
        """Stop in the reverse order of the start and let go of the folder; harmless when stopped."""
        self._cleanup.close()

    def __enter__(self) -> "Engines":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(data_dir: Path | None = None, *, throwaway: bool = False) -> Engines:
    """Start both servers on the folder, making it at first use.

    `throwaway` gives up durability for speed, for tests; only then may the folder be left out: a temporary
    one is made and removed with the servers. Call from the main thread, on which the servers' life hangs.
    Raises DataFolderBusyError when another process works on the folder, EngineError when a server
    cannot start.
    """
    if data_dir is None and not throwaway:
        raise EngineError("A data folder is needed to keep data.")
    with ExitStack() as cleanup:
        folder = _make_folder(data_dir) if data_dir else _make_temporary_folder(cleanup)
        cleanup.enter_context(FolderLock(folder))
        secrets = credentials.load_or_create(folder)
        database = postgres.start(folder, secrets, throwaway=throwaway)
        cleanup.callback(database.stop)
        cache = valkey.start(folder, secrets)
        cleanup.callback(cache.stop)
        return Engines(folder, secrets, database, cache, cleanup.pop_all())


def _make_folder(data_dir: Path) -> Path:
    folder = data_dir.expanduser().resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise EngineError(f"The data folder {folder} cannot be made: {error.strerror}.") from error
    return folder


def _make_temporary_folder(cleanup: ExitStack) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="clientbase-"))
    cleanup.callback(shutil.rmtree, folder, ignore_errors=True)
    return folder
