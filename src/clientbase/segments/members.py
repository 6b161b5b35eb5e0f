"""Members of a segment: pages of them, and changes by hand."""

from typing import NamedTuple

from pyroaring import BitMap64

from clientbase.accounts.schemas import AccountInfo
from clientbase.clients.param_repository import ParamRepository
from clientbase.clients.view import choose_fields, read_clients
from clientbase.kit import clock
from clientbase.kit.db import AnySession, WriteSession
from clientbase.kit.errors import Conflict, not_found
from clientbase.kit.paging import PageRequest, Total, binding
from clientbase.models import Segment
from clientbase.search.pages import page_of
from clientbase.search.repository import SearchRepository
from clientbase.search.service import Answer, readable_sorting
from clientbase.segments.membership import NewMembers, swap
from clientbase.segments.membership_repository import MembershipRepository
from clientbase.segments.repository import SegmentRepository
from clientbase.segments.schemas import Kind, MembersChanged


class Asked(NamedTuple):
    """How members are to be listed."""

    sort: str | None
    fields: list[str] | None
    page: PageRequest


async def list_members(
    session: AnySession, *, account: AccountInfo, code: str, asked: Asked, personal: bool
) -> Answer:
    """A page of the stored members; the session reads one snapshot.

    Raises NotFound, Conflict (SEGMENT_NOT_READY), Invalid, Malformed; Forbidden to sort by personal fields.
    """
    segment = await _get(session, account.id, code)
    sorting = readable_sorting(asked.sort, personal=personal)
    codes = await ParamRepository(session, account.id, "client").codes() if asked.fields else ()
    fields = choose_fields(asked.fields, codes)
    stored = (await SearchRepository(session, account.id).memberships([segment.id])).get(segment.id)
    if stored is None:
        raise Conflict("SEGMENT_NOT_READY", "The segment has not been computed yet.")
    found = await page_of(
        session,
        account_id=account.id,
        members=stored.members,
        sorting=sorting,
        page=asked.page,
        bound_to=binding(account.id, "members", segment.id, sorting.names()),
    )
    items = await read_clients(session, account=account, ids=found.ids, fields=fields, personal=personal)
    total = Total(value=len(stored.members)) if asked.page.count else None
    return Answer(items, found.next_cursor, total, stored.computed_at)


async def add_members(
    session: WriteSession, *, account: AccountInfo, code: str, ids: list[int]
) -> MembersChanged:
    """Put clients into a manual segment. Raises NotFound, Conflict (SEGMENT_NOT_MANUAL)."""
    return await _change(session, account, code, ids, adding=True)


async def remove_members(
    session: WriteSession, *, account: AccountInfo, code: str, ids: list[int]
) -> MembersChanged:
    """Take clients out of a manual segment. Raises NotFound, Conflict (SEGMENT_NOT_MANUAL)."""
    return await _change(session, account, code, ids, adding=False)


async def _change(
    session: WriteSession, account: AccountInfo, code: str, ids: list[int], *, adding: bool
) -> MembersChanged:
    memberships = MembershipRepository(session, account.id)
    await memberships.lock()
    segment = await SegmentRepository(session, account.id).hold(code)
    if segment is None:
        raise not_found("segment")
    if segment.kind != Kind.MANUAL:
        raise Conflict("SEGMENT_NOT_MANUAL", "Only the members of a manual segment are changed by hand.")
    known = await memberships.survivors(ids)
    given = BitMap64(known.values())
    former = (await memberships.stored([segment.id]))[segment.id].members
    members = former | given if adding else former - given
    now = clock.now()
    found = NewMembers(segment.id, segment.definition_revision, members, computed_at=now, as_of=now)
    await swap(session, account_id=account.id, found=[found])
    changed = len(members ^ former)
    return MembersChanged(
        changed=changed,
        unchanged=len(given) - changed,
        unknown_ids=sorted(set(ids) - known.keys()),
        size=len(members),
    )


async def _get(session: AnySession, account_id: int, code: str) -> Segment:
    segment = await SegmentRepository(session, account_id).by_code(code)
    if segment is None:
        raise not_found("segment")
    return segment
