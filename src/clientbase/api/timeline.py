"""The route of a client's timeline."""

from typing import Annotated

from fastapi import Query

from clientbase.accounts.scopes import Scope
from clientbase.api.deps import Caller, IdPath, Language, Paging, Read
from clientbase.api.route import ApiRouter
from clientbase.cards.schemas import Kind, TimelineItem
from clientbase.cards.timeline import read_timeline
from clientbase.kit.paging import Page
from clientbase.kit.schema import Instant

router = ApiRouter(tag="clients")


@router.get("/clients/{client_id}/timeline", scope=Scope.CLIENTS_READ, errors=(404,))
async def read_client_timeline(
    caller: Caller,
    session: Read,
    page: Paging,
    language: Language,
    client_id: IdPath,
    kind: Annotated[Kind, Query(description="What is wanted of it")] = "all",
    since: Annotated[Instant | None, Query(alias="from", description="From this instant on")] = None,
    until: Annotated[Instant | None, Query(alias="to", description="Up to this instant")] = None,
) -> Page[TimelineItem]:
    """Everything that the client did and that was done to the card, newest first."""
    return await read_timeline(
        session,
        account=caller.account,
        client_id=client_id,
        kind=kind,
        since=since,
        until=until,
        page=page,
        locale=language,
        personal=caller.may(Scope.CLIENTS_PERSONAL),
    )
