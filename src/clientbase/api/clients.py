"""Routes of single clients, batches of them and merges; lists and search are in `search`."""

from typing import Annotated, Any

from fastapi import Query, Response

from clientbase.accounts.schemas import Caller as CallerInfo
from clientbase.accounts.scopes import Scope
from clientbase.api import etags
from clientbase.api.deps import Caller, IdPath, Snapshot, Write
from clientbase.api.etags import IfMatch
from clientbase.api.route import ApiRouter
from clientbase.api.rows import json_response
from clientbase.clients import service
from clientbase.clients.schemas import ClientBatch, ClientFields, ClientIn
from clientbase.clients.view_schemas import ClientOut
from clientbase.kit.db import AnySession, WriteSession
from clientbase.loading.clients import cards
from clientbase.loading.locks import lock_account
from clientbase.loading.schemas import BatchAnswer, batch_answer
from clientbase.merging import service as merging
from clientbase.merging.schemas import MergeIn, MergeOut

router = ApiRouter(tag="clients")
Fields = Annotated[
    str | None,
    Query(
        max_length=4000, description="Columns, comma-separated; all when absent", examples=["id,full_name"]
    ),
]


async def _card(
    session: AnySession, caller: CallerInfo, client_id: int, fields: str | None = None
) -> dict[str, Any]:
    return await service.read_card(
        session,
        account=caller.account,
        client_id=client_id,
        fields=fields.split(",") if fields else None,
        personal=caller.may(Scope.CLIENTS_PERSONAL),
    )


async def _tag(session: AnySession, caller: CallerInfo, client_id: int) -> str:
    client = await service.get(session, account_id=caller.account.id, client_id=client_id)
    return etags.etag(client.id, client.updated_at.timestamp())


async def _check_tag(session: WriteSession, caller: CallerInfo, client_id: int, if_match: str | None) -> None:
    """Whoever writes clients holds the lock of loading, so nobody changes the client after the check."""
    await lock_account(session, caller.account.id)
    etags.check(if_match, await _tag(session, caller, client_id))


@router.post(
    "/clients",
    scope=Scope.CLIENTS_WRITE,
    errors=(409,),
    headers=("ETag", "Location"),
    status_code=201,
    response_model=ClientOut,
)
async def create_client(caller: Caller, session: Write, request: ClientIn) -> Response:
    """A new client; refused with the id of the one that has the same id in a source, phone or e-mail."""
    client_id = await cards.create_client(session, caller=caller, request=request)
    headers = {"ETag": await _tag(session, caller, client_id), "Location": f"/api/v1/clients/{client_id}"}
    return json_response(await _card(session, caller, client_id), headers, status=201)


@router.post(
    "/clients/batch",
    scope=Scope.CLIENTS_WRITE,
    batch=True,
    status_code=207,
    responses={207: {"description": "What became of every row"}},
)
async def upsert_clients(caller: Caller, session: Write, request: ClientBatch) -> BatchAnswer:
    """Create or change up to 1000 clients, found by (source, external_id), then phone, then e-mail.

    Each row says what became of it; a wrong row is rejected and the others go on. Lists are added to the
    stored ones, absent fields stay, null clears one. Two existing clients are never merged.
    """
    return batch_answer(await cards.upsert_batch(session, caller=caller, request=request))


@router.post(
    "/clients/merges", scope=Scope.CLIENTS_WRITE, errors=(409,), status_code=201, idempotency_key="required"
)
async def merge_clients(caller: Caller, session: Write, request: MergeIn) -> MergeOut:
    """Join clients into one; the survivor's values win, and the merged ids answer as the survivor."""
    return await merging.merge(session, caller=caller, request=request)


@router.get(
    "/clients/{client_id}",
    scope=Scope.CLIENTS_READ,
    errors=(404,),
    headers=("ETag",),
    response_model=ClientOut,
)
async def get_client(caller: Caller, session: Snapshot, client_id: IdPath, fields: Fields = None) -> Response:
    """The card of a client with its counted fields; a merged-away id answers as its survivor."""
    card = await _card(session, caller, client_id, fields)
    return json_response(card, {"ETag": await _tag(session, caller, client_id)})


@router.patch(
    "/clients/{client_id}",
    scope=Scope.CLIENTS_WRITE,
    errors=(404, 409, 412),
    headers=("ETag",),
    response_model=ClientOut,
)
async def update_client(
    caller: Caller, session: Write, client_id: IdPath, patch: ClientFields, if_match: IfMatch = None
) -> Response:
    """Change the named fields; a list that is given replaces the stored one, null clears a field."""
    await _check_tag(session, caller, client_id, if_match)
    living = await cards.update_client(session, caller=caller, client_id=client_id, patch=patch)
    return json_response(await _card(session, caller, living), {"ETag": await _tag(session, caller, living)})


@router.delete("/clients/{client_id}", scope=Scope.CLIENTS_WRITE, errors=(404, 412), status_code=204)
async def delete_client(
    caller: Caller, session: Write, client_id: IdPath, if_match: IfMatch = None
) -> Response:
    """Remove a client from everything: facts, lists, memberships of segments."""
    await _check_tag(session, caller, client_id, if_match)
    await merging.delete_client(session, caller=caller, client_id=client_id)
    return Response(status_code=204)
