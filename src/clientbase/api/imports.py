"""Routes of imports: a file goes in as the body, a run loads it, what was rejected comes back as a file."""

from typing import Annotated

from fastapi import Query, Response

from clientbase.accounts.scopes import Scope
from clientbase.api import etags
from clientbase.api.deps import Caller, Paging, Read, Write
from clientbase.api.files import download_part
from clientbase.api.route import ApiRouter
from clientbase.api.runs import RunId
from clientbase.api.uploads import MEDIA_TYPE, Upload
from clientbase.imports import service
from clientbase.imports.schemas import ImportOut, ImportQuery
from clientbase.kit.paging import Page

router = ApiRouter(tag="files")
_BODY = {
    "requestBody": {
        "required": True,
        "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.post(
    "/imports",
    scope=Scope.IMPORTS_WRITE,
    upload=True,
    idempotency_key="required",
    status_code=202,
    errors=(409,),
    headers=("Location",),
    openapi_extra=_BODY,
)
async def begin_import(
    caller: Caller,
    upload: Upload,
    session: Write,
    response: Response,
    query: Annotated[ImportQuery, Query()],
) -> ImportOut:
    """Load a CSV file: send the file itself as the body, and what is to be known about it in the query.

    Encoding, delimiter and columns are found in the file unless they are given; a wrong header is answered at
    once. Rows are loaded by a run; rows that are wrong are rejected one by one and can be downloaded.
    """
    made = await service.begin(session, caller=caller, received=upload, query=query)
    response.headers["Location"] = f"/api/v1/runs/{made.id}"
    return made


@router.get("/imports", scope=Scope.IMPORTS_WRITE)
async def list_imports(caller: Caller, session: Read, page: Paging) -> Page[ImportOut]:
    """Imports, newest first."""
    return await service.list_page(session, account_id=caller.account.id, page=page)


@router.get("/imports/{run_id}", scope=Scope.IMPORTS_WRITE, errors=(404,), headers=("ETag",))
async def get_import(caller: Caller, session: Read, response: Response, run_id: RunId) -> ImportOut:
    """One import: the format found, where the columns go, and how far it is."""
    found = await service.get(session, account_id=caller.account.id, import_id=run_id)
    response.headers["ETag"] = etags.of(found)
    return found


@router.get(
    "/imports/{run_id}/rejected-rows",
    scope=Scope.IMPORTS_WRITE,
    errors=(404, 410),
    headers=("Content-Disposition",),
    response_class=Response,
    responses={
        200: {"description": "The rejected rows", "content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}
    },
)
async def get_rejected_rows(caller: Caller, session: Read, run_id: RunId) -> Response:
    """The rejected rows as a CSV file: line, column, code, message, then the row as it was."""
    path, size = await service.rejected_rows(session, caller=caller, import_id=run_id)
    return download_part(path, size, name=f"rejected-rows-{run_id}.csv", content_type=MEDIA_TYPE)
