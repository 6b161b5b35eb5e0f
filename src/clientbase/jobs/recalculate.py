"""The job that recalculates segments: all that are due, or the one that the run names."""

from clientbase.accounts.service import account_by_id
from clientbase.jobs.runtime import Job, Result, Review, RunContext
from clientbase.kit.db import WriteSession, reading
from clientbase.runs.schemas import RunError
from clientbase.segments import live_repository as live
from clientbase.segments import recalculate as segments
from clientbase.segments.finding import Found
from clientbase.segments.recalculate import Report
from clientbase.segments.telling import tell_some


async def recalculate(ctx: RunContext) -> Result | Review:
    """Evaluate in one snapshot, swap in one slice, and again for those that ask what the swap has told.

    When the guard stops the one segment that was asked for, the run rests in review; when that one fails,
    it raises why.
    """
    segment_id = ctx.params.get("segment_id")
    async with reading(ctx.sessions) as session:
        account = await account_by_id(session, account_id=ctx.account_id)
    report = Report.nothing()
    done: frozenset[int] = frozenset()
    goes_on = True
    while goes_on:
        found = await segments.evaluate(
            ctx.sessions,
            account=account,
            segment_id=segment_id,
            without_failed=True,
            done=done,
            go_on=ctx.check,
        )
        report += await _write(ctx, found, segment_id)
        problem = segments.problem_of(found, segment_id) if segment_id is not None else None
        if problem is not None:
            raise problem
        done |= found.segment_ids
        goes_on = found.goes_on
        if goes_on:
            await _tell(ctx)
    is_stopped = any(shrink.segment.id == segment_id for shrink in report.stopped)
    return Review(report.result()) if is_stopped else report.result()


async def _write(ctx: RunContext, found: Found, segment_id: int | None) -> Report:
    async with ctx.slice() as work:
        written = await segments.write(
            work.session, account_id=ctx.account_id, found=found, run_id=ctx.run_id, own_id=segment_id
        )
        await live.wake(work.session, ctx.account_id)
        work.progress(
            total=work.counts.done + written.total,
            done=written.total,
            updated=written.changed,
            skipped=written.unchanged + written.discarded,
            rejected=len(written.failed) + len(written.stopped),
        )
    return written


async def _tell(ctx: RunContext) -> None:
    """Timelines are told of everything before it is asked who entered and left."""
    told = 1
    while told:
        async with ctx.slice() as work:
            told = await tell_some(work.session, account_id=ctx.account_id, waits=True)


async def give_up(session: WriteSession, ctx: RunContext, error: RunError) -> None:
    """The run has failed for good: the segments that it was for say so."""
    await segments.give_up(
        session,
        account_id=ctx.account_id,
        segment_id=ctx.params.get("segment_id"),
        code=error.code,
        detail=error.detail,
    )


RECALCULATE = Job(recalculate, on_failure=give_up)
