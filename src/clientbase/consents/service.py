"""The history of a client's consents; they are written with the client, by `loading`."""

from clientbase.clients.service import resolve_id
from clientbase.consents.repository import ConsentRepository
from clientbase.consents.schemas import ConsentRecord
from clientbase.kit.db import AnySession
from clientbase.kit.paging import Keyset, Page, PageRequest


async def list_consents(
    session: AnySession, *, account_id: int, client_id: int, page: PageRequest
) -> Page[ConsentRecord]:
    """What the client agreed to and withdrew, newest first. Raises NotFound."""
    living = await resolve_id(session, account_id=account_id, client_id=client_id)
    repository = ConsentRepository(session, account_id)
    keyset = Keyset(page, account_id, "consents", living)
    before = (keyset.after[0], keyset.after[1]) if keyset.after else None
    return await keyset.answer(
        await repository.page(living, before=before, limit=keyset.take),
        make=lambda row: ConsentRecord.model_validate(row, from_attributes=True),
        position=lambda row: [row.at, row.id],
        total=lambda: repository.total(living),
    )
