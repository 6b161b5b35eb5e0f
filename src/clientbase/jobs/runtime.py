"""What a job is and what it is given: its run, and slices of work that survive a kill between any two."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from clientbase.config import settings
from clientbase.kit.db import Sessions, WriteSession, writing
from clientbase.runs import leases
from clientbase.runs.leases import Claim, Interrupted, Lease, LeaseLost
from clientbase.runs.schemas import RunError, RunProgress

Result = dict[str, Any] | None


@dataclass(frozen=True)
class Review:
    """In place of a result: the work waits for a person, who accepts what it has found or refuses it."""

    result: Result


JobFunction = Callable[["RunContext"], Awaitable[Result | Review]]
OnFailure = Callable[[WriteSession, "RunContext", RunError], Awaitable[None]]


class Cancelled(Interrupted):
    """Somebody asked for the end of the run."""


class HandOver(Interrupted):
    """This worker is stopping: another one goes on from the saved cursor."""


@dataclass(frozen=True)
class Job:
    """How runs of a kind are done.

    `function` may be stopped at any `await` and begun again, elsewhere, from the cursor of its last slice.
    `max_attempts` are counted from the last slice that moved the cursor. `on_failure` runs in the transaction
    that ends the run as failed.
    """

    function: JobFunction
    max_attempts: int = 5
    retry_seconds: float = 2.0
    """The first delay between attempts; each further one is twice as long."""
    on_failure: OnFailure | None = None


@dataclass
class Slice:
    """One transaction of a job: `session` for its effects; cursor and counts are saved with them."""

    session: WriteSession
    cursor: dict[str, Any] | None
    counts: RunProgress

    def progress(
        self,
        *,
        total: int | None = None,
        done: int = 0,
        created: int = 0,
        updated: int = 0,
        skipped: int = 0,
        rejected: int = 0,
    ) -> None:
        """Set the total; add the other numbers to what the slices before have counted."""
        counts = self.counts
        self.counts = RunProgress(
            total=counts.total if total is None else total,
            done=counts.done + done,
            created=counts.created + created,
            updated=counts.updated + updated,
            skipped=counts.skipped + skipped,
            rejected=counts.rejected + rejected,
        )


@dataclass
class RunContext:
    """The run that a job works on. Read through `reading(ctx.sessions)`, write through `ctx.slice()`."""

    lease: Lease
    kind: str
    subject: str | None
    params: dict[str, Any]
    cursor: dict[str, Any] | None
    """As the last slice saved it, by whichever worker; None at the very start."""
    counts: RunProgress
    attempt: int
    sessions: Sessions
    _reason: Interrupted | None = field(default=None, repr=False)
    _work: asyncio.Future[Result | Review] | None = field(default=None, repr=False)

    @classmethod
    def of(cls, claim: Claim, sessions: Sessions) -> "RunContext":
        """The context of a run just taken."""
        return cls(
            lease=claim.lease,
            kind=claim.kind,
            subject=claim.subject,
            params=claim.params,
            cursor=claim.cursor,
            counts=RunProgress.model_validate(claim.progress),
            attempt=claim.attempt,
            sessions=sessions,
            _reason=Cancelled() if claim.cancel_requested else None,
        )

    @property
    def account_id(self) -> int:
        """Whose run it is."""
        return self.lease.account_id

    @property
    def run_id(self) -> int:
        """The id of the run."""
        return self.lease.run_id

    @property
    def reason(self) -> Interrupted | None:
        """Why the work has to stop, if it has to."""
        return self._reason

    def check(self) -> None:
        """Raises Interrupted when the work has to stop; for long stretches without a slice."""
        if self._reason is not None:
            raise self._reason

    @asynccontextmanager
    async def slice(self) -> AsyncIterator[Slice]:
        """One transaction: its effects are committed together with the new cursor and counts, or not at all.

        Raises Interrupted before it begins when the work has to stop, and at its end, undoing it, when
        another worker has taken the run meanwhile. Not to be nested.
        """
        self.check()
        async with writing(self.sessions) as session:
            await self._verify(session)
            work = Slice(session, deepcopy(self.cursor), self.counts)
            yield work
            moved = work.cursor != self.cursor
            await self._save(work, moved=moved)
        self.cursor, self.counts = work.cursor, work.counts
        self.attempt = 1 if moved else self.attempt

    async def work(self, job: Job) -> Result | Review:
        """Do the job in a task that `stop` can end. Raises what it raises, or why it was stopped."""
        self.check()
        self._work = asyncio.ensure_future(job.function(self))
        try:
            return await self._work
        except asyncio.CancelledError:
            self.check()
            raise

    def ask(self, reason: Interrupted) -> None:
        """Let the work end before its next slice."""
        self._reason = self._reason or reason

    def stop(self, reason: Interrupted) -> None:
        """End the work at its next `await`; the slice that it is in is undone."""
        self.ask(reason)
        if self._work is not None:
            self._work.cancel()

    async def _verify(self, session: WriteSession) -> None:
        try:
            if await leases.check(session, self.lease):
                self.ask(Cancelled())
        except LeaseLost as lost:
            self.ask(lost)
        self.check()

    async def _save(self, work: Slice, *, moved: bool) -> None:
        try:
            await leases.save(
                work.session,
                self.lease,
                cursor=work.cursor,
                progress=work.counts.model_dump(),
                moved=moved,
                lease_seconds=settings().lease_seconds,
            )
        except LeaseLost as lost:
            self.ask(lost)
            raise
