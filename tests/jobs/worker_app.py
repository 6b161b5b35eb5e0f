"""A worker with jobs that exist for the tests only: `python -m tests.jobs.worker_app`."""

import os
from datetime import datetime, timedelta

from sqlalchemy import text

from clientbase import worker
from clientbase.jobs.runtime import Job, Result, RunContext
from clientbase.jobs.schedules import Schedule
from clientbase.kit.db import WriteSession

EFFECTS = """
CREATE TABLE effects (run_id bigint, n bigint, fence bigint, slot timestamptz);
GRANT ALL ON effects TO clientbase_service
"""
_EFFECT = text("INSERT INTO effects (run_id, n, fence) VALUES (:run_id, :n, :fence)")
_SLOT = text("INSERT INTO effects (slot) VALUES (:slot)")
_WORK = text("SELECT pg_sleep(:seconds)")


async def steps(ctx: RunContext) -> Result:
    """As many slices as asked for, each with one effect and some work of the database."""
    total = ctx.params["steps"]
    for n in range((ctx.cursor or {"next": 0})["next"], total):
        async with ctx.slice() as work:
            await work.session.execute(_EFFECT, {"run_id": ctx.run_id, "n": n, "fence": ctx.lease.fence})
            await work.session.execute(_WORK, {"seconds": ctx.params.get("seconds", 0.0)})
            work.cursor = {"next": n + 1}
            work.progress(total=total, done=1, created=1)
    return {"steps": total}


async def crash(ctx: RunContext) -> Result:
    """Takes the whole worker with it."""
    os._exit(9)


async def tick(session: WriteSession, slot: datetime) -> None:
    """Leaves a mark of the slot."""
    await session.execute(_SLOT, {"slot": slot})


JOBS = {"steps": Job(steps, max_attempts=3), "crash": Job(crash, max_attempts=2)}
SCHEDULES = (Schedule("tick", timedelta(seconds=1), tick),)


def main() -> None:
    worker.main(jobs=JOBS, schedules=SCHEDULES)


if __name__ == "__main__":
    main()
