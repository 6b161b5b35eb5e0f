"""Pins: clients that a person keeps in a segment or out of it, through every recalculation."""

from clientbase.accounts.schemas import AccountInfo
from clientbase.kit import clock
from clientbase.kit.db import AnySession, WriteSession
from clientbase.kit.errors import Conflict, not_found
from clientbase.kit.paging import Keyset, Page, PageRequest
from clientbase.models import Segment, SegmentPin
from clientbase.segments import live_repository as live
from clientbase.segments.membership import apply_pins
from clientbase.segments.membership_repository import MembershipRepository
from clientbase.segments.pin_repository import PinRepository
from clientbase.segments.repository import SegmentRepository
from clientbase.segments.schemas import Keep, Kind, PinOut, PinsChanged, PinsIn

MAX_PINS = 100_000


async def list_pins(
    session: AnySession, *, account: AccountInfo, code: str, keep: Keep | None, page: PageRequest
) -> Page[PinOut]:
    """The pins of a segment by client. Raises NotFound, Malformed (CURSOR_INVALID)."""
    segment = await SegmentRepository(session, account.id).by_code(code)
    if segment is None:
        raise not_found("segment")
    segment_id, repository = segment.id, PinRepository(session, account.id)
    keeps_in = None if keep is None else keep is Keep.IN
    keyset = Keyset(page, account.id, "pins", segment_id, keep)
    after = keyset.after_one or 0
    return await keyset.answer(
        await repository.page(segment_id, keeps_in=keeps_in, after=after, limit=keyset.take),
        make=_out,
        position=lambda pin: [pin.client_id],
        total=lambda: repository.count(segment_id, keeps_in=keeps_in),
    )


async def pin(
    session: WriteSession, *, account: AccountInfo, code: str, request: PinsIn, actor: str
) -> PinsChanged:
    """Keep clients in or out, from now on and whatever the filter says; a later pin replaces an earlier one.

    Raises NotFound; Conflict (SEGMENT_MANUAL, TOO_MANY_PINS).
    """
    segment = await _held(session, account, code)
    known = await MembershipRepository(session, account.id).survivors(request.ids)
    repository = PinRepository(session, account.id)
    given = set(known.values())
    changed = await repository.put(
        segment.id, given, keeps_in=request.keep is Keep.IN, actor=actor, now=clock.now()
    )
    pinned = await repository.count(segment.id)
    if pinned > MAX_PINS:
        raise Conflict("TOO_MANY_PINS", f"A segment keeps at most {MAX_PINS} clients in or out.")
    await apply_pins(session, segment)
    await live.wake(session, account.id)  # for the segments over this one
    return PinsChanged(
        changed=changed,
        unchanged=len(given) - changed,
        unknown_ids=sorted(set(request.ids) - known.keys()),
        pins=pinned,
    )


async def unpin(session: WriteSession, *, account: AccountInfo, code: str, ids: list[int]) -> PinsChanged:
    """Let the filter decide about clients again: of a live segment within seconds, else when it is computed.

    Raises NotFound; Conflict (SEGMENT_MANUAL).
    """
    segment = await _held(session, account, code)
    known = await MembershipRepository(session, account.id).survivors(ids)
    repository = PinRepository(session, account.id)
    given = set(known.values())
    changed = await repository.remove(segment.id, given)
    await live.wake(session, account.id)
    return PinsChanged(
        changed=changed,
        unchanged=len(given) - changed,
        unknown_ids=sorted(set(ids) - known.keys()),
        pins=await repository.count(segment.id),
    )


async def _held(session: WriteSession, account: AccountInfo, code: str) -> Segment:
    """The segment, whose members nobody else changes until the end of the transaction."""
    await MembershipRepository(session, account.id).lock()
    segment = await SegmentRepository(session, account.id).hold(code)
    if segment is None:
        raise not_found("segment")
    if segment.kind == Kind.MANUAL:
        raise Conflict("SEGMENT_MANUAL", "The members of a manual segment are changed by hand.")
    return segment


def _out(pin: SegmentPin) -> PinOut:
    return PinOut(
        client_id=pin.client_id,
        keep=Keep.IN if pin.keeps_in else Keep.OUT,
        created_at=pin.created_at,
        created_by=pin.created_by,
    )
