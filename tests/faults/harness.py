"""Real workers and a real Valkey that the tests can kill, stop and start again."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis
from sqlalchemy import text

from clientbase.embedded import install
from clientbase.embedded.ports import free_port
from clientbase.embedded.process import ENGINE_ENVIRONMENT, Child, Command, engine_identity
from clientbase.embedded.waiting import wait_until
from clientbase.kit.db import Sessions, writing
from clientbase.runs import service
from tests.waiting import eventually

DEFAULTS: dict[str, str] = {}
"""Lease, heartbeat and looks as the product has them."""
QUICK = {
    "CLIENTBASE_LEASE_SECONDS": "2",
    "CLIENTBASE_HEARTBEAT_SECONDS": "0.4",
    "CLIENTBASE_SWEEP_SECONDS": "0.4",
}


@dataclass
class RedisServer:
    """A Valkey that can be killed and come back on its port."""

    port: int = field(default_factory=free_port)
    child: Child | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        program = install.valkey_program(engine_identity())
        arguments = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--loglevel", "warning"]
        command = Command(
            [program, *arguments, "--dir", "/"], identity=engine_identity(), environment=ENGINE_ENVIRONMENT
        )
        self.child = command.start()
        assert wait_until(self._answers, seconds=10)

    def signal(self, number: signal.Signals) -> None:
        assert self.child is not None
        os.kill(self.child.pid, number)

    def kill(self) -> None:
        assert self.child is not None
        self.child.stop((signal.SIGKILL, 5))
        self.child = None

    def end(self) -> None:
        if self.child is not None:
            self.kill()

    async def until_it_holds(self, keys: int, *, seconds: float = 20) -> float:
        """Wait until so many keys are in it: rings follow their commits by themselves, a little later."""
        with redis.Redis.from_url(self.url) as client:

            async def holds() -> bool:
                return int(client.dbsize()) >= keys

            return await eventually(holds, seconds=seconds, said=f"{keys} keys in Redis")

    def flush(self) -> None:
        """Wipe it."""
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def _answers(self) -> bool:
        with redis.Redis.from_url(self.url, socket_timeout=1) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False


@dataclass
class Nursery:
    """Where worker processes come from."""

    process: subprocess.Popen[str] = field(
        default_factory=lambda: subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
    )

    def bear(self, environment: Mapping[str, str], log_path: Path) -> "Worker":
        """Start a worker."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        order = {"environment": dict(environment), "log": str(log_path)}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        log_path.touch()
        return Worker(int(self.process.stdout.readline()), log_path)

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


@dataclass
class Worker:
    """A worker process with its log."""

    pid: int
    log_path: Path

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    @property
    def is_alive(self) -> bool:
        return Path(f"/proc/{self.pid}").exists()

    async def until_it_says(self, what: str, *, seconds: float = 20) -> float:
        """Wait for a piece of text in the log."""

        async def says() -> bool:
            return what in self.log_path.read_text()

        return await eventually(says, seconds=seconds, said=f"{what} in the log")

    async def until_dead(self, *, seconds: float = 10) -> float:
        async def dead() -> bool:
            return not self.is_alive

        return await eventually(dead, seconds=seconds, said="the worker is dead")

    async def kill(self) -> None:
        self.signal(signal.SIGKILL)
        await self.until_dead()


@dataclass
class Floor:
    """Where runs are worked on: a database, a Valkey, and workers that come and go."""

    sessions: Sessions
    database_url: str
    redis: RedisServer
    folder: Path
    account_id: int
    nursery: Nursery
    workers: list[Worker] = field(default_factory=list)

    def worker(self, environment: Mapping[str, str] = QUICK, **settings: str) -> Worker:
        """Start a worker; further settings by their names in lower case."""
        log_path = self.folder / f"worker-{len(self.workers)}.log"
        named = {f"CLIENTBASE_{name.upper()}": value for name, value in settings.items()}
        basics = {
            "CLIENTBASE_DATABASE_URL": self.database_url,
            "CLIENTBASE_REDIS_URL": self.redis.url,
            "CLIENTBASE_LOG_LEVEL": "info",
        }
        worker = self.nursery.bear({**basics, **environment, **named}, log_path)
        self.workers.append(worker)
        return worker

    async def staff(self, number: int, environment: Mapping[str, str] = QUICK, **settings: str) -> None:
        """Start several workers at once and wait until all of them work."""
        for worker in [self.worker(environment, **settings) for _ in range(number)]:
            await worker.until_it_says("worker_started")

    async def holder(self, run_id: int) -> Worker:
        """The worker that holds a run."""
        pid = int((await self.run(run_id)).owner.rpartition(":")[2])
        return next(worker for worker in self.workers if worker.pid == pid)

    async def end_workers(self) -> None:
        for worker in self.workers:
            if worker.is_alive:
                await worker.kill()
        self.workers.clear()

    async def start(self, *, kind: str = "steps", **params: Any) -> int:
        """Start a run as the API would; its id."""
        async with writing(self.sessions) as session:
            run = await service.start(session, account_id=self.account_id, kind=kind, params=params)
            return run.id

    async def cancel(self, run_id: int) -> None:
        """Ask for the end of a run as the API would."""
        async with writing(self.sessions) as session:
            await service.request_cancellation(session, account_id=self.account_id, run_id=run_id)

    def note(self, figure: str) -> None:
        """Say what was measured, under the test's name in the output."""
        sys.stderr.write(f"  [faults] {figure}\n")

    async def one(self, query: str, **values: Any) -> Any:
        """The first value of a query."""
        async with self.sessions() as session:
            return await session.scalar(text(query), values)

    async def run(self, run_id: int) -> Any:
        async with self.sessions() as session:
            return await service.get(session, account_id=self.account_id, run_id=run_id)  # type: ignore[arg-type]

    async def effects(self, run_id: int) -> list[int]:
        """The steps that had an effect, in the order of the steps, repeats included."""
        async with self.sessions() as session:
            rows = await session.scalars(
                text("SELECT n FROM effects WHERE run_id = :run_id ORDER BY n"), {"run_id": run_id}
            )
            return list(rows)

    async def until(self, query: str, expected: int, *, seconds: float) -> float:
        """Wait until a counting query gives at least so many."""

        async def reached() -> bool:
            return int(await self.one(query)) >= expected

        return await eventually(reached, seconds=seconds, said=f"{expected} by {query}")

    async def until_state(self, run_id: int, state: str, *, seconds: float) -> float:
        async def reached() -> bool:
            return (await self.run(run_id)).state == state

        return await eventually(reached, seconds=seconds, said=f"run {state}")

    async def until_step(self, run_id: int, step: int, *, seconds: float = 10) -> float:
        """Wait until so many steps are committed."""

        async def reached() -> bool:
            return len(await self.effects(run_id)) >= step

        return await eventually(reached, seconds=seconds, said=f"step {step}")
