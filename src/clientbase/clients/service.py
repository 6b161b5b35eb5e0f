"""Single clients: which one an id means, and its card."""

from collections.abc import Sequence
from typing import Any

from clientbase.accounts.schemas import AccountInfo
from clientbase.clients import view
from clientbase.clients.param_repository import ParamRepository
from clientbase.clients.repository import ClientRepository
from clientbase.kit.db import AnySession
from clientbase.kit.errors import not_found
from clientbase.kit.schema import MAX_ID
from clientbase.models import Client


async def get(session: AnySession, *, account_id: int, client_id: int) -> Client:
    """The client with this id, or the survivor of the merge that took it. Raises NotFound."""
    repository = ClientRepository(session, account_id)
    client = await repository.get(await resolve_id(session, account_id=account_id, client_id=client_id))
    if client is None:
        raise not_found("client")
    return client


async def resolve_id(session: AnySession, *, account_id: int, client_id: int) -> int:
    """The id of the living client that this id means. Raises NotFound."""
    repository = ClientRepository(session, account_id)
    if not 0 < client_id <= MAX_ID:
        raise not_found("client")
    if await repository.get(client_id) is not None:
        return client_id
    survivor = await repository.survivor(client_id)
    if survivor is None:
        raise not_found("client")
    return survivor


async def read_card(
    session: AnySession,
    *,
    account: AccountInfo,
    client_id: int,
    fields: Sequence[str] | None,
    personal: bool,
) -> dict[str, Any]:
    """The card of the client that this id means, counted fields included; values are ready for JSON.

    Without `personal` the personal values are null. Raises NotFound, Invalid (UNKNOWN_FIELD).
    """
    living = await resolve_id(session, account_id=account.id, client_id=client_id)
    codes = await ParamRepository(session, account.id, "client").codes() if fields else ()
    chosen = view.choose_fields(fields, codes)
    (card,) = await view.read_clients(
        session, account=account, ids=[living], fields=chosen, personal=personal
    )
    return card
