"""SQL of exports: the runs that made files."""

from collections.abc import Sequence

from sqlalchemy import func, select

from clientbase.exports.plan import RUN_KIND
from clientbase.kit.db import AnySession, among
from clientbase.models import Run, StoredFile


class ExportRepository:
    """The exports of one account."""

    def __init__(self, session: AnySession, account_id: int) -> None:
        self.session = session
        self.account_id = account_id

    async def get(self, run_id: int) -> tuple[Run, StoredFile | None] | None:
        """An export with its file, where there is one."""
        rows = await self._with_files([run_id])
        return rows[0] if rows else None

    async def page(self, *, below: int | None, limit: int) -> list[tuple[Run, StoredFile | None]]:
        """Exports with an id below the given one, newest first."""
        query = select(Run.id).where(Run.account_id == self.account_id, Run.kind == RUN_KIND)
        if below is not None:
            query = query.where(Run.id < below)
        ids = (await self.session.execute(query.order_by(Run.id.desc()).limit(limit))).scalars().all()
        return await self._with_files(ids)

    async def count(self) -> int:
        """How many exports there are."""
        query = (
            select(func.count())
            .select_from(Run)
            .where(Run.account_id == self.account_id, Run.kind == RUN_KIND)
        )
        return (await self.session.execute(query)).scalar_one()

    async def _with_files(self, ids: Sequence[int]) -> list[tuple[Run, StoredFile | None]]:
        file_id = Run.cursor["file_id"].as_integer()
        query = (
            select(Run, StoredFile)
            .outerjoin(StoredFile, (StoredFile.account_id == Run.account_id) & (StoredFile.id == file_id))
            .where(Run.account_id == self.account_id, Run.kind == RUN_KIND, among(Run.id, ids))
            .order_by(Run.id.desc())
        )
        found = await self.session.execute(query, execution_options={"populate_existing": True})
        return [(row[0], row[1]) for row in found]
