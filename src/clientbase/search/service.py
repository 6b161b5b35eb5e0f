"""Listing, searching and counting clients: every way to name them goes through one evaluator."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pyroaring import BitMap64

from clientbase.accounts.schemas import AccountInfo
from clientbase.clients.view import choose_fields, read_clients
from clientbase.filters import Catalogue
from clientbase.kit import clock
from clientbase.kit.db import AnySession
from clientbase.kit.paging import PageRequest, Total, binding
from clientbase.search import catalogue as catalogues
from clientbase.search.evaluator import Evaluator
from clientbase.search.orders import Sorting, choose_sorting
from clientbase.search.pages import page_of
from clientbase.search.partner import tree_of
from clientbase.search.quick import patterns
from clientbase.search.repository import SearchRepository
from clientbase.search.schemas import ClientListQuery, ClientSearch, ClientSet
from clientbase.search.understood import Place, in_filter, personal_scope_needed, understand


@dataclass(frozen=True)
class Question:
    """Which clients, in what order, and what to show of them."""

    raw: Any | None
    q: list[str]
    sort: str | None = None
    fields: list[str] | None = None
    page: PageRequest = field(default_factory=PageRequest)
    place: Place = in_filter


@dataclass(frozen=True)
class Answer:
    """A page of rows ready for JSON."""

    items: list[dict[str, Any]]
    next_cursor: str | None
    total: Total | None
    as_of: datetime


@dataclass(frozen=True)
class Meant:
    """Whom a question means: None for `members` is everyone."""

    members: BitMap64 | None
    as_of: datetime


async def list_clients(
    session: AnySession, *, account: AccountInfo, query: ClientListQuery, personal: bool
) -> Answer:
    """A page by the partner filter. Raises as `answer`, with pointers to parameters."""
    tree = tree_of(query)
    question = Question(tree.raw, query.q, query.sort, query.names(), query.page(), tree.place)
    return await answer(session, account=account, question=question, personal=personal)


async def search_clients(
    session: AnySession, *, account: AccountInfo, request: ClientSearch, personal: bool
) -> Answer:
    """A page of the clients of a filter. Raises as `answer`."""
    question = Question(request.filter, request.q, request.sort, request.fields, request.page())
    return await answer(session, account=account, question=question, personal=personal)


async def count_clients(
    session: AnySession, *, account: AccountInfo, request: ClientSet, personal: bool
) -> tuple[int, datetime]:
    """How many clients a filter means, and the oldest instant that this rests on. Raises as `answer`."""
    catalogue = await catalogues.load(session, account=account)
    question = Question(request.filter, request.q)
    meant = await _meant(session, account, catalogue, question, personal=personal)
    return await _total(session, account, meant), meant.as_of


async def answer(session: AnySession, *, account: AccountInfo, question: Question, personal: bool) -> Answer:
    """A page of clients; the session reads one snapshot.

    Raises Invalid for filter, `q`, `sort` and `fields`; Forbidden (PERSONAL_SCOPE_NEEDED) when personal
    data is asked by without `personal`; Conflict (SEGMENT_NOT_READY); Malformed (CURSOR_INVALID).
    """
    catalogue = await catalogues.load(session, account=account)
    fields = choose_fields(question.fields, catalogue.client_params)
    sorting = readable_sorting(question.sort, personal=personal)
    meant = await _meant(session, account, catalogue, question, personal=personal)
    found = await page_of(
        session,
        account_id=account.id,
        members=meant.members,
        sorting=sorting,
        page=question.page,
        bound_to=binding(account.id, "clients", question.raw, question.q, sorting.names()),
    )
    items = await read_clients(session, account=account, ids=found.ids, fields=fields, personal=personal)
    total = Total(value=await _total(session, account, meant)) if question.page.count else None
    return Answer(items, found.next_cursor, total, meant.as_of)


def readable_sorting(text: str | None, *, personal: bool) -> Sorting:
    """The sorting that is asked for. Raises Invalid; Forbidden for a personal one without the scope."""
    sorting = choose_sorting(text)
    if not personal and any(order.personal for order in sorting.orders):
        raise personal_scope_needed("/sort")
    return sorting


async def _meant(
    session: AnySession, account: AccountInfo, catalogue: Catalogue, question: Question, *, personal: bool
) -> Meant:
    if question.q and not personal:
        raise personal_scope_needed("/q")
    likes = patterns(question.q, region=account.region)
    understood = await understand(question.raw, catalogue, personal=personal, place=question.place)
    now = clock.now()
    matching = await SearchRepository(session, account.id).quick(likes) if likes else None
    if understood.checked is None:
        return Meant(matching, now)
    found = await Evaluator(session, account=account, now=now).evaluate(understood.plan)
    return Meant(found.members if matching is None else found.members & matching, found.as_of)


async def _total(session: AnySession, account: AccountInfo, meant: Meant) -> int:
    if meant.members is None:
        return await SearchRepository(session, account.id).count()
    return len(meant.members)
