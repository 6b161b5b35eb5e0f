"""`clientbase up`: servers, tables, worker and API as one, until somebody stops it."""

import os
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx

from clientbase.config import settings
from clientbase.embedded import engines, runfile, schema, trampoline
from clientbase.embedded.engines import Engines
from clientbase.embedded.errors import EngineError
from clientbase.embedded.ports import is_free
from clientbase.embedded.process import Command
from clientbase.embedded.servers import adopt, environment, external_addresses
from clientbase.embedded.supervisor import Service, await_ready, stop_on_signals, supervise

READY_SECONDS = 60.0
EVERY_INTERFACE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - names, nothing is bound here

Say = Callable[[str], None]
Prepare = Callable[[Engines], str]
"""Given the running servers with migrated tables, see to an account and return its API key."""


@dataclass(frozen=True)
class Place:
    """Where the service keeps its data and where it listens."""

    data_dir: Path
    host: str
    port: int

    @property
    def url(self) -> str:
        """The address for a browser on this machine."""
        return f"http://{EVERY_INTERFACE.get(self.host, self.host)}:{self.port}"


def run(place: Place, prepare: Prepare, *, with_parent: bool, say: Say) -> None:
    """Run the service until Ctrl-C or SIGTERM, then stop everything in the reverse order of its start.

    `with_parent` ends it as well when the process that started it dies. Raises EngineError when something
    cannot start or a server ends by itself.
    """
    stop_on_signals()
    if with_parent:
        trampoline.die_with(os.getppid(), signal.SIGTERM)
    try:
        _run(place, prepare, say)
    except KeyboardInterrupt:
        say("Stopped.")


def _run(place: Place, prepare: Prepare, say: Say) -> None:
    if not is_free(place.host, place.port):
        raise EngineError(
            f"Port {place.port} of {place.host} is taken: choose another with --port (PORT= for make)."
        )
    with ExitStack() as stack:
        say("Starting the servers ...")
        started = stack.enter_context(engines.start(place.data_dir, external=external_addresses(settings())))
        secret_key = settings().secret_key.get_secret_value() or started.credentials.secret_key
        adopt(started.addresses, started.data_dir, secret_key)
        say("Bringing the tables up to date ...")
        schema.upgrade()
        api_key = prepare(started)
        services = _services(place, started, secret_key)
        for service in services:
            stack.callback(service.stop)
            service.start()
        _announce(place, started, api_key)
        stack.callback(runfile.remove, started.data_dir)
        await_ready(services[-1], lambda: _answers(place.url), seconds=READY_SECONDS)
        say(_welcome(place, started.data_dir, api_key))
        supervise(services, started.children, say=say)


def _services(place: Place, started: Engines, secret_key: str) -> list[Service]:
    """The worker and the API, in the order of their start; neither knows the owner of the tables."""
    inherited = {name: value for name, value in os.environ.items() if name != "CLIENTBASE_OWNER_DATABASE_URL"}
    variables = inherited | environment(started.addresses, started.data_dir, secret_key)
    listening = ["--host", place.host, "--port", str(place.port)]
    arguments = {"worker": ["worker"], "API": ["api", *listening]}
    return [
        Service(
            name=name,
            command=Command([sys.executable, "-m", "clientbase", *parts], environment=variables),
            log_path=started.data_dir / f"{name.lower()}.log",
        )
        for name, parts in arguments.items()
    ]


def _announce(place: Place, started: Engines, api_key: str) -> None:
    runfile.write(
        started.data_dir,
        runfile.Run(
            url=place.url,
            database_url=started.database_url,
            owner_database_url=started.owner_database_url,
            redis_url=started.redis_url,
            api_key=api_key,
            pid=os.getpid(),
        ),
    )


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=5, trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def _welcome(place: Place, data_dir: Path, api_key: str) -> str:
    members = f"{place.url}/api/v1/segments/{_first_segment(place.url, api_key)}/clients?limit=5"
    return f"""
clientbase is running.

  API   {place.url}/api/v1
  Docs  {place.url}/docs
  Key   {api_key}
  Data  {data_dir} (logs: api.log, worker.log; addresses for tools: run.json)

A first segment to look at:

  curl -H 'Authorization: Bearer {api_key}' '{members}'

Ctrl-C stops everything.
"""


def _first_segment(url: str, api_key: str) -> str:
    """The code of a segment, or what stands for one: the service does not end for want of a greeting."""
    try:
        answer = httpx.get(
            f"{url}/api/v1/segments",
            params={"limit": 1},
            headers={"Authorization": f"Bearer {api_key}"},
            timeout=10,
            trust_env=False,
        )
    except httpx.HTTPError:
        return "{code}"
    items = answer.json()["items"] if answer.is_success else []
    return items[0]["code"] if items else "{code}"
