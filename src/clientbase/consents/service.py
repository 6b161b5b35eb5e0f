"""The history of a client's consents; they are written with the client, by `loading`."""

from clientbase.clients.service import resolve_id
from clientbase.consents.repository import ConsentRepository
from clientbase.consents.schemas import ConsentRecord
from clientbase.kit.db import AnySession
from clientbase.kit.paging import Page, PageRequest, Total, binding, decode_cursor, encode_cursor


async def list_consents(
    session: AnySession, *, account_id: int, client_id: int, page: PageRequest
) -> Page[ConsentRecord]:
    """What the client agreed to and withdrew, newest first. Raises NotFound."""
    living = await resolve_id(session, account_id=account_id, client_id=client_id)
    repository = ConsentRepository(session, account_id)
    bound = binding(account_id, "consents", living)
    position = decode_cursor(page.cursor, bound) if page.cursor else None
    before = (position[0], position[1]) if position else None
    rows = await repository.page(living, before=before, limit=page.limit + 1)
    shown = rows[: page.limit]
    more = len(rows) > page.limit
    return Page(
        items=[ConsentRecord.model_validate(row, from_attributes=True) for row in shown],
        next_cursor=encode_cursor([shown[-1].at, shown[-1].id], bound) if more else None,
        total=Total(value=await repository.total(living)) if page.count else None,
    )
