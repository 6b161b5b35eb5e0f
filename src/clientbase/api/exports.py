"""Routes of exports: a run makes a file, which can be downloaded until its end."""

from fastapi import Response

from clientbase.accounts.scopes import Scope
from clientbase.api import etags
from clientbase.api.deps import Caller, Paging, Read, Write
from clientbase.api.files import download
from clientbase.api.route import ApiRouter
from clientbase.api.runs import RunId
from clientbase.exports import service
from clientbase.exports.schemas import ExportIn, ExportOut
from clientbase.kit.paging import Page

router = ApiRouter(tag="files")
_FILE = {"schema": {"type": "string", "format": "binary"}}


@router.post(
    "/exports",
    scope=Scope.EXPORTS_WRITE,
    heavy=True,
    idempotency_key="required",
    status_code=202,
    errors=(409,),
    headers=("Location",),
)
async def begin_export(caller: Caller, session: Write, response: Response, request: ExportIn) -> ExportOut:
    """Make a file of everyone, of a filter's clients or of a segment's members, as one instant shows them."""
    made = await service.begin(session, caller=caller, request=request)
    response.headers["Location"] = f"/api/v1/runs/{made.id}"
    return made


@router.get("/exports", scope=Scope.EXPORTS_WRITE)
async def list_exports(caller: Caller, session: Read, page: Paging) -> Page[ExportOut]:
    """Exports, newest first."""
    return await service.list_page(session, caller=caller, page=page)


@router.get("/exports/{run_id}", scope=Scope.EXPORTS_WRITE, errors=(404,), headers=("ETag",))
async def get_export(caller: Caller, session: Read, response: Response, run_id: RunId) -> ExportOut:
    """One export: how far it is, and where its file is."""
    found = await service.get(session, caller=caller, export_id=run_id)
    response.headers["ETag"] = etags.of(found)
    return found


@router.get(
    "/exports/{run_id}/file",
    scope=Scope.EXPORTS_WRITE,
    errors=(404, 409, 410, 416),
    headers=("Content-Disposition", "ETag"),
    response_class=Response,
    responses={
        200: {
            "description": "The file",
            "content": {media_type.partition(";")[0]: _FILE for media_type in service.CONTENT_TYPES.values()},
        },
        206: {"description": "The part of the file that `Range` asks for"},
    },
)
async def get_export_file(caller: Caller, session: Read, run_id: RunId) -> Response:
    """The file; parts of it can be asked for by `Range`."""
    file, path = await service.file(session, caller=caller, export_id=run_id)
    return download(path, name=file.name, content_type=file.content_type)
