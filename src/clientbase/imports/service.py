"""Imports: beginning one from a file, looking at it, and fetching its rejected rows."""

import asyncio
from datetime import timedelta
from pathlib import Path

from clientbase.accounts.schemas import Caller
from clientbase.accounts.scopes import Scope
from clientbase.config import settings
from clientbase.files import service as stored_files
from clientbase.imports.formats import DELIMITERS, examine
from clientbase.imports.mapping import map_columns
from clientbase.imports.options import Columns, Options, read_mapping
from clientbase.imports.plan import ImportPlan, targets_of
from clientbase.imports.repository import RUN_KIND, imports_of
from clientbase.imports.schemas import ImportOut, ImportQuery
from clientbase.imports.table import KINDS
from clientbase.kit import clock, files
from clientbase.kit.db import AnySession, WriteSession
from clientbase.kit.errors import Forbidden, invalid_at, not_found
from clientbase.kit.files import Received
from clientbase.kit.paging import Page, PageRequest
from clientbase.runs import service as runs


async def begin(
    session: WriteSession, *, caller: Caller, received: Received, query: ImportQuery
) -> ImportOut:
    """Keep the file and start the run that loads it.

    Raises Invalid for a file whose format or header is wrong, with all that is wrong with the header.
    """
    options = Options(**query.model_dump())
    delimiter = DELIMITERS.get(options.delimiter or "")
    form, headers = await asyncio.to_thread(
        examine, received.path, encoding=options.encoding, delimiter=delimiter
    )
    columns = await _columns(session, caller, options, headers)
    now = clock.now()
    file = await stored_files.keep(
        session,
        account_id=caller.account.id,
        received=received,
        name=options.name,
        content_type="text/csv",
        expires_at=now + timedelta(hours=settings().import_retention_hours),
    )
    plan = ImportPlan(file.id, options, form, columns, caller.actor, now)
    run = await runs.start(
        session,
        account_id=caller.account.id,
        kind=RUN_KIND,
        subject=str(file.id),
        params=plan.dump(),
        created_by=caller.actor,
    )
    return ImportOut.of(run, file)


async def _columns(session: AnySession, caller: Caller, options: Options, headers: list[str]) -> Columns:
    targets = await targets_of(session, caller.account, options)
    kind = KINDS[options.kind]
    columns = map_columns(headers, targets, read_mapping(options.mapping), kind.required(options))
    if any(name in columns.places for name in kind.sourced) and options.source is None:
        message = "Say in which source the external ids are unique."
        raise invalid_at("/source", "SOURCE_MISSING", message)
    return columns


async def get(session: AnySession, *, account_id: int, import_id: int) -> ImportOut:
    """One import. Raises NotFound."""
    found = await imports_of(session, account_id).get(import_id)
    if found is None:
        raise not_found("import")
    return ImportOut.of(*found)


async def list_page(session: AnySession, *, account_id: int, page: PageRequest) -> Page[ImportOut]:
    """Imports, newest first. Raises Malformed for a cursor of another list."""
    return await imports_of(session, account_id).page(page, lambda filed: ImportOut.of(*filed))


async def rejected_rows(session: AnySession, *, caller: Caller, import_id: int) -> tuple[Path, int]:
    """The file of rejected rows and how much of it is committed, also while the import runs.

    Raises Forbidden (PERSONAL_SCOPE_NEEDED), NotFound when there are none, Gone.
    """
    if not caller.may(Scope.CLIENTS_PERSONAL):
        raise Forbidden("PERSONAL_SCOPE_NEEDED", "Rejected rows hold personal data.")
    found = await imports_of(session, caller.account.id).get(import_id)
    state = found and (found[0].cursor or {}).get("rejected")
    if not state:
        raise not_found("file of rejected rows")
    path = files.work_path(state["name"])
    if not path.exists():
        raise stored_files.expired()
    return path, state["size"]
