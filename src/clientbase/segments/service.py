"""Making, copying, changing and deleting segments, and asking for their recalculation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyroaring import BitMap64

from clientbase.accounts.schemas import AccountInfo
from clientbase.accounts.usage import refuse_if_used
from clientbase.filters import Catalogue, Uses
from clientbase.kit import clock
from clientbase.kit.codes import choose_code
from clientbase.kit.db import AnySession, WriteSession
from clientbase.kit.errors import Conflict, invalid_at, not_found
from clientbase.kit.text import fold
from clientbase.models import Run, Segment
from clientbase.search import catalogue as catalogues
from clientbase.search.understood import personal_scope_needed, understand
from clientbase.segments import reviews
from clientbase.segments.freshness import Freshness
from clientbase.segments.graph import check_references
from clientbase.segments.membership import NewMembers, swap
from clientbase.segments.membership_repository import MembershipRepository
from clientbase.segments.pin_repository import PinRepository
from clientbase.segments.recalculate import start_one
from clientbase.segments.repository import SegmentRepository
from clientbase.segments.schemas import (
    CopyIn,
    Kind,
    Review,
    SegmentError,
    SegmentIn,
    SegmentOut,
    SegmentPatch,
    State,
    Usage,
)
from clientbase.segments.storage import exact, plain

_SHOWN = (
    "code", "name", "kind", "description", "owner", "is_active", "for_analytics", "recalculation_hours",
    "shrink_limit_percent", "size", "version", "due_at", "created_at", "updated_at",
)  # fmt: skip


_OF_EDITS = {"announce", "accept_shrink", "filter"}
"""Of a patch: what is not simply written into the row."""
_COPIED = (
    "kind", "filter", "description", "owner", "is_active", "for_analytics", "recalculation_hours",
    "shrink_limit_percent",
)  # fmt: skip


@dataclass(frozen=True)
class SegmentView:
    """A segment as read, with what is known of it beside its row."""

    segment: Segment
    state: str
    """As shown."""
    computed_at: datetime | None
    lag_seconds: int | None
    personal: bool
    """Whether its filter reads personal data."""
    review: Review | None

    @classmethod
    def of(
        cls, row: Sequence[Any], catalogue: Catalogue, reviews: Mapping[str, Review]
    ) -> "SegmentView | None":
        """Of a row (segment, state, computed_at, lag_seconds), in a catalogue read after it.

        None when the segment has been deleted in between.
        """
        segment: Segment = row[0]
        entry = catalogue.segments.get(segment.code)
        if entry is None:
            return None
        return cls(segment, row[1], row[2], row[3], entry.personal, reviews.get(segment.code))

    def values(self, *, personal: bool) -> dict[str, Any]:
        """The fields of the answer; the filter is hidden from who may not read what it reads."""
        row = self.segment
        hidden = self.personal and not personal
        return {name: getattr(row, name) for name in _SHOWN} | {
            "filter": None if hidden else row.filter,
            "filter_hidden": hidden,
            "state": self.state,
            "error": SegmentError(code=row.error_code, detail=row.error_detail) if row.error_code else None,
            "review": self.review,
            "computed_at": self.computed_at,
            "lag_seconds": self.lag_seconds,
        }

    def out(self, *, personal: bool) -> SegmentOut:
        """The answer."""
        return SegmentOut(**self.values(personal=personal))


async def get(session: AnySession, *, account: AccountInfo, code: str) -> SegmentView:
    """One segment; nothing is evaluated. Raises NotFound."""
    fresh = await Freshness.read(session, account.id)
    row = await SegmentRepository(session, account.id).shown(code, fresh.computed_at, fresh.lag_seconds)
    if row is None:
        raise not_found("segment")
    catalogue = await catalogues.load(session, account=account)
    open_reviews = await reviews.of_segments(session, account_id=account.id, codes=[code])
    view = SegmentView.of(row, catalogue, open_reviews)
    if view is None:
        raise not_found("segment")
    return view


async def hold(session: WriteSession, *, account: AccountInfo, code: str) -> Segment:
    """One segment that nobody else can edit until the end of the transaction. Raises NotFound."""
    repository = SegmentRepository(session, account.id)
    await repository.lock_definitions()
    return await _held(repository, code)


async def create(
    session: WriteSession,
    *,
    account: AccountInfo,
    request: SegmentIn,
    actor: str,
    personal: bool = True,
    members: BitMap64 | None = None,
) -> Segment:
    """A new segment, recalculated at once when it is active; a manual one begins with the members given.

    Raises Conflict (CODE_TAKEN); Invalid for the filter, SEGMENT_CYCLE, SEGMENTS_TOO_DEEP; Forbidden
    (PERSONAL_SCOPE_NEEDED) for a filter that reads personal data.
    """
    _check_kind(request.kind, request.filter)
    repository = SegmentRepository(session, account.id)
    await repository.lock_definitions()
    used = await _check_filter(session, account, request.filter, personal=personal)
    code = await choose_code(request.code, request.name, "segment", repository.exists)
    now = clock.now()
    segment = _new(account, request, code, used, now)
    session.add(segment)
    await session.flush()
    await _write_uses(repository, segment, used)
    if request.kind is Kind.MANUAL:
        await _fill_by_hand(session, segment, members or BitMap64(), now)
    else:
        await _start_if_active(session, segment, actor, now)
    return segment


async def copy(
    session: WriteSession, *, account: AccountInfo, code: str, request: CopyIn, actor: str, personal: bool
) -> Segment:
    """A segment like another one with its pins: a manual one with the same members.

    Raises as `create`, and NotFound.
    """
    # So that it is not deleted while it is copied.
    await SegmentRepository(session, account.id).lock_definitions()
    original = (await get(session, account=account, code=code)).segment
    values = {name: getattr(original, name) for name in _COPIED} | {"filter": exact(original.filter)}
    name = request.name or f"{original.name[:240]} (копия)"
    wanted = SegmentIn(code=request.code, name=name, **values | {"kind": Kind(original.kind)})
    members = await _members_by_hand(session, original)
    made = await create(
        session, account=account, request=wanted, actor=actor, personal=personal, members=members
    )
    await PinRepository(session, account.id).copy(original.id, made.id)
    return made


async def update(
    session: WriteSession,
    *,
    account: AccountInfo,
    code: str,
    patch: SegmentPatch,
    actor: str,
    personal: bool = True,
) -> Segment:
    """Change a segment; an edited filter is computed at once, members stay till then. Raises as `create`."""
    segment = await hold(session, account=account, code=code)
    was_active = segment.is_active
    given = {name: getattr(patch, name) for name in patch.model_fields_set - _OF_EDITS}
    for name, value in given.items():
        setattr(segment, name, value)
    segment.name_folded = fold(segment.name)
    now = clock.now()
    is_edited = "filter" in patch.model_fields_set and await _edit_filter(
        session, account, segment, patch, personal=personal
    )
    segment.updated_at = now
    segment.revision += 1
    if is_edited or (not was_active and _is_to_be_computed(segment)):
        await _start_if_active(session, segment, actor, now)
    if is_edited or not segment.is_active:
        await reviews.withdraw(session, account_id=account.id, codes=[code])
    if not segment.is_active:
        segment.due_at = None
    elif "recalculation_hours" in given and segment.due_at is not None:
        segment.due_at = now
    await session.flush()
    return segment


async def delete(session: WriteSession, *, account: AccountInfo, code: str) -> None:
    """Delete a segment with its members and history. Raises NotFound, Conflict (IN_USE) with its users."""
    segment = await hold(session, account=account, code=code)
    await refuse_if_used(session, account_id=account.id, kind="segment", code=code)
    await reviews.withdraw(session, account_id=account.id, codes=[code])
    await SegmentRepository(session, account.id).delete(segment.id)


async def start_recalculation(session: WriteSession, *, account: AccountInfo, code: str, actor: str) -> Run:
    """Recalculate a segment now. Raises NotFound; Conflict (SEGMENT_MANUAL, SEGMENT_INACTIVE)."""
    segment = await _held(SegmentRepository(session, account.id), code)
    if segment.kind == Kind.MANUAL:
        raise Conflict("SEGMENT_MANUAL", "The members of a manual segment are changed by hand.")
    if not segment.is_active:
        raise Conflict("SEGMENT_INACTIVE", "An inactive segment is not recalculated.")
    return await start_one(session, segment, actor=actor)


async def usage(session: AnySession, *, account: AccountInfo, code: str) -> Usage:
    """What uses a segment and what it uses. Raises NotFound."""
    repository = SegmentRepository(session, account.id)
    segment = await repository.by_code(code)
    if segment is None:
        raise not_found("segment")
    return Usage(used_by_segments=await repository.users(code), uses=await repository.uses(segment.id))


async def _held(repository: SegmentRepository, code: str) -> Segment:
    segment = await repository.hold(code)
    if segment is None:
        raise not_found("segment")
    return segment


def _new(account: AccountInfo, request: SegmentIn, code: str, used: Uses, now: datetime) -> Segment:
    return Segment(
        **request.model_dump(exclude={"code", "kind", "filter"}),
        filter=plain(request.filter),
        account_id=account.id,
        code=code,
        kind=str(request.kind),
        name_folded=fold(request.name),
        state=str(State.NEW),
        due_at=None,
        reads_personal=used.personal_itself,
        created_at=now,
        updated_at=now,
    )


def _is_to_be_computed(segment: Segment) -> bool:
    """Whether a segment that is switched on is computed: a static one keeps the members that it has."""
    return segment.kind == Kind.DYNAMIC or segment.computed_revision != segment.definition_revision


async def _edit_filter(
    session: WriteSession, account: AccountInfo, segment: Segment, patch: SegmentPatch, *, personal: bool
) -> bool:
    """Whether the filter that was sent is another one."""
    _check_kind(Kind(segment.kind), patch.filter)
    await _refuse_hidden(session, account, segment, personal=personal)
    used = await _check_filter(session, account, patch.filter, personal=personal)
    wanted = plain(patch.filter)
    if wanted == segment.filter:
        return False
    segment.filter = wanted
    segment.reads_personal = used.personal_itself
    segment.definition_revision += 1
    segment.announce = patch.announce
    segment.accepted_leaving = (segment.size or 0) if patch.accept_shrink else 0
    await _write_uses(SegmentRepository(session, account.id), segment, used)
    return True


async def _refuse_hidden(
    session: AnySession, account: AccountInfo, segment: Segment, *, personal: bool
) -> None:
    """A filter that the caller may not read is not to be overwritten either."""
    catalogue = await catalogues.load(session, account=account)
    if catalogue.segments[segment.code].personal and not personal:
        raise personal_scope_needed("/filter")


def _check_kind(kind: Kind, raw: Any | None) -> None:
    if kind is Kind.MANUAL and raw is not None:
        raise invalid_at("/filter", "FILTER_NOT_ALLOWED", "A manual segment has no filter.")
    if kind is not Kind.MANUAL and raw is None:
        raise invalid_at("/filter", "FILTER_REQUIRED", "A dynamic or static segment needs a filter.")


async def _check_filter(
    session: AnySession, account: AccountInfo, raw: Any | None, *, personal: bool
) -> Uses:
    """What a filter uses. Raises as `understand`."""
    if raw is None:
        return Uses()
    catalogue = await catalogues.load(session, account=account)
    return (await understand(raw, catalogue, personal=personal)).uses


async def _write_uses(repository: SegmentRepository, segment: Segment, used: Uses) -> None:
    await repository.replace_uses(segment.id, used.pairs())
    check_references(await repository.graph(), segment.code)


async def _members_by_hand(session: AnySession, segment: Segment) -> BitMap64 | None:
    if segment.kind != Kind.MANUAL:
        return None
    return (await MembershipRepository(session, segment.account_id).stored([segment.id]))[segment.id].members


async def _fill_by_hand(session: WriteSession, segment: Segment, members: BitMap64, now: datetime) -> None:
    """The first members of a manual segment."""
    found = NewMembers(segment.id, segment.definition_revision, members, computed_at=now, as_of=now)
    await swap(session, account_id=segment.account_id, found=[found])


async def _start_if_active(session: WriteSession, segment: Segment, actor: str, now: datetime) -> None:
    if segment.is_active:
        segment.due_at = now
        await start_one(session, segment, actor=actor)
