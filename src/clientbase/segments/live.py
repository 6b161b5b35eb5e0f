"""Rounds of the live loop: what has changed of an account reaches all its live segments at one instant."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pyroaring import BitMap64

from clientbase.accounts.schemas import AccountInfo
from clientbase.filters import Catalogue, Plan
from clientbase.filters.leaves import Universe
from clientbase.kit import clock
from clientbase.kit.db import AnySession, Sessions, reading, writing
from clientbase.models import Segment
from clientbase.models.feeds import ACCOUNT_FACET, members_facet
from clientbase.search import catalogue as catalogues
from clientbase.search.changes import Standpoint
from clientbase.search.combining import Memo
from clientbase.search.evaluator import BACKGROUND_SECONDS, Evaluator
from clientbase.search.footprint import footprint
from clientbase.search.leaves import UNIVERSE
from clientbase.segments import live_repository as live
from clientbase.segments.finding import Finder, Found
from clientbase.segments.guard import Guard
from clientbase.segments.live_repository import LiveLease
from clientbase.segments.membership import NewMembers
from clientbase.segments.membership_repository import MembershipRepository
from clientbase.segments.pin_repository import PinRepository
from clientbase.segments.recalculate import Report, write
from clientbase.segments.repository import SegmentRepository

NOT_READY = "SEGMENT_NOT_READY"
"""Why a segment waits for another one, which is computed by a run first."""


class LiveLeaseLost(Exception):
    """Another worker has taken the account: what was found is not to be written."""


@dataclass
class Memory:
    """What a worker remembers of an account from round to round; forgetting it costs time."""

    catalogue: Catalogue | None = None
    plans: dict[tuple[int, int], Plan] = field(default_factory=dict)
    """By segment and revision of its definition; only for this catalogue."""
    members: dict[int, tuple[int, BitMap64]] = field(default_factory=dict)
    """Stored members and their version, by segment."""
    memo: Memo = field(default_factory=dict)
    """What the plans have meant."""

    async def recall(self, session: AnySession, account_id: int, segments: Iterable[Segment]) -> None:
        """Know the stored members of just these segments, as the session sees them."""
        versions = {segment.id: segment.version for segment in segments}
        unknown = [id_ for id_, version in versions.items() if self.members.get(id_, (0,))[0] != version]
        stored = await MembershipRepository(session, account_id).stored(unknown) if unknown else {}
        self.members |= {id_: (one.version, one.members) for id_, one in stored.items()}
        for gone in self.members.keys() - versions.keys():
            del self.members[gone]

    def plans_for(self, catalogue: Catalogue) -> dict[tuple[int, int], Plan]:
        """The plans, none when the catalogue is another one."""
        if catalogue != self.catalogue:
            self.catalogue, self.plans, self.memo = catalogue, {}, {}
        return self.plans

    def forget_all_but(self, present: Collection[tuple[int, int]]) -> None:
        """Let go of plans of segments that are gone or have been edited."""
        for key in self.plans.keys() - set(present):
            self.memo.pop(id(self.plans.pop(key)), None)


@dataclass(frozen=True)
class Round:
    """What one round has found: only what has changed or failed, and how far it has come."""

    found: Found
    now: datetime
    standpoint: Standpoint
    facets: frozenset[str]
    wakes: int


async def take_round(sessions: Sessions, *, account: AccountInfo, lease: LiveLease, memory: Memory) -> Report:
    """Bring all live segments of an account to now, in one snapshot, and swap those that have changed.

    Raises LiveLeaseLost.
    """
    async with reading(sessions, snapshot=True) as session:
        taken = await _look(session, account, memory)
    async with writing(sessions) as session:
        report = Report.nothing()
        if taken.found.total:
            report = await write(session, account_id=account.id, found=taken.found, known=memory.members)
        is_held = await live.advance(
            session,
            lease,
            snapshot=taken.standpoint.snapshot,
            now=taken.now,
            facets=taken.facets,
            wakes=taken.wakes,
        )
        if not is_held:
            raise LiveLeaseLost
        if report.stopped:
            await live.wake(session, account.id)  # those over a stopped segment rest on it as not live
    memory.members |= {id_: (one.version, one.members) for id_, one in report.swapped.items()}
    return report


async def _look(session: AnySession, account: AccountInfo, memory: Memory) -> Round:
    now = clock.now()  # not after the snapshot: of two results the later instant counts
    repository = SegmentRepository(session, account.id)
    segments = {segment.code: segment for segment in await repository.all() if segment.is_live}
    graph = await repository.graph()
    catalogue = await catalogues.load(session, account=account)
    plans = memory.plans_for(catalogue)
    evaluator = Evaluator(
        session, account=account, now=now, budget_seconds=BACKGROUND_SECONDS, memo=memory.memo
    )
    standpoint = await evaluator.standpoint()
    assert standpoint is not None, "the loop keeps leaves, and reads one snapshot of a primary server"
    await memory.recall(session, account.id, segments.values())
    former = {id_: members for id_, (_, members) in memory.members.items()}
    guard, pins = Guard(session, account.id, former), await PinRepository(session, account.id).read()
    finder = Finder(now, catalogue, evaluator, guard, pins, plans=plans)
    understood = finder.understand([segments[code] for code in graph.ordered(segments)])
    await finder.prepare(understood)
    for segment in understood:
        await finder.find(segment)
    memory.forget_all_but({(one.id, one.definition_revision) for one in understood})
    return Round(
        _news(finder, former),
        now,
        standpoint,
        _facets([finder.plan_of(segment) for segment in understood], {one.id for one in understood}),
        await live.wakes_of(session, account.id),
    )


def _news(finder: Finder, former: Mapping[int, BitMap64]) -> Found:
    """Those whose members are others than the stored ones, and those that have failed or were stopped."""
    found = finder.found
    return Found(
        [one for one in found.members if _is_news(_pinned(finder, one), former[one.segment_id])],
        [failure for failure in found.failures if failure.code != NOT_READY],
        found.shrinks,
    )


def _is_news(members: BitMap64, former: BitMap64) -> bool:
    """What stays as it is mostly is the very same object."""
    return members is not former and members != former


def _pinned(finder: Finder, one: NewMembers) -> BitMap64:
    return finder.pins[one.segment_id].applied(one.members)


def _facets(plans: Iterable[Plan], live_ids: Collection[int]) -> frozenset[str]:
    """What changes of rows, and of members of segments that are not live, can change any of the plans."""
    facets = {ACCOUNT_FACET} | footprint(UNIVERSE, Universe()).facets
    for plan in plans:
        for key, leaf in plan.leaves.items():
            rests_on = footprint(key, leaf)
            facets |= rests_on.facets | rests_on.revisions
        facets |= {members_facet(id_) for id_ in plan.segments - set(live_ids)}
    return frozenset(facets)
