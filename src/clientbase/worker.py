"""The worker process: runs from PostgreSQL, schedules, and the doorbell, until a signal ends it."""

import asyncio
import os
import signal
import socket
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from typing import Any

from uvicorn.loops.auto import auto_loop_factory

from clientbase.config import settings
from clientbase.jobs import JOBS, SCHEDULES
from clientbase.jobs.doorbell import Doorbell, listen
from clientbase.jobs.executor import Executor
from clientbase.jobs.live import LiveLoop
from clientbase.jobs.runtime import Job
from clientbase.jobs.schedules import Schedule, Scheduler
from clientbase.jobs.telling import TellingLoop
from clientbase.kit import collector, logging, metrics
from clientbase.kit.db import Ring, Sessions, make_engine, session_factory
from clientbase.search.leaf_store import CARRIED, LeafStore

CONTROL_CONNECTIONS = 2
log = logging.get_logger(__name__)


def main(*, jobs: Mapping[str, Job] = JOBS, schedules: Iterable[Schedule] = SCHEDULES) -> None:
    """Work until SIGTERM or SIGINT, then hand over what runs and return."""
    values = settings()
    logging.configure(level=values.log_level, as_json=values.log_json)
    metrics.serve(values.worker_metrics_port)
    collector.calm()
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(serve(jobs, schedules))


async def serve(jobs: Mapping[str, Job], schedules: Iterable[Schedule]) -> None:
    """The same inside a running loop."""
    values = settings()
    stop_asked = _stop_signal()
    async with AsyncExitStack() as cleanup:
        bell = Doorbell(values.redis_url)
        cleanup.push_async_callback(bell.close)
        store = LeafStore(values.redis_url)
        cleanup.push_async_callback(store.close)
        sessions = _sessions(cleanup, bell.ring, carried={CARRIED: store})
        control = _sessions(cleanup, bell.ring, CONTROL_CONNECTIONS)
        executor = Executor(
            sessions, control, jobs, owner=_owner(), slots=values.worker_slots, ring=bell.ring
        )
        log.info("worker_started", kinds=sorted(jobs), slots=values.worker_slots)
        async with asyncio.TaskGroup() as tasks:
            sweep = tasks.create_task(executor.sweep())
            endless = [
                tasks.create_task(executor.beat()),
                tasks.create_task(Scheduler(control, schedules).run()),
                tasks.create_task(LiveLoop(sessions, control).run()),
                tasks.create_task(TellingLoop(sessions).run()),
                tasks.create_task(listen(values.redis_url, executor.wake)),
            ]
            await stop_asked.wait()
            await executor.stop()
            await sweep
            for task in endless:
                task.cancel()
    log.info("worker_stopped")


def _stop_signal() -> asyncio.Event:
    asked = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    return asked


def _sessions(
    cleanup: AsyncExitStack,
    ring: Ring,
    pool_size: int | None = None,
    carried: Mapping[str, Any] | None = None,
) -> Sessions:
    engine = make_engine(settings().database_url, pool_size=pool_size)
    cleanup.push_async_callback(engine.dispose)
    return session_factory(engine, ring=ring, carried=carried)


def _owner() -> str:
    """Who holds a lease, for people who look: the fence tells holders apart, not this."""
    return f"{socket.gethostname()}:{os.getpid()}"
