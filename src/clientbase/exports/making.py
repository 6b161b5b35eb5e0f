"""Making the file of an export: members and rows of one snapshot, then the workbook if asked for."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from clientbase.accounts.schemas import AccountInfo
from clientbase.exports.columns import Column, choose
from clientbase.exports.members import evaluate, meant
from clientbase.exports.plan import ExportPlan
from clientbase.exports.styles import STYLES, Frame
from clientbase.exports.workbook import write_workbook
from clientbase.exports.writing import write_rows
from clientbase.kit import clock
from clientbase.kit.db import ReadSession
from clientbase.kit.threads import StopFlag
from clientbase.search import catalogue as catalogues


@dataclass(frozen=True)
class Step:
    """How far the file is."""

    done: int
    total: int


class FileMaker:
    """Makes one file at a path; nothing of it is of use until it is whole."""

    def __init__(self, account: AccountInfo, plan: ExportPlan, path: Path) -> None:
        self._account = account
        self._plan = plan
        self._path = path
        self._columns: list[Column] = []
        self._rows = 0
        self._stop = StopFlag()

    async def write(self, session: ReadSession) -> AsyncGenerator[Step]:
        """Write the rows of the session's snapshot; a step at the beginning and after every chunk.

        Raises Invalid where a column or segment is gone, Conflict (EXPORT_COUNT_MISMATCH), Unavailable.
        """
        plan, account, now = self._plan, self._account, clock.now()
        catalogue = await catalogues.load(session, account=account)
        self._columns = choose(plan.fields, catalogue, personal=True)
        understood = meant(plan.filter, plan.segment, catalogue, personal=True)
        members = (await evaluate(session, account=account, understood=understood, now=now)).members
        yield Step(0, len(members))
        today = now.astimezone(ZoneInfo(account.time_zone)).date()
        with self._path.open("wb") as file:
            chunks = write_rows(
                session,
                file,
                account_id=account.id,
                members=members,
                columns=self._columns,
                style=STYLES[plan.format],
                frame=Frame(account.places, account.time_zone, today, plan.language),
            )
            async with aclosing(chunks):
                async for rows in chunks:
                    yield Step(rows, len(members))
        self._rows = len(members)

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
            rows=self._rows,
            check=self._stop.check,
        )
        self._path.unlink()
        return book

    def close(self) -> None:
        """End what still works on the file."""
        self._stop.set()
