"""Exports: beginning one, looking at it, and fetching its file."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from clientbase.accounts.schemas import Caller
from clientbase.accounts.scopes import Scope
from clientbase.exports.columns import Column, choose
from clientbase.exports.filters import without_personal
from clientbase.exports.members import evaluate, meant
from clientbase.exports.plan import RUN_KIND, ExportPlan
from clientbase.exports.repository import add_filter, exports_of, filters_of
from clientbase.exports.schemas import ExportIn, ExportOut
from clientbase.files import service as stored_files
from clientbase.kit import clock
from clientbase.kit.db import AnySession, WriteSession
from clientbase.kit.errors import Conflict, Forbidden, Item, invalid_at, not_found
from clientbase.kit.paging import Page, PageRequest
from clientbase.models import StoredFile
from clientbase.runs import service as runs
from clientbase.runs.filed import Filed
from clientbase.search import catalogue as catalogues
from clientbase.segments.storage import plain

ENDINGS = {"csv": "csv", "csv-excel": "csv", "xlsx": "xlsx"}
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_NAMES = {"ru": "Клиенты", "en": "Clients"}


async def begin(session: WriteSession, *, caller: Caller, request: ExportIn) -> ExportOut:
    """Start the run that makes the file.

    Raises Invalid; Forbidden (PERSONAL_SCOPE_NEEDED) for personal columns or conditions without the scope;
    Conflict (COUNT_CHANGED) when `expected_count` is not the count now.
    """
    if request.filter is not None and request.segment is not None:
        raise invalid_at("/segment", "ONE_OF", "Either a filter or a segment.")
    personal = caller.may(Scope.CLIENTS_PERSONAL)
    catalogue = await catalogues.load(session, account=caller.account)
    columns = choose(request.fields, catalogue, personal=personal)
    _check_personal(columns, personal=personal)
    understood = await meant(request.filter, request.segment, catalogue, personal=personal)
    if request.expected_count is not None:
        found = await evaluate(
            session, account=caller.account, understood=understood, now=clock.now(), interactive=True
        )
        _check_count(len(found.members), request.expected_count)
    stored = plain(request.filter)
    plan = ExportPlan(
        by_filter=stored is not None,
        segment=request.segment,
        fields=[column.name for column in columns],
        format=request.format,
        language=request.language,
        name=_name(caller, request),
        personal=any(column.personal for column in columns),
    )
    run = await runs.start(
        session,
        account_id=caller.account.id,
        kind=RUN_KIND,
        subject=request.segment,
        params=plan.dump(),
        created_by=caller.actor,
    )
    if stored is not None:
        await add_filter(session, account_id=caller.account.id, run_id=run.id, stored=stored)
    return ExportOut.of(run, plan, None, filter_=stored)


def _check_personal(columns: Sequence[Column], *, personal: bool) -> None:
    if not personal and any(column.personal for column in columns):
        items = [
            Item(f"/fields/{place}", "PERSONAL_SCOPE_NEEDED", "The column holds personal data.")
            for place, column in enumerate(columns)
            if column.personal
        ]
        raise Forbidden("PERSONAL_SCOPE_NEEDED", "The key lacks the scope clients:personal.", items)


def _check_count(count: int, expected: int) -> None:
    if count != expected:
        raise Conflict("COUNT_CHANGED", f"There are {count} clients now, not {expected}: nothing was done.")


def _name(caller: Caller, request: ExportIn) -> str:
    day = clock.now().astimezone(ZoneInfo(caller.account.time_zone)).date()
    name = request.name or f"{_NAMES[request.language]} {day.isoformat()}"
    return f"{name}.{ENDINGS[request.format]}"


async def get(session: AnySession, *, caller: Caller, export_id: int) -> ExportOut:
    """One export; its filter is hidden from who may not read what it reads, and gone with the file.

    Raises NotFound.
    """
    found = await exports_of(session, caller.account.id).get(export_id)
    if found is None:
        raise not_found("export")
    (shown,) = await _shown(session, caller, [found])
    return shown


async def list_page(session: AnySession, *, caller: Caller, page: PageRequest) -> Page[ExportOut]:
    """Exports as `get` shows them, newest first. Raises Malformed for a cursor of another list."""
    found = await exports_of(session, caller.account.id).page(page, lambda filed: filed)
    items = await _shown(session, caller, found.items)
    return Page(items=items, next_cursor=found.next_cursor, total=found.total)


async def _shown(session: AnySession, caller: Caller, found: Sequence[Filed]) -> list[ExportOut]:
    run_ids = [run.id for run, _ in found]
    kept = await filters_of(session, account_id=caller.account.id, run_ids=run_ids)
    if not caller.may(Scope.CLIENTS_PERSONAL):
        catalogue = await catalogues.load(session, account=caller.account)
        kept = await asyncio.to_thread(without_personal, kept, catalogue)
    return [
        ExportOut.of(run, ExportPlan.load(run.params), stored, filter_=kept.get(run.id))
        for run, stored in found
    ]


async def file(session: AnySession, *, caller: Caller, export_id: int) -> tuple[StoredFile, Path]:
    """The file of an export.

    Raises NotFound; Conflict (EXPORT_NOT_READY); Gone; Forbidden for a file with personal columns.
    """
    found = await exports_of(session, caller.account.id).get(export_id)
    if found is None:
        raise not_found("export")
    run, stored = found
    if ExportPlan.load(run.params).personal and not caller.may(Scope.CLIENTS_PERSONAL):
        raise Forbidden("PERSONAL_SCOPE_NEEDED", "The file holds personal data.")
    if run.cursor is None:
        raise Conflict("EXPORT_NOT_READY", "The file is not made yet.")
    if stored is None:
        raise stored_files.expired()
    return await stored_files.find(session, account_id=caller.account.id, file_id=stored.id)
