"""Pages of a set of clients: keyset cursors bound to account, filter and sorting."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from pyroaring import BitMap64

from clientbase.kit.db import AnySession
from clientbase.kit.paging import PageRequest, decode_cursor, encode_cursor
from clientbase.search.orders import Sorting
from clientbase.search.pager import Pager
from clientbase.search.walk import Position


@dataclass(frozen=True)
class IdPage:
    """The ids of one page in order, and the cursor of the next."""

    ids: list[int]
    next_cursor: str | None


async def page_of(
    session: AnySession,
    *,
    account_id: int,
    members: BitMap64 | None,
    sorting: Sorting,
    page: PageRequest,
    bound_to: bytes,
) -> IdPage:
    """One page of the members (None: everyone) in an order. Raises Malformed (CURSOR_INVALID)."""
    after = _position(decode_cursor(page.cursor, bound_to)) if page.cursor else None
    if members is not None and sorting.by_id:
        found = [
            Position((client_id,), client_id)
            for client_id in islice(_from(members, after, sorting.id_descends), page.limit + 1)
        ]
    else:
        found = await Pager(session, account_id, sorting, members).page(after, page.limit + 1)
    shown = found[: page.limit]
    more = len(found) > page.limit
    cursor = encode_cursor([*shown[-1].values, shown[-1].client_id], bound_to) if more else None
    return IdPage([position.client_id for position in shown], cursor)


def _position(values: list[object]) -> Position:
    *keys, client_id = values
    assert isinstance(client_id, int)
    return Position(tuple(keys), client_id)


def _from(members: BitMap64, after: Position | None, descending: bool) -> Iterator[int]:
    """Ids behind a position, straight from the bitmap."""
    if not descending:
        yield from members.iter_equal_or_larger(after.client_id + 1 if after else 0)
        return
    place = members.rank(after.client_id - 1) if after else len(members)
    while place > 0:
        yield from reversed(list(members[max(0, place - 64) : place]))
        place -= 64
