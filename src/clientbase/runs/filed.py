"""Runs that stand for a file, each read with its file: imports and exports."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import ColumnElement, func, select

from clientbase.kit.db import AnySession
from clientbase.kit.paging import Keyset, Page, PageRequest
from clientbase.models import Run, StoredFile

T = TypeVar("T")
Filed = tuple[Run, StoredFile | None]
"""A run and its file, where that is still known."""


class FiledRuns:
    """The runs of one account and kind; `file_id` is where such a run names its file."""

    def __init__(
        self, session: AnySession, account_id: int, *, kind: str, file_id: ColumnElement[int]
    ) -> None:
        self._session = session
        self._account_id = account_id
        self._kind = kind
        self._file_id = file_id

    async def get(self, run_id: int) -> Filed | None:
        """One run with its file."""
        found = await self._read([Run.id == run_id], limit=1)
        return found[0] if found else None

    async def page(self, page: PageRequest, make: Callable[[Filed], T]) -> Page[T]:
        """A page of what is made of them, newest first. Raises Malformed for a cursor of another list."""
        keyset = Keyset(page, self._account_id, self._kind)
        below = [Run.id < keyset.after_one] if keyset.after else []
        return await keyset.answer(
            await self._read(below, limit=keyset.take),
            make=make,
            position=lambda filed: [filed[0].id],
            total=self._count,
        )

    async def _read(self, conditions: list[ColumnElement[bool]], *, limit: int) -> list[Filed]:
        same_file = (StoredFile.account_id == Run.account_id) & (StoredFile.id == self._file_id)
        query = select(Run, StoredFile).outerjoin(StoredFile, same_file).where(*self._own(), *conditions)
        found = await self._session.execute(
            query.order_by(Run.id.desc()).limit(limit), execution_options={"populate_existing": True}
        )
        return [(run, file) for run, file in found]

    async def _count(self) -> int:
        query = select(func.count()).select_from(Run).where(*self._own())
        return (await self._session.execute(query)).scalar_one()

    def _own(self) -> tuple[ColumnElement[bool], ...]:
        return Run.account_id == self._account_id, Run.kind == self._kind
