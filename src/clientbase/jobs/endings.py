"""How work on a run ends: what is written, and whether it is tried again. The only place that decides it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from sqlalchemy.exc import DBAPIError

from clientbase.jobs.runtime import Cancelled, HandOver, Job, Result, Review, RunContext
from clientbase.kit.db import WriteSession
from clientbase.kit.errors import Problem, Stale, TooMany, Unavailable
from clientbase.runs import leases
from clientbase.runs.leases import LeaseLost
from clientbase.runs.schemas import RunError, State

LONGEST_DELAY_SECONDS = 300.0
_TIMED_OUT = "57014"
_PASSING = (Stale, TooMany, Unavailable)
"""Problems that may be gone at the next attempt; the others come from the run itself and would come again."""


@dataclass(frozen=True)
class Ending:
    """How it ended and what to write about it."""

    name: str
    write: Callable[[WriteSession], Awaitable[None]]


def of_result(ctx: RunContext, result: Result | Review) -> Ending:
    """The work is done, or waits for a person."""
    if isinstance(result, Review):
        return Ending("needs_review", partial(_rest, ctx=ctx, review=result))
    return Ending("succeeded", partial(_succeed, ctx=ctx, result=result))


def of_error(job: Job, ctx: RunContext, error: BaseException) -> Ending:
    """What an error means; the reason for which the work had to stop goes before what it raised then."""
    cause = ctx.reason or error
    return next(ending(job, ctx, cause) for kind, ending in _TABLE if isinstance(cause, kind))


async def _succeed(session: WriteSession, *, ctx: RunContext, result: Result) -> None:
    await leases.finish(session, ctx.lease, State.SUCCEEDED, result=result)


async def _rest(session: WriteSession, *, ctx: RunContext, review: Review) -> None:
    await leases.rest(session, ctx.lease, result=review.result)


async def _nothing(session: WriteSession) -> None:
    """The run is somebody else's now."""


def _lost(job: Job, ctx: RunContext, error: BaseException) -> Ending:
    return Ending("lease_lost", _nothing)


def _cancel(job: Job, ctx: RunContext, error: BaseException) -> Ending:
    return Ending("cancelled", partial(leases.finish, lease=ctx.lease, state=State.CANCELLED))


def _hand_over(job: Job, ctx: RunContext, error: BaseException) -> Ending:
    return Ending("handed_over", partial(leases.release, lease=ctx.lease))


def _problem(job: Job, ctx: RunContext, error: BaseException) -> Ending:
    if isinstance(error, _PASSING):
        return _again(job, ctx, error)
    return _fail(job, ctx, explain(error))


def _again(job: Job, ctx: RunContext, error: BaseException) -> Ending:
    """The next attempt after a delay that grows, or failure after the last one."""
    if ctx.attempt >= job.max_attempts:
        return _fail(job, ctx, explain(error))
    delay = min(job.retry_seconds * 2 ** (ctx.attempt - 1), LONGEST_DELAY_SECONDS)
    asked = getattr(error, "retry_after", None) or 0.0
    return Ending("retried", partial(leases.retry, lease=ctx.lease, delay_seconds=max(delay, asked)))


def _fail(job: Job, ctx: RunContext, error: RunError) -> Ending:
    return Ending("failed", partial(_write_failure, job=job, ctx=ctx, error=error))


async def _write_failure(session: WriteSession, *, job: Job, ctx: RunContext, error: RunError) -> None:
    await leases.finish(session, ctx.lease, State.FAILED, error=error.model_dump())
    if job.on_failure is not None:
        await job.on_failure(session, ctx, error)


def explain(error: BaseException) -> RunError:
    """What the owner of the run is told: a stable code and a sentence without values."""
    if isinstance(error, Problem):
        return RunError(code=error.code, detail=error.detail)
    if isinstance(error, AttemptsExhausted):
        return RunError(code="WORKER_LOST", detail="The workers that tried it have died each time.")
    if isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) == _TIMED_OUT:
        return RunError(code="TIMED_OUT", detail="A part of the work took longer than it may.")
    return RunError(code="INTERNAL_ERROR", detail="Something went wrong on our side, at every attempt.")


class AttemptsExhausted(Exception):
    """All attempts ended with the death of their worker, so that nobody could write a failure."""


_TABLE: tuple[tuple[type[BaseException], Callable[[Job, RunContext, BaseException], Ending]], ...] = (
    (LeaseLost, _lost),
    (Cancelled, _cancel),
    (HandOver, _hand_over),
    (Problem, _problem),
    (BaseException, _again),
)
