"""The job that recalculates segments: all that are due, or the one that the run names."""

from clientbase.accounts.service import account_by_id
from clientbase.jobs.runtime import Job, Result, RunContext
from clientbase.kit.db import WriteSession, reading
from clientbase.runs.schemas import RunError
from clientbase.segments import recalculate as segments


async def recalculate(ctx: RunContext) -> Result:
    """Evaluate in one snapshot, swap in one slice. Raises why the one segment that was asked for failed."""
    segment_id = ctx.params.get("segment_id")
    async with reading(ctx.sessions) as session:
        account = await account_by_id(session, account_id=ctx.account_id)
    found = await segments.evaluate(ctx.sessions, account=account, segment_id=segment_id, go_on=ctx.check)
    async with ctx.slice() as work:
        report = await segments.write(work.session, account_id=account.id, found=found, run_id=ctx.run_id)
        work.progress(
            total=report.total,
            done=report.total,
            updated=report.changed,
            skipped=report.unchanged + report.discarded,
            rejected=len(report.failed),
        )
    problem = segments.problem_of(found, segment_id) if segment_id is not None else None
    if problem is not None:
        raise problem
    return report.result()


async def give_up(session: WriteSession, ctx: RunContext, error: RunError) -> None:
    """The run has failed for good: the segment that it was for says so."""
    segment_id = ctx.params.get("segment_id")
    if segment_id is not None:
        await segments.give_up(
            session,
            account_id=ctx.account_id,
            segment_id=segment_id,
            code=error.code,
            detail=error.detail,
        )


RECALCULATE = Job(recalculate, on_failure=give_up)
