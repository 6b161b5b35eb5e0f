"""SQL of exports: the runs that made files, and the filters that they were asked for."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import insert, select

from clientbase.exports.plan import RUN_KIND
from clientbase.kit.db import AnySession, WriteSession, among
from clientbase.models import ExportFilter, Run
from clientbase.runs.filed import FiledRuns

Filter = dict[str, Any]


def exports_of(session: AnySession, account_id: int) -> FiledRuns:
    """The exports of one account with the files that they made."""
    return FiledRuns(session, account_id, kind=RUN_KIND, file_id=Run.cursor["file_id"].as_integer())


async def add_filter(session: WriteSession, *, account_id: int, run_id: int, stored: Filter) -> None:
    """Keep the filter of an export for as long as its file."""
    values = {"account_id": account_id, "run_id": run_id, "filter": stored}
    await session.execute(insert(ExportFilter).values(**values))


async def filters_of(session: AnySession, *, account_id: int, run_ids: Collection[int]) -> dict[int, Filter]:
    """The filters of these exports that are still kept, as they are stored."""
    query = select(ExportFilter.run_id, ExportFilter.filter).where(
        ExportFilter.account_id == account_id, among(ExportFilter.run_id, run_ids)
    )
    return {row.run_id: row.filter for row in await session.execute(query)}
