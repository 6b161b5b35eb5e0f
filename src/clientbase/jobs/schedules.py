"""What is done at regular times: each slot of a schedule once, however many workers look."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.dialects.postgresql import insert

from clientbase.config import settings
from clientbase.jobs.executor import DATABASE_ERRORS
from clientbase.kit import clock, metrics
from clientbase.kit.db import Sessions, WriteSession, writing
from clientbase.kit.logging import get_logger
from clientbase.models import ScheduleSlot

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
log = get_logger(__name__)


@dataclass(frozen=True)
class Schedule:
    """Something to be done every `period`.

    `function(session, slot)` runs in the transaction that takes the slot: short, and long work by
    `runs.service.start`. Slots that passed while no worker ran are made up for by the newest one.
    """

    name: str
    period: timedelta
    function: Callable[[WriteSession, datetime], Awaitable[None]]

    def slot(self, now: datetime) -> datetime:
        """The newest slot that has begun: whole periods since the year 2000, in UTC."""
        return now - (now - _EPOCH) % self.period


class Scheduler:
    """Takes the slots of the schedules as they begin."""

    def __init__(self, sessions: Sessions, schedules: Iterable[Schedule]) -> None:
        self._sessions = sessions
        self._schedules = tuple(schedules)
        self._settled: dict[str, datetime] = {}
        """The newest slot of each schedule that is known to be taken, by us or by another worker."""

    async def run(self) -> None:
        """Look every few seconds, for ever."""
        while True:
            await self.take_due(clock.now())
            await asyncio.sleep(settings().sweep_seconds)

    async def take_due(self, now: datetime) -> None:
        """Take the slot of every schedule that has begun and is free; one that fails stays free."""
        for schedule in self._schedules:
            slot = schedule.slot(now)
            if self._settled.get(schedule.name) == slot:
                continue
            try:
                await self._take(schedule, slot)
            except Exception as error:
                metrics.SCHEDULE_ERRORS.labels(schedule.name).inc()
                level = log.warning if isinstance(error, DATABASE_ERRORS) else log.error
                level("schedule_failed", job=schedule.name, exc_info=True)
            else:
                self._settled[schedule.name] = slot

    async def _take(self, schedule: Schedule, slot: datetime) -> None:
        async with writing(self._sessions) as session:
            values = {"job": schedule.name, "slot": slot, "taken_at": clock.now()}
            statement = insert(ScheduleSlot).values(**values).on_conflict_do_nothing()
            taken = await session.scalar(statement.returning(ScheduleSlot.slot))
            if taken is None:
                return
            await schedule.function(session, slot)
        metrics.SLOTS_TAKEN.labels(schedule.name).inc()
        log.info("slot_taken", job=schedule.name, slot=slot.isoformat())
