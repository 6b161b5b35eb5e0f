"""What is deleted when its time is over, and what stays."""

from datetime import datetime, timedelta

from sqlalchemy import text

from clientbase.jobs.purge import RUNS_KEPT, SLOTS_KEPT, purge
from clientbase.kit import clock
from clientbase.kit.db import writing
from clientbase.models import IdempotencyKey, Run, ScheduleSlot
from clientbase.models.accounts import IDEMPOTENCY_KEYS_KEPT
from tests.jobs.conftest import Bench

MINUTE = timedelta(minutes=1)


async def left(bench: Bench, query: str) -> list[object]:
    async with writing(bench.sessions) as session:
        await purge(session, clock.now())
    async with bench.sessions() as session:
        return list(await session.scalars(text(query)))


async def add(bench: Bench, *rows: object) -> None:
    async with writing(bench.sessions) as session:
        session.add_all(rows)


def run(bench: Bench, kind: str, state: str, finished_at: datetime | None) -> Run:
    return Run(account_id=bench.account_id, kind=kind, state=state, finished_at=finished_at)


async def test_old_ended_runs_go_and_open_ones_stay(bench: Bench) -> None:
    old, recent = clock.now() - RUNS_KEPT - MINUTE, clock.now() - RUNS_KEPT + MINUTE
    await add(
        bench,
        run(bench, "old", "succeeded", old),
        run(bench, "recent", "failed", recent),
        run(bench, "open", "queued", None),
    )
    assert await left(bench, "SELECT kind FROM runs ORDER BY kind") == ["open", "recent"]


async def test_answers_are_kept_a_day(bench: Bench) -> None:
    def key(name: str, created_at: datetime) -> IdempotencyKey:
        return IdempotencyKey(
            account_id=bench.account_id, route="POST /x", key=name, fingerprint=b"", status=201,
            headers={}, body=b"", created_at=created_at,
        )  # fmt: skip

    edge = clock.now() - IDEMPOTENCY_KEYS_KEPT
    await add(bench, key("old", edge - MINUTE), key("recent", edge + MINUTE))
    assert await left(bench, "SELECT key FROM idempotency_keys") == ["recent"]


async def test_the_newest_slot_of_a_schedule_stays_however_old(bench: Bench) -> None:
    """Else a slot of a long period would be taken again."""
    old = clock.now() - SLOTS_KEPT - MINUTE
    await add(
        bench,
        ScheduleSlot(job="yearly", slot=old),
        ScheduleSlot(job="daily", slot=old),
        ScheduleSlot(job="daily", slot=old + MINUTE * 2),
    )
    assert await left(bench, "SELECT job FROM schedule_slots ORDER BY job") == ["daily", "yearly"]
