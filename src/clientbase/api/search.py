"""Routes that list, search and count clients."""

from typing import Annotated

from fastapi import Query, Request, Response

from clientbase.accounts.scopes import Scope
from clientbase.api.deps import Caller, Snapshot
from clientbase.api.route import ApiRouter
from clientbase.api.rows import clients_page
from clientbase.kit.paging import Total
from clientbase.search import service
from clientbase.search.schemas import ClientCount, ClientListQuery, ClientPage, ClientSearch, ClientSet

router = ApiRouter(tag="clients")


@router.get("/clients", scope=Scope.CLIENTS_READ, errors=(409,), response_model=ClientPage)
async def list_clients(
    caller: Caller, session: Snapshot, request: Request, query: Annotated[ClientListQuery, Query()]
) -> Response:
    """Clients by the partner filter: AND between parameters, OR between the values of one."""
    personal = caller.may(Scope.CLIENTS_PERSONAL)
    answer = await service.list_clients(session, account=caller.account, query=query, personal=personal)
    return clients_page(answer, request)


@router.post(
    "/clients/search",
    scope=Scope.CLIENTS_READ,
    errors=(409,),
    heavy=True,
    reads=True,
    response_model=ClientPage,
)
async def search_clients(caller: Caller, session: Snapshot, request: ClientSearch) -> Response:
    """A page of the clients that a filter means; `filter: null` is everyone."""
    personal = caller.may(Scope.CLIENTS_PERSONAL)
    answer = await service.search_clients(session, account=caller.account, request=request, personal=personal)
    return clients_page(answer)


@router.post("/clients/count", scope=Scope.CLIENTS_READ, errors=(409,), heavy=True, reads=True)
async def count_clients(caller: Caller, session: Snapshot, request: ClientSearch) -> ClientCount:
    """How many clients a filter means: the body of a search, whose sort, fields and page do not matter."""
    wanted = ClientSet(filter=request.filter, q=request.q)
    personal = caller.may(Scope.CLIENTS_PERSONAL)
    count, as_of = await service.count_clients(
        session, account=caller.account, request=wanted, personal=personal
    )
    return ClientCount(total=Total(value=count), as_of=as_of)
