"""The whole product as a user starts it: `clientbase up` in a folder of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import httpx

from clientbase.embedded.ports import free_port

START_SECONDS = 90
T = TypeVar("T")


@dataclass(frozen=True)
class Service:
    """A running service: its address, its first key, and how to talk to it."""

    url: str
    key: str
    folder: Path

    def client(self, timeout: float = 120) -> httpx.Client:
        """A client with the first key."""
        return httpx.Client(
            base_url=self.url + "/api/v1", headers={"Authorization": f"Bearer {self.key}"}, timeout=timeout
        )


@contextmanager
def running(
    folder: Path, *, demo_clients: int = 0, environment: dict[str, str] | None = None
) -> Iterator[Service]:
    """Start everything, wait until it is ready, and stop it in order."""
    port = free_port()
    command = [sys.executable, "-m", "clientbase", "up", "--with-parent", "--data-dir", str(folder)]
    command += ["--port", str(port), "--demo-clients", str(demo_clients)]
    log = (folder / "up.log").open("w")
    variables = os.environ | {"CLIENTBASE_REQUESTS_PER_MINUTE": "1000000"} | (environment or {})
    process = subprocess.Popen(command, stdout=log, stderr=log, env=variables)
    try:
        address = _wait(lambda: _address(folder), process, folder)
        with httpx.Client() as client:
            _wait(lambda: _ready(client, address["url"]), process, folder)
        yield Service(address["url"], address["api_key"], folder)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        log.close()


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    """Look until the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


def _wait(look: Callable[[], T | None], process: subprocess.Popen[bytes], folder: Path) -> T:
    deadline = time.monotonic() + START_SECONDS
    while True:
        found = look()
        if found:
            return found
        assert process.poll() is None, (folder / "up.log").read_text()
        assert time.monotonic() < deadline, (folder / "up.log").read_text()
        time.sleep(0.05)


def _address(folder: Path) -> dict[str, str] | None:
    with suppress(FileNotFoundError, json.JSONDecodeError):
        found: dict[str, str] = json.loads((folder / "run.json").read_text())
        return found if "api_key" in found else None
    return None


def _ready(client: httpx.Client, url: str) -> bool:
    with suppress(httpx.TransportError):
        return client.get(url + "/readyz").status_code == 200
    return False
