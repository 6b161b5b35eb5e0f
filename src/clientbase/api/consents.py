"""Routes of a client's consents."""

from fastapi import Response

from clientbase.accounts.scopes import Scope
from clientbase.api.deps import Caller, IdPath, Paging, Read, Write
from clientbase.api.route import ApiRouter
from clientbase.clients.schemas import ConsentIn
from clientbase.consents import service
from clientbase.consents.schemas import ConsentRecord
from clientbase.kit.paging import Page
from clientbase.loading.clients import cards

router = ApiRouter(tag="clients")


@router.get("/clients/{client_id}/consents", scope=Scope.CLIENTS_READ, errors=(404,))
async def list_consents(
    caller: Caller, session: Read, page: Paging, client_id: IdPath
) -> Page[ConsentRecord]:
    """What the client agreed to and withdrew, newest first."""
    return await service.list_consents(session, account_id=caller.account.id, client_id=client_id, page=page)


@router.post("/clients/{client_id}/consents", scope=Scope.CLIENTS_WRITE, errors=(404, 409), status_code=204)
async def record_consent(caller: Caller, session: Write, client_id: IdPath, consent: ConsentIn) -> Response:
    """Record a consent or its withdrawal; the latest by time stands, a withdrawal wins a tie."""
    await cards.record_consent(session, caller=caller, client_id=client_id, consent=consent)
    return Response(status_code=204)
