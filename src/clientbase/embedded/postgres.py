"""The embedded PostgreSQL: started safely after any end, stopped in order."""

import signal
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from clientbase.embedded import cluster, install
from clientbase.embedded.credentials import Credentials
from clientbase.embedded.errors import EngineError
from clientbase.embedded.logs import open_log, tail
from clientbase.embedded.ports import LOOPBACK, free_port
from clientbase.embedded.process import (
    ENGINE_ENVIRONMENT,
    Child,
    Command,
    Identity,
    await_nobody_in,
    engine_identity,
)
from clientbase.embedded.tuning import server_settings
from clientbase.embedded.waiting import run_blocking, wait_until

PORT_ATTEMPTS = 3
START_SECONDS = 120.0
"""Long enough to replay the log after a crash in the middle of a large import."""


@dataclass(frozen=True)
class Postgres:
    """A running server."""

    child: Child
    port: int

    def stop(self) -> None:
        """Disconnect clients, write a checkpoint and end; at once if that takes longer than a minute."""
        self.child.stop((signal.SIGINT, 60), (signal.SIGQUIT, 10))

    def url(self, role: str, password: str, database: str = cluster.DATABASE) -> str:
        """The address for a role, without the name of a driver."""
        return f"postgresql://{role}:{password}@{LOOPBACK}:{self.port}/{database}"


def start(data_dir: Path, credentials: Credentials, *, throwaway: bool) -> Postgres:
    """Start the data folder's server, making it at first use; raises EngineError."""
    identity = engine_identity()
    programs = install.postgres_programs(identity)
    folder = data_dir / "postgres"
    cluster.remove_half_done(data_dir)
    if not folder.exists():
        cluster.create(folder, credentials, programs=programs, identity=identity, sync=not throwaway)
    cluster.check_version(folder)
    await_nobody_in(folder, seconds=cluster.REMAINS_SECONDS)
    (folder / "postmaster.pid").unlink(missing_ok=True)  # the id in it may be another process's by now
    log_path = data_dir / "postgres.log"
    for _ in range(PORT_ATTEMPTS):  # somebody may take the port between its choice and its use
        server = _launch(folder, log_path, programs=programs, identity=identity, throwaway=throwaway)
        if _becomes_ready(server, credentials):
            return server
        server.stop()
    raise EngineError(f"PostgreSQL did not start. The end of {log_path}:\n{tail(log_path)}")


def _launch(folder: Path, log_path: Path, *, programs: Path, identity: Identity, throwaway: bool) -> Postgres:
    port = free_port()
    settings = server_settings(port=port, throwaway=throwaway)
    # As arguments: root should write no file into a folder that another user owns.
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    command = Command(
        [programs / "postgres", "-D", "{folder}", *options],
        identity=identity,
        folder=folder,
        environment=ENGINE_ENVIRONMENT,
        # A fast shutdown: a server whose parent was killed still leaves a clean folder.
        death_signal=signal.SIGINT,
    )
    with open_log(log_path) as log:
        return Postgres(command.start(log=log), port)


def _becomes_ready(server: Postgres, credentials: Credentials) -> bool:
    url = server.url(cluster.SERVICE, credentials.service_password)

    def answered_or_ended() -> bool:
        return server.child.exit_code is not None or run_blocking(_answers(url))

    return wait_until(answered_or_ended, seconds=START_SECONDS) and server.child.exit_code is None


async def _answers(url: str) -> bool:
    try:
        connection = await asyncpg.connect(url, timeout=5)
    except (TimeoutError, OSError, asyncpg.PostgresError):
        return False
    try:
        return bool(await connection.fetchval("SELECT true"))
    finally:
        await connection.close()
