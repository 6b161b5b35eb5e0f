"""The job that recalculates segments: all that are due, or the one that the run names."""

from clientbase.accounts.service import account_by_id
from clientbase.jobs.runtime import Job, Result, RunContext
from clientbase.kit.db import WriteSession, reading
from clientbase.runs.schemas import RunError
from clientbase.segments import live_repository as live
from clientbase.segments import recalculate as segments
from clientbase.segments.finding import Found
from clientbase.segments.recalculate import Report


async def recalculate(ctx: RunContext) -> Result:
    """Evaluate in one snapshot, swap in one slice, and again for those that ask what the swap has told.

    Raises why the one segment that was asked for failed.
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
        report += await _write(ctx, found)
        problem = segments.problem_of(found, segment_id) if segment_id is not None else None
        if problem is not None:
            raise problem
        done |= found.segment_ids
        goes_on = found.goes_on
    return report.result()


async def _write(ctx: RunContext, found: Found) -> Report:
    async with ctx.slice() as work:
        written = await segments.write(
            work.session, account_id=ctx.account_id, found=found, run_id=ctx.run_id
        )
        await live.wake(work.session, ctx.account_id)
        work.progress(
            total=work.counts.done + written.total,
            done=written.total,
            updated=written.changed,
            skipped=written.unchanged + written.discarded,
            rejected=len(written.failed),
        )
    return written


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
