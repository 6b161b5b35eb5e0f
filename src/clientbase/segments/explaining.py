"""Why a client is in a segment or not: since when, by what, and which of its conditions hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pyroaring import BitMap64

from clientbase.accounts.schemas import AccountInfo
from clientbase.clients.service import resolve_id
from clientbase.filters import Catalogue, Leaf, Moment, combine
from clientbase.filters.checked import CheckedAction, CheckedField, CheckedGroup, CheckedSegment
from clientbase.filters.explain import Part, compile_own_values, shown, take_apart
from clientbase.filters.leaves import FieldLeaf
from clientbase.filters.narrow import compile_family, families
from clientbase.kit import clock
from clientbase.kit.db import AnySession
from clientbase.kit.errors import Conflict, not_found
from clientbase.models import Segment
from clientbase.search import catalogue as catalogues
from clientbase.search.bits import unpack
from clientbase.search.repository import SearchRepository
from clientbase.search.understood import understand
from clientbase.segments.member_history import LastChange, last_change
from clientbase.segments.pin_repository import PinRepository, Pins
from clientbase.segments.repository import SegmentRepository
from clientbase.segments.schemas import Keep
from clientbase.segments.storage import exact

Language = Literal["ru", "en"]
_KINDS: dict[type, str] = {
    CheckedGroup: "group",
    CheckedField: "field",
    CheckedAction: "action",
    CheckedSegment: "segment",
}


@dataclass(frozen=True)
class Explained:
    """Whether a client is in a segment by its stored members, since when, and what the filter says now."""

    client_id: int
    is_member: bool
    pin: Keep | None
    """Where a person keeps it, whatever the filter says."""
    computed_at: datetime
    last: LastChange | None
    tree: dict[str, Any] | None
    """None where there is no filter, or one that may not be told."""


async def explain(
    session: AnySession,
    *,
    account: AccountInfo,
    code: str,
    client_id: int,
    personal: bool,
    language: Language,
) -> Explained:
    """Everything about one client and one segment, in one snapshot.

    A filter that reads personal data is not told without `personal`. Raises NotFound for either; Conflict
    (SEGMENT_NOT_READY).
    """
    segment = await SegmentRepository(session, account.id).by_code(code)
    if segment is None:
        raise not_found("segment")
    client_id = await resolve_id(session, account_id=account.id, client_id=client_id)
    stored = (await SearchRepository(session, account.id).memberships([segment.id])).get(segment.id)
    if stored is None:
        raise Conflict("SEGMENT_NOT_READY", "The segment has not been computed yet.")
    catalogue = await catalogues.load(session, account=account)
    is_hidden = catalogue.segments[code].personal and not personal
    tree = None
    if segment.filter is not None and not is_hidden:
        tree = await _tree(session, account, catalogue, segment, client_id, language)
    last = await last_change(session, account_id=account.id, segment_id=segment.id, client_id=client_id)
    pins = await PinRepository(session, account.id).read([segment.id], client_ids=[client_id])
    pin = _pin(pins[segment.id], client_id)
    return Explained(client_id, client_id in stored.members, pin, stored.computed_at, last, tree)


def _pin(pins: Pins, client_id: int) -> Keep | None:
    if client_id in pins.outside:
        return Keep.OUT
    return Keep.IN if client_id in pins.inside else None


async def _tree(
    session: AnySession,
    account: AccountInfo,
    catalogue: Catalogue,
    segment: Segment,
    client_id: int,
    language: Language,
) -> dict[str, Any]:
    understood = await understand(exact(segment.filter), catalogue, personal=True)
    assert understood.checked is not None
    parts = take_apart(understood.checked, catalogue, language)
    moment = Moment(clock.now(), ZoneInfo(account.time_zone))
    memberships = await SearchRepository(session, account.id).memberships(parts.plan.segments)
    segments = {id_: known.members for id_, known in memberships.items()}
    teller = _Teller(session, account, catalogue, moment, client_id, segments)
    await teller.ask(parts.plan.leaves)
    return await teller.told(parts)


class _Teller:
    """Tells the parts of a filter of one client."""

    def __init__(
        self,
        session: AnySession,
        account: AccountInfo,
        catalogue: Catalogue,
        moment: Moment,
        client_id: int,
        segments: Mapping[int, BitMap64],
    ) -> None:
        self.session = session
        self.account = account
        self.moment = moment
        self.client_id = client_id
        self.tags = {tag.id: tag.code for tag in catalogue.tags.values()}
        self.segments = segments
        self.answers: dict[str, BitMap64] = {}

    async def ask(self, leaves: Mapping[str, Leaf]) -> None:
        """Find out which leaves the client is in."""
        for keys in families(leaves):
            asked = [leaves[key] for key in keys]
            query = compile_family(asked, self.account.id, self.moment, [self.client_id])
            row = (await self.session.execute(query)).one()
            self.answers |= zip(keys, map(unpack, row), strict=True)

    async def told(self, part: Part) -> dict[str, Any]:
        """A node with its truth, the client's own values, and its nodes."""
        group = part.node if isinstance(part.node, CheckedGroup) else None
        return {
            "kind": _KINDS[type(part.node)],
            "text": part.text,
            "truth": self._holds(part),
            "match": None if group is None else "all" if group.every else "any",
            "negate": group is not None and group.negate,
            "values": await self._values(part) if group is None else None,
            "nodes": [await self.told(one) for one in part.parts],
        }

    def _holds(self, part: Part) -> bool:
        """A segment that has never been computed holds nobody."""
        segments = {id_: self.segments.get(id_, BitMap64()) for id_ in part.plan.segments}
        return bool(combine(part.plan, self.answers, segments, BitMap64([self.client_id])))

    async def _values(self, part: Part) -> list[Any]:
        if isinstance(part.node, CheckedSegment):
            held = (one for one in part.node.segments if self.client_id in self.segments.get(one.id, ()))
            return [one.code for one in held]
        leaf = part.leaf
        if leaf is None:
            return []
        query = compile_own_values(leaf, self.account.id, self.moment, self.client_id)
        if query is None:
            return []
        rows = (await self.session.execute(query)).all()
        if isinstance(leaf, FieldLeaf) and leaf.field.dictionary == "tag":
            return sorted(self.tags[row[0]] for row in rows)
        values = (shown(leaf, row, self.account.places) for row in rows)
        return [value for value in values if value is not None]
