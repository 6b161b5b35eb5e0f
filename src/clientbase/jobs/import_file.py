"""The job that loads a file."""

import asyncio

from clientbase.accounts.service import account_by_id
from clientbase.files import service as files
from clientbase.imports.loading import FileLoader, start_of
from clientbase.imports.plan import ImportPlan, targets_of
from clientbase.jobs.runtime import Job, Result, RunContext
from clientbase.kit.db import reading
from clientbase.kit.errors import Conflict


async def import_file(ctx: RunContext) -> Result:
    """Load what is left of the file, a slice at a time.

    Raises Invalid for a file wrong as a whole, Gone, Conflict (IMPORT_INCOMPLETE).
    """
    loader = await _loader(ctx)
    try:
        if ctx.cursor is None:
            rows = await loader.inspect()
            async with ctx.slice() as work:
                work.cursor = {"rejected": None}
                work.progress(total=rows)
        assert ctx.cursor is not None
        loader.open(start_of(ctx.cursor))
        while await _slice(ctx, loader):
            pass
    finally:
        loader.close()
    if ctx.counts.done != ctx.counts.total:
        raise Conflict("IMPORT_INCOMPLETE", "Fewer rows were read than the file has.")
    return ctx.counts.model_dump()


async def _loader(ctx: RunContext) -> FileLoader:
    plan = ImportPlan.load(ctx.params)
    async with reading(ctx.sessions) as session:
        account = await account_by_id(session, account_id=ctx.account_id)
        _, path = await files.find(session, account_id=ctx.account_id, file_id=plan.file_id)
        targets = await targets_of(session, account, plan.options)
    return FileLoader(account, plan, path, targets)


async def _slice(ctx: RunContext, loader: FileLoader) -> bool:
    """Load one slice; whether there was one."""
    rows = await loader.next()
    if not rows:
        return False
    end = rows[-1][0].end
    rejects = loader.rejected_rows(ctx.run_id, ctx.lease.fence)
    async with ctx.slice() as work:
        loaded = await loader.load(work.session, rows)
        assert work.cursor is not None
        state = await asyncio.to_thread(rejects.append, work.cursor["rejected"], loaded.rejected)
        work.cursor = {"offset": end.offset, "line": end.line, "rejected": state}
        counts = dict(loaded.counts)
        work.progress(done=counts.pop("total"), **counts)
    return True


IMPORT_FILE = Job(import_file)
