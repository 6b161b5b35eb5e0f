"""Takes runs from PostgreSQL, as many at once as there are slots, and keeps their leases alive."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from clientbase.config import settings
from clientbase.jobs import endings
from clientbase.jobs.endings import AttemptsExhausted, Ending
from clientbase.jobs.runtime import Cancelled, HandOver, Job, RunContext
from clientbase.kit import metrics
from clientbase.kit.db import Ring, Sessions, writing
from clientbase.kit.logging import bound, get_logger
from clientbase.runs import leases
from clientbase.runs.leases import Claim, Interrupted, Lease, LeaseLost

DATABASE_ERRORS = (SQLAlchemyError, OSError)
"""What a server that is away or restarting raises; the next look is another try."""
GRACE_SECONDS = 1.0
"""How long work may go on to the end of its slice when the worker stops."""
STOP_AGAIN_SECONDS = 0.5
log = get_logger(__name__)


@dataclass(frozen=True)
class Running:
    """A run that is worked on here."""

    ctx: RunContext
    task: asyncio.Task[None]


class Executor:
    """The slots of one worker. `control` is a pool of its own, so that jobs cannot starve the leases."""

    def __init__(
        self,
        sessions: Sessions,
        control: Sessions,
        jobs: Mapping[str, Job],
        *,
        owner: str,
        slots: int,
        ring: Ring,
    ) -> None:
        self._sessions = sessions
        self._control = control
        self._jobs = jobs
        self._owner = owner
        self._slots = slots
        self._ring = ring
        self._running: dict[Lease, Running] = {}
        self._bell = asyncio.Event()
        self._is_stopping = False

    def wake(self) -> None:
        """Look for runs now; called by the doorbell, and when a slot gets free."""
        self._bell.set()

    async def sweep(self) -> None:
        """Look for runs at every ring, and without one every few seconds, until `stop`.

        What was being taken then is given back too before it ends.
        """
        while not self._is_stopping:
            self._bell.clear()
            try:
                await self._fill()
            except DATABASE_ERRORS:
                metrics.SWEEP_ERRORS.labels("claim").inc()
                log.exception("claim_failed")
            await _wait(self._bell, settings().sweep_seconds)
        await self.stop()

    async def beat(self) -> None:
        """Keep the leases of running runs alive, and stop those that are lost or cancelled; never ends."""
        while True:
            await asyncio.sleep(settings().heartbeat_seconds)
            try:
                await self._prolong(list(self._running))
            except DATABASE_ERRORS:
                metrics.SWEEP_ERRORS.labels("heartbeat").inc()
                log.exception("heartbeat_failed")

    async def stop(self) -> None:
        """Take nothing more and give back what runs: after its slice where that is short, else without it."""
        self._is_stopping = True
        self.wake()
        for running in self._running.values():
            running.ctx.ask(HandOver())
        await self._drain(GRACE_SECONDS)
        while self._running:  # again and again: a cancellation can get lost in a library on its way
            for running in self._running.values():
                running.ctx.stop(HandOver())
            await self._drain(STOP_AGAIN_SECONDS)

    async def _drain(self, timeout_seconds: float) -> None:
        if tasks := [running.task for running in self._running.values()]:
            await asyncio.wait(tasks, timeout=timeout_seconds)

    async def _fill(self) -> None:
        """Take runs until all slots are busy or nothing is due."""
        while not self._is_stopping and (free := self._slots - len(self._running)):
            async with writing(self._control) as session:
                claims = await leases.claim(
                    session,
                    kinds=list(self._jobs),
                    owner=self._owner,
                    limit=free,
                    lease_seconds=settings().lease_seconds,
                )
            for claim in claims:
                self._start(claim)
            if len(claims) < free:
                return

    def _start(self, claim: Claim) -> None:
        ctx = RunContext.of(claim, self._sessions)
        if self._is_stopping:
            ctx.ask(HandOver())
        task = asyncio.create_task(self._execute(self._jobs[claim.kind], ctx), name=f"run {ctx.run_id}")
        self._running[claim.lease] = Running(ctx, task)
        task.add_done_callback(lambda _: self._forget(claim.lease))
        metrics.RUNS_CLAIMED.labels(claim.kind).inc()
        metrics.SLOTS_BUSY.set(len(self._running))
        if claim.waited_seconds is not None:
            metrics.RUN_WAIT_SECONDS.labels(claim.kind).observe(claim.waited_seconds)

    def _forget(self, lease: Lease) -> None:
        del self._running[lease]
        metrics.SLOTS_BUSY.set(len(self._running))
        self.wake()

    async def _execute(self, job: Job, ctx: RunContext) -> None:
        started = time.perf_counter()
        with bound(run_id=ctx.run_id, kind=ctx.kind, account_id=ctx.account_id, fence=ctx.lease.fence):
            log.info("run_claimed", attempt=ctx.attempt, resumed=ctx.cursor is not None)
            ending = await self._outcome(job, ctx)
            name = await self._end(ctx, ending)
            log.info("run_left", ending=name, seconds=round(time.perf_counter() - started, 3))
        metrics.RUNS_ENDED.labels(ctx.kind, name).inc()
        metrics.RUN_SECONDS.labels(ctx.kind).observe(time.perf_counter() - started)

    async def _outcome(self, job: Job, ctx: RunContext) -> Ending:
        try:
            if ctx.attempt > job.max_attempts:
                raise AttemptsExhausted
            return endings.of_result(ctx, await ctx.work(job))
        except (Exception, BaseExceptionGroup, Interrupted) as error:
            if ctx.reason is None:
                log.warning("work_failed", exc_info=True)
            return endings.of_error(job, ctx, error)

    async def _end(self, ctx: RunContext, ending: Ending) -> str:
        """Write the ending. What cannot be written is left to the lease: it runs out and the run goes on."""
        try:
            async with writing(self._control) as session:
                await ending.write(session)
        except LeaseLost:
            return "lease_lost"
        except Exception:
            log.exception("ending_not_written")
            return "unwritten"
        if ending.name == "handed_over":
            await self._ring(ctx.run_id)
        return ending.name

    async def _prolong(self, held: list[Lease]) -> None:
        if not held:
            return
        async with writing(self._control) as session:
            kept = await leases.heartbeat(session, held, lease_seconds=settings().lease_seconds)
        for lease in held:
            if (running := self._running.get(lease)) is None:
                continue
            if lease not in kept:
                running.ctx.stop(LeaseLost())
            elif kept[lease]:
                running.ctx.stop(Cancelled())


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
