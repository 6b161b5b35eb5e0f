"""Making the file of an export: members and rows of one snapshot, then the workbook if asked for."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pyroaring import BitMap64
from sqlalchemy import func, select, true

from clientbase.accounts.schemas import AccountInfo
from clientbase.exports.columns import Column, choose
from clientbase.exports.members import evaluate, meant
from clientbase.exports.plan import ExportPlan
from clientbase.exports.styles import STYLES, Frame
from clientbase.exports.workbook import write_workbook
from clientbase.exports.writing import write_rows
from clientbase.kit import clock
from clientbase.kit.db import ReadSession, Sessions, beside, reading
from clientbase.kit.threads import StopFlag
from clientbase.search import catalogue as catalogues
from clientbase.search.evaluator import BACKGROUND_SECONDS

_STAND_IDLE = select(
    func.set_config("idle_in_transaction_session_timeout", f"{2 * BACKGROUND_SECONDS:.0f}s", true())
)
"""The second session waits while the members are found, which may take longer than one may idle."""


@dataclass(frozen=True)
class Step:
    """How far the file is."""

    done: int
    total: int


class FileMaker:
    """Makes one file at a path; nothing of it is of use until it is whole."""

    def __init__(
        self, account: AccountInfo, plan: ExportPlan, filter_: dict[str, Any] | None, path: Path
    ) -> None:
        self._account = account
        self._plan = plan
        self._filter = filter_
        self._path = path
        self._columns: list[Column] = []
        self._written = 0
        self._stop = StopFlag()

    async def write(self, sessions: Sessions) -> AsyncGenerator[Step]:
        """Write the rows of one snapshot; a step at the beginning and after every chunk.

        Raises Invalid where a column or segment is gone, Conflict (EXPORT_COUNT_MISMATCH), Unavailable.
        """
        now = clock.now()
        async with reading(sessions, snapshot=True) as session, beside(sessions, session) as second:
            await second.execute(_STAND_IDLE)
            members = await self._members(session, now)
            yield Step(0, len(members))
            async with aclosing(self._rows([session, second], members, now)) as chunks:
                async for rows in chunks:
                    yield Step(rows, len(members))
        self._written = len(members)

    async def _members(self, session: ReadSession, now: datetime) -> BitMap64:
        plan, account = self._plan, self._account
        catalogue = await catalogues.load(session, account=account)
        self._columns = choose(plan.fields, catalogue, personal=True)
        understood = await meant(self._filter, plan.segment, catalogue, personal=True)
        return (await evaluate(session, account=account, understood=understood, now=now)).members

    async def _rows(
        self, sessions: Sequence[ReadSession], members: BitMap64, now: datetime
    ) -> AsyncGenerator[int]:
        plan, account = self._plan, self._account
        today = now.astimezone(ZoneInfo(account.time_zone)).date()
        with self._path.open("wb") as file:
            chunks = write_rows(
                sessions,
                file,
                account_id=account.id,
                members=members,
                columns=self._columns,
                style=STYLES[plan.format],
                frame=Frame(account.places, account.time_zone, today, plan.language),
            )
            async with aclosing(chunks):
                async for rows in chunks:
                    yield rows

    async def finish(self) -> Path:
        """The finished file, once the snapshot is not needed any more."""
        if self._plan.format != "xlsx":
            return self._path
        book = self._path.with_suffix(".xlsx")
        await asyncio.to_thread(
            write_workbook,
            self._path,
            book,
            columns=self._columns,
            language=self._plan.language,
            rows=self._written,
            check=self._stop.check,
        )
        self._path.unlink()
        return book

    def close(self) -> None:
        """End what still works on the file."""
        self._stop.set()
