"""The job that makes the file of an export: begun anew when it was interrupted, with a new snapshot."""

import asyncio
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path

from clientbase.accounts.service import account_by_id
from clientbase.config import settings
from clientbase.exports import filters
from clientbase.exports.making import FileMaker, Step
from clientbase.exports.plan import ExportPlan
from clientbase.exports.service import CONTENT_TYPES, ENDINGS
from clientbase.files import service as stored_files
from clientbase.jobs.runtime import Job, Result, RunContext
from clientbase.kit import clock, files
from clientbase.kit.db import reading
from clientbase.kit.files import Received


async def export_file(ctx: RunContext) -> Result:
    """Make the file and keep it, once.

    Raises Invalid, Conflict (EXPORT_COUNT_MISMATCH), Gone (FILTER_EXPIRED), Unavailable.
    """
    if ctx.cursor is not None:
        return {"rows": ctx.counts.total}
    plan = ExportPlan.load(ctx.params)
    path = files.work_path(f"{files.IN_THE_MAKING}export-{ctx.run_id}-{ctx.lease.fence}")
    async with reading(ctx.sessions) as session:
        account = await account_by_id(session, account_id=ctx.account_id)
        filter_ = await filters.find(session, account_id=ctx.account_id, run_id=ctx.run_id, plan=plan)
    maker = FileMaker(account, plan, filter_, path)
    try:
        await _write(ctx, maker)
        await _keep(ctx, plan, await maker.finish())
    finally:
        maker.close()
        for left in path.parent.glob(f"{path.name}*"):
            files.discard(left)
    return {"rows": ctx.counts.total}


async def _write(ctx: RunContext, maker: FileMaker) -> None:
    async with aclosing(maker.write(ctx.sessions)) as steps:
        async for step in steps:
            await _tell(ctx, step)


async def _tell(ctx: RunContext, step: Step) -> None:
    async with ctx.slice() as work:
        work.progress(total=step.total, done=step.done - work.counts.done)


async def _keep(ctx: RunContext, plan: ExportPlan, path: Path) -> None:
    size, sha256 = await asyncio.to_thread(files.digest_of, path)
    async with ctx.slice() as work:
        file = await stored_files.keep(
            work.session,
            account_id=ctx.account_id,
            received=Received(path, size, sha256),
            name=plan.name,
            content_type=CONTENT_TYPES[ENDINGS[plan.format]],
            expires_at=clock.now() + timedelta(hours=settings().export_retention_hours),
        )
        work.cursor = {"file_id": file.id}


EXPORT_FILE = Job(export_file)
