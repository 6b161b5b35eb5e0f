"""The timeline of a client: a page of everything that they did, newest first."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from clientbase.accounts.schemas import AccountInfo
from clientbase.cards.items import Reader
from clientbase.cards.repository import TimelineRepository
from clientbase.cards.schemas import Kind, TimelineItem
from clientbase.cards.sources import Position, Source, Span, sources_of
from clientbase.clients.service import resolve_id
from clientbase.kit.db import AnySession
from clientbase.kit.errors import invalid_at
from clientbase.kit.paging import Page, PageRequest, Total, binding, decode_cursor, encode_cursor
from clientbase.search import catalogue as catalogues


async def read_timeline(
    session: AnySession,
    *,
    account: AccountInfo,
    client_id: int,
    kind: Kind,
    since: datetime | None,
    until: datetime | None,
    page: PageRequest,
    locale: str,
    personal: bool,
) -> Page[TimelineItem]:
    """A page of what a client did from `since` to `until`, both included; a merged-away id is its survivor.

    Raises NotFound, Invalid (RANGE_REVERSED), Malformed (CURSOR_INVALID).
    """
    if since is not None and until is not None and since > until:
        raise invalid_at("/from", "RANGE_REVERSED", "The period ends before it begins.")
    client_id = await resolve_id(session, account_id=account.id, client_id=client_id)
    catalogue = await catalogues.load(session, account=account)
    sources = sources_of(kind, (own.id for own in catalogue.action_types.values()))
    if not sources:
        return Page(items=[], total=Total(value=0) if page.count else None)
    bound = binding(account.id, "timeline", client_id, kind, since, until)
    after = Position(*decode_cursor(page.cursor, bound)) if page.cursor else None
    repository = TimelineRepository(session, account.id)
    whole = Span(account.id, client_id, since, until)
    keys = await repository.keys(sources, Span(account.id, client_id, since, until, after), page.limit + 1)
    shown = keys[: page.limit]
    reader = Reader(catalogue, locale=locale, personal=personal)
    return Page(
        items=await _items(repository, sources, shown, reader),
        next_cursor=encode_cursor(list(shown[-1]), bound) if len(keys) > page.limit else None,
        total=Total(value=await repository.total(sources, whole)) if page.count else None,
    )


async def _items(
    repository: TimelineRepository, sources: Sequence[Source], keys: Sequence[Position], reader: Reader
) -> list[TimelineItem]:
    """The items of these positions, in their order."""
    ids: dict[int, list[int]] = defaultdict(list)
    for key in keys:
        ids[key.rank].append(key.id)
    by_rank = {source.rank: source for source in sources}
    rows = {rank: await repository.rows(by_rank[rank], wanted) for rank, wanted in ids.items()}
    return [
        reader.item(by_rank[key.rank].name, key.at, rows[key.rank][key.id])
        for key in keys
        if key.id in rows[key.rank]
    ]
