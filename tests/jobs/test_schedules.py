"""Slots of schedules: each once, missed ones made up for by the newest."""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from clientbase.jobs.schedules import Schedule, Scheduler
from clientbase.kit.db import WriteSession
from tests.jobs.conftest import Bench

_MARK = text("INSERT INTO effects (slot) VALUES (:slot)")
NOW = datetime(2026, 9, 28, 10, 7, 31, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def mark(session: WriteSession, slot: datetime) -> None:
    await session.execute(_MARK, {"slot": slot})


async def marks(bench: Bench) -> list[datetime]:
    async with bench.sessions() as session:
        return list(await session.scalars(text("SELECT slot FROM effects ORDER BY slot")))


async def test_slots_begin_at_whole_periods(bench: Bench) -> None:
    assert Schedule("s", HOUR, mark).slot(NOW) == datetime(2026, 9, 28, 10, tzinfo=UTC)
    assert Schedule("s", timedelta(minutes=5), mark).slot(NOW) == datetime(2026, 9, 28, 10, 5, tzinfo=UTC)
    assert Schedule("s", timedelta(days=1), mark).slot(NOW) == datetime(2026, 9, 28, tzinfo=UTC)


async def test_many_workers_take_a_slot_once(bench: Bench) -> None:
    workers = [Scheduler(bench.sessions, [Schedule("s", HOUR, mark)]) for _ in range(5)]
    for now in (NOW, NOW, NOW + HOUR):
        await asyncio.gather(*(worker.take_due(now) for worker in workers))
    assert await marks(bench) == [datetime(2026, 9, 28, hour, tzinfo=UTC) for hour in (10, 11)]


async def test_slots_missed_while_nobody_worked_are_made_up_for_once(bench: Bench) -> None:
    worker = Scheduler(bench.sessions, [Schedule("s", HOUR, mark)])
    await worker.take_due(NOW)
    await worker.take_due(NOW + 48 * HOUR)
    assert await marks(bench) == [
        datetime(2026, 9, 28, 10, tzinfo=UTC),
        datetime(2026, 9, 30, 10, tzinfo=UTC),
    ]


async def test_a_slot_that_fails_stays_free_and_delays_no_other_schedule(bench: Bench) -> None:
    tries: list[datetime] = []

    async def fail_once(session: WriteSession, slot: datetime) -> None:
        tries.append(slot)
        await mark(session, slot)
        if len(tries) == 1:
            raise ValueError

    schedules = [Schedule("bad", HOUR, fail_once), Schedule("good", timedelta(minutes=1), mark)]
    worker = Scheduler(bench.sessions, schedules)
    await worker.take_due(NOW)
    assert await marks(bench) == [datetime(2026, 9, 28, 10, 7, tzinfo=UTC)]
    await worker.take_due(NOW)
    assert len(await marks(bench)) == 2
