"""What measurements stand on: engines with a demo base, and API and worker as processes of their own."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from sqlalchemy import select, text

from clientbase.accounts import service as accounts
from clientbase.accounts.schemas import AccountInfo
from clientbase.config import settings
from clientbase.demo import service as demo
from clientbase.demo.chunk import CLIENTS_IN_CHUNK
from clientbase.embedded import engines, schema
from clientbase.embedded.engines import Engines
from clientbase.embedded.ports import free_port
from clientbase.embedded.process import Command
from clientbase.embedded.servers import adopt, environment
from clientbase.embedded.supervisor import Service, await_ready
from clientbase.kit.db import Sessions, make_engine, reading, session_factory, writing
from clientbase.models import Account

SEED = 1
READY_SECONDS = 60.0
REQUEST_SECONDS = 900.0
ENDED_BADLY = ("failed", "cancelled", "needs_review")
FREE_LIMITS = {
    "CLIENTBASE_REQUESTS_PER_MINUTE": "10000000",
    "CLIENTBASE_HEAVY_REQUESTS_PER_MINUTE": "10000000",
    "CLIENTBASE_LOG_LEVEL": "warning",
}


@dataclass
class Stage:
    """A running service over a base of so many clients."""

    clients: int
    account: AccountInfo
    sessions: Sessions
    owner_url: str
    api: httpx.AsyncClient
    pids: dict[str, int]
    """Process ids of `API` and `worker`."""
    load_seconds: float | None
    """How long the demo base took, when this run made it."""

    async def owner(self) -> asyncpg.Connection:
        """A connection of the tables' owner, for VACUUM and bare COPY."""
        return await asyncpg.connect(self.owner_url)


async def finished(api: httpx.AsyncClient, run: str, *, seconds: float = REQUEST_SECONDS) -> dict[str, Any]:
    """Wait for a run, given by the address that its start answered with, to end well; returns it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer: dict[str, Any] = (await api.get(run.removeprefix("/api/v1/"))).raise_for_status().json()
        if answer["state"] == "succeeded":
            return answer
        if answer["state"] in ENDED_BADLY:
            raise RuntimeError(f"the run ended as {answer['state']}: {answer.get('error')}")
        await asyncio.sleep(0.05)
    raise TimeoutError(f"the run did not end within {seconds:.0f} s")


def start_engines(folder: Path, stack: ExitStack) -> Engines:
    """Engines with the product's own settings, and migrated tables."""
    folder.mkdir(parents=True, exist_ok=True)
    started = stack.enter_context(engines.start(folder))
    os.environ.update(FREE_LIMITS)
    adopt(started.addresses, started.data_dir, started.credentials.secret_key)
    schema.upgrade()
    return started


def start_services(started: Engines, stack: ExitStack) -> tuple[str, dict[str, int]]:
    """Worker and API; returns the address of the API and the process ids."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    variables = dict(os.environ)
    variables.pop("CLIENTBASE_OWNER_DATABASE_URL", None)
    variables |= environment(started.addresses, started.data_dir, started.credentials.secret_key)
    pids = {}
    for name, arguments in (("worker", ["worker"]), ("API", ["api", "--port", str(port)])):
        command = Command([sys.executable, "-m", "clientbase", *arguments], environment=variables)
        service = Service(name, command, started.data_dir / f"{name.lower()}.log")
        stack.callback(service.stop)
        service.start()
        assert service.child is not None
        pids[name] = service.child.pid
    await_ready(service, lambda: _answers(url), seconds=READY_SECONDS)
    return url, pids


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=5, trust_env=False).is_success
    except httpx.HTTPError:
        return False


@asynccontextmanager
async def standing(clients: int, started: Engines, url: str, pids: dict[str, int]) -> AsyncIterator[Stage]:
    """The stage over the folder's base, which is made first where there is none."""
    engine = make_engine(settings().database_url)
    sessions = session_factory(engine)
    account, seconds = await _base(sessions, started.owner_database_url, clients)
    async with writing(sessions) as session:
        _, key = await accounts.create_api_key(
            session, account_id=account.id, name="benchmarks", scopes=["admin"]
        )
    headers = {"Authorization": f"Bearer {key}"}
    address = f"{url}/api/v1/"
    async with httpx.AsyncClient(
        base_url=address, headers=headers, timeout=REQUEST_SECONDS, trust_env=False
    ) as api:
        yield Stage(clients, account, sessions, started.owner_database_url, api, pids, seconds)
    await engine.dispose()


async def _base(sessions: Sessions, owner_url: str, clients: int) -> tuple[AccountInfo, float | None]:
    """The account with its base: that of an earlier run, or a new one and the seconds that it took."""
    async with reading(sessions) as session:
        found = (await session.execute(select(Account).limit(1))).scalar_one_or_none()
    if found is not None:
        return accounts.account_info(found), None
    async with writing(sessions) as session:
        account = accounts.account_info(await accounts.create_account(session, name="Benchmarks"))
    began = time.perf_counter()
    await demo.load(
        sessions,
        account_id=account.id,
        clients=clients,
        seed=SEED,
        progress=_progress(began, clients // 20 or 1),
    )
    seconds = time.perf_counter() - began
    await vacuum(owner_url)
    return account, seconds


def _progress(began: float, step: int) -> Callable[[int, int], None]:
    def tell(done: int, total: int) -> None:
        if done % step < CLIENTS_IN_CHUNK:
            print(f"  {done:,} of {total:,} clients, {time.perf_counter() - began:.0f} s", flush=True)

    return tell


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """A process stands still, so that only what is measured works."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def vacuum(owner_url: str) -> None:
    """What autovacuum does within the minute, done now, so that a measurement does not race with it."""
    connection = await asyncpg.connect(owner_url)
    await connection.execute("VACUUM (ANALYZE)")
    await connection.close()


async def postgres_version(sessions: Sessions) -> str:
    """As in PostgreSQL 18.6."""
    async with reading(sessions) as session:
        return f"PostgreSQL {await session.scalar(text('SHOW server_version'))}"
