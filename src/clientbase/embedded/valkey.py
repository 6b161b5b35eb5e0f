"""The embedded Valkey: keeps nothing on disk, since nothing in it may be the truth."""

import signal
from dataclasses import dataclass
from pathlib import Path

import redis

from clientbase.embedded import install
from clientbase.embedded.credentials import Credentials
from clientbase.embedded.errors import EngineError
from clientbase.embedded.logs import open_log, tail
from clientbase.embedded.ports import LOOPBACK, free_port
from clientbase.embedded.process import ENGINE_ENVIRONMENT, Child, Command, Identity, engine_identity
from clientbase.embedded.waiting import wait_until

PORT_ATTEMPTS = 3
START_SECONDS = 15.0
SETTINGS = {
    "bind": LOOPBACK,
    "dir": "/",
    "save": '""',
    "appendonly": "no",
    "maxmemory": "512mb",
    # Only keys with a time to live are ever dropped: cached leaves, never the queue.
    "maxmemory-policy": "volatile-lru",
    "loglevel": "warning",
}


@dataclass(frozen=True)
class Valkey:
    """A running server."""

    child: Child
    port: int
    url: str

    def stop(self) -> None:
        """End the server; what it held is lost, as it always may be."""
        self.child.stop((signal.SIGTERM, 10))


def start(data_dir: Path, credentials: Credentials) -> Valkey:
    """Start a server; raises EngineError."""
    identity = engine_identity()
    program = install.valkey_program(identity)
    log_path = data_dir / "valkey.log"
    for _ in range(PORT_ATTEMPTS):  # somebody may take the port between its choice and its use
        server = _launch(program, log_path, identity, credentials.redis_password)
        if _becomes_ready(server):
            return server
        server.stop()
    raise EngineError(f"Valkey did not start. The end of {log_path}:\n{tail(log_path)}")


def _launch(program: Path, log_path: Path, identity: Identity, password: str) -> Valkey:
    port = free_port()
    settings = SETTINGS | {"port": str(port), "requirepass": password}
    text = "".join(f"{name} {value}\n" for name, value in settings.items())
    command = Command([program, "-"], identity=identity, environment=ENGINE_ENVIRONMENT)
    with open_log(log_path) as log:
        # By standard input: a password among the arguments would be in the list of processes.
        child = command.start(log=log, stdin=text.encode())
    return Valkey(child, port, f"redis://:{password}@{LOOPBACK}:{port}/0")


def _becomes_ready(server: Valkey) -> bool:
    def answered_or_ended() -> bool:
        return server.child.exit_code is not None or _answers(server.url)

    return wait_until(answered_or_ended, seconds=START_SECONDS) and server.child.exit_code is None


def _answers(url: str) -> bool:
    with redis.Redis.from_url(url, socket_timeout=5) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
