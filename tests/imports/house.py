"""An account whose runs are really done: the API in this process, the worker in it or in one of its own."""

import asyncio
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import TextClause, text

from clientbase.accounts.schemas import AccountInfo
from clientbase.files import service as files
from clientbase.jobs import JOBS
from clientbase.jobs.executor import Executor
from clientbase.kit import clock
from clientbase.kit.db import Sessions, writing
from tests.databases import Database

ENDED = {"succeeded", "failed", "cancelled"}
QUICK = {
    "CLIENTBASE_LEASE_SECONDS": "1.5",
    "CLIENTBASE_HEARTBEAT_SECONDS": "0.4",
    "CLIENTBASE_SWEEP_SECONDS": "0.2",
}
POLL_SECONDS = 0.01


async def _no_ring(run_id: int) -> None:
    """The executor of a test is woken all the time."""


async def _wake_for_ever(executor: Executor) -> None:
    while True:
        executor.wake()
        await asyncio.sleep(POLL_SECONDS)


@dataclass
class House:
    """One account, its API, its files, and workers."""

    sessions: Sessions
    database: Database
    redis_url: str
    folder: Path
    account: AccountInfo
    api: httpx.AsyncClient
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    async def send(self, content: bytes | str, *, key: str | None = None, **query: Any) -> httpx.Response:
        """POST /imports."""
        body = content if isinstance(content, bytes) else content.encode()
        headers = {"Content-Type": "text/csv", "Idempotency-Key": key or uuid.uuid4().hex}
        return await self.api.post(
            "/api/v1/imports", content=body, params={"kind": "clients", **query}, headers=headers
        )

    async def load(self, content: bytes | str, **query: Any) -> dict[str, Any]:
        """Import a file to its end; the import as it is then."""
        answer = await self.send(content, **query)
        assert answer.status_code == 202, answer.text
        run = await self.work(answer.json()["id"])
        assert run["state"] == "succeeded", run
        return await self.imported(answer.json()["id"])

    async def imported(self, import_id: int) -> dict[str, Any]:
        answer = await self.api.get(f"/api/v1/imports/{import_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def rejected(self, import_id: int) -> str:
        """The file of rejected rows."""
        answer = await self.api.get(f"/api/v1/imports/{import_id}/rejected-rows")
        assert answer.status_code == 200, answer.text
        return answer.content.decode("utf-8-sig")

    async def run(self, run_id: int) -> dict[str, Any]:
        answer = await self.api.get(f"/api/v1/runs/{run_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    @asynccontextmanager
    async def executor(self) -> AsyncIterator[None]:
        """A worker in this process."""
        executor = Executor(self.sessions, self.sessions, JOBS, owner="house", slots=2, ring=_no_ring)
        sweep = asyncio.create_task(executor.sweep())
        waking = asyncio.create_task(_wake_for_ever(executor))
        yield
        waking.cancel()
        await executor.stop()
        await sweep

    async def work(self, run_id: int, *, seconds: float = 60) -> dict[str, Any]:
        """Work until the run has ended."""
        async with self.executor(), asyncio.timeout(seconds):
            while (run := await self.run(run_id))["state"] not in ENDED:
                await asyncio.sleep(POLL_SECONDS)
        return run

    def start_worker(self, environment: Mapping[str, str] = QUICK) -> subprocess.Popen[bytes]:
        """A worker process of the product."""
        basics = {
            "CLIENTBASE_DATABASE_URL": self.database.service_url,
            "CLIENTBASE_REDIS_URL": self.redis_url,
            "CLIENTBASE_DATA_DIR": str(self.folder),
        }
        log = (self.folder / f"worker-{len(self.processes)}.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, "-c", "from clientbase.worker import main; main()"],
            env={**os.environ, **basics, **environment},
            stdout=log,
            stderr=log,
        )
        log.close()
        self.processes.append(process)
        return process

    def end_workers(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait()

    async def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """What a query of the account gives."""
        async with self.sessions() as session:
            found = await session.execute(text(query), {"account_id": self.account.id, **values})
            return [tuple(row) for row in found]

    def many_clients(self, count: int) -> tuple[TextClause, dict[str, int]]:
        """A statement that makes so many clients, with its values."""
        statement = text(
            "WITH made AS (INSERT INTO clients (account_id, full_name, full_name_folded)"
            " SELECT :account_id, 'Клиент ' || n, 'клиент ' || n FROM generate_series(1, :count) n"
            " RETURNING id)"
            " INSERT INTO client_stats (account_id, client_id) SELECT :account_id, id FROM made"
        )
        return statement, {"account_id": self.account.id, "count": count}

    async def expire_files(self) -> None:
        """As if the time of all files of the account were over."""
        query = text(
            "UPDATE files SET expires_at = now() - interval '1 second' WHERE account_id = :account_id"
        )
        async with self.sessions.begin() as session:
            await session.execute(query, {"account_id": self.account.id})

    async def purge_files(self) -> None:
        """What the schedule does."""
        async with writing(self.sessions) as session:
            await files.purge(session, clock.now())
