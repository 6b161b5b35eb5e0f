"""The one evaluator: leaves in one snapshot at one instant, combined as bitmaps."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from pyroaring import BitMap64

from clientbase.accounts.schemas import AccountInfo
from clientbase.filters import Leaf, Moment, Plan
from clientbase.filters.expressions import And, Const, Expression, LeafRef, Not, SegmentRef
from clientbase.filters.leaves import Universe
from clientbase.kit.db import AnySession
from clientbase.kit.errors import Conflict, Invalid, Item
from clientbase.search.changes import Standpoint
from clientbase.search.combining import Combiner, Memo
from clientbase.search.kept_leaves import KeptLeaves
from clientbase.search.leaf_store import store_of
from clientbase.search.leaves import UNIVERSE, LeafFailed, Leaves, PostgresLeaves
from clientbase.search.proving_leaves import Divergence, ProvingLeaves
from clientbase.search.repository import Membership, SearchRepository

INTERACTIVE_SECONDS = 15.0
"""How long the leaves of a filter may take while somebody waits."""
BACKGROUND_SECONDS = 300.0
TOO_SLOW = "FILTER_TOO_SLOW"
How = Literal["kept", "proved", "whole"]
_LEAVES: Mapping[str, type[KeptLeaves]] = {"kept": KeptLeaves, "proved": ProvingLeaves}


@dataclass(frozen=True)
class Evaluation:
    """Who is meant, and the oldest instant that the answer rests on."""

    members: BitMap64
    as_of: datetime


class Evaluator:
    """Evaluates plans of one account in the session's snapshot; leaves and memberships are read once."""

    def __init__(
        self,
        session: AnySession,
        *,
        account: AccountInfo,
        now: datetime,
        budget_seconds: float = INTERACTIVE_SECONDS,
        beside: Sequence[AnySession] = (),
        how: How = "kept",
        leaves: Leaves | None = None,
        memo: Memo | None = None,
    ) -> None:
        """`beside` are further sessions in the same snapshot, for `prepare`.

        Leaves that the session's store knows are brought up to date (`kept`), evaluated whole and compared
        with that (`proved`), or evaluated `whole` without the store; `leaves` are asked instead when given.
        `memo` keeps what plans have meant, for as long as these same plans are asked.
        """
        self.now = now
        self._combiner = Combiner(memo if memo is not None else {})
        self._repository = SearchRepository(session, account.id)
        moment = Moment(now, ZoneInfo(account.time_zone))
        whole = PostgresLeaves(session, account.id, moment, budget_seconds=budget_seconds, beside=beside)
        store, make = store_of(session), _LEAVES.get(how)
        stored = make(session, account.id, moment, store, whole) if make and store is not None else None
        self._leaves: Leaves = leaves or stored or whole
        self._memberships: dict[int, Membership] = {}

    @property
    def divergences(self) -> tuple[Divergence, ...]:
        """Kept leaves that were found to be wrong."""
        return self._leaves.divergences if isinstance(self._leaves, ProvingLeaves) else ()

    async def standpoint(self) -> Standpoint | None:
        """Where the session stands; None when nothing that it finds is kept."""
        return await self._leaves.standpoint() if isinstance(self._leaves, KeptLeaves) else None

    def remember(self, segment_id: int, evaluation: Evaluation) -> None:
        """Let later plans see these members of a segment instead of the stored ones."""
        self._memberships[segment_id] = Membership(evaluation.members, evaluation.as_of)

    async def prepare(self, plans: Iterable[Plan]) -> None:
        """Find out together what many plans ask; what fails is told of when its plan is evaluated."""
        await self._leaves.prepare(_asked_by(plans))

    async def evaluate_all(self, plans: Sequence[Plan]) -> list[Evaluation]:
        """The members of some plans, whose leaves are found out together. Raises as `evaluate`."""
        await self._answers(_asked_by(plans))
        return [await self.evaluate(plan) for plan in plans]

    async def evaluate(self, plan: Plan) -> Evaluation:
        """The members of a plan.

        Raises Conflict (SEGMENT_NOT_READY) for a segment never computed, Invalid (FILTER_TOO_SLOW, naming
        the condition).
        """
        segments = await self._segments(plan.segments)
        leaves = await self._answers(plan.leaves)
        bitmaps = {segment_id: known.members for segment_id, known in segments.items()}
        # Without a complement the answers themselves, which hold only clients, are universe enough.
        universe = await self._leaves.universe() if _takes_complement(plan.root) else None
        members = self._combiner.members(plan, leaves, bitmaps, universe)
        return Evaluation(members, min((known.computed_at for known in segments.values()), default=self.now))

    async def _answers(self, leaves: Mapping[str, Leaf]) -> Mapping[str, BitMap64]:
        try:
            return await self._leaves.get(leaves)
        except LeafFailed as failed:
            if not failed.was_too_slow:
                raise failed.error from None
            name = leaves[failed.key].name
            message = (
                f"The condition on {name} takes too long; narrow it, or save the filter as a segment: "
                "a run finds its members without this limit."
            )
            raise Invalid(TOO_SLOW, message, [Item("/filter", TOO_SLOW, message)]) from None

    async def _segments(self, ids: frozenset[int]) -> Mapping[int, Membership]:
        missing = ids - self._memberships.keys()
        if missing:
            self._memberships |= await self._repository.memberships(missing)
        if ids - self._memberships.keys():
            message = "A segment that the filter refers to has not been computed yet."
            raise Conflict("SEGMENT_NOT_READY", message)
        return {segment_id: self._memberships[segment_id] for segment_id in ids}


async def evaluate(session: AnySession, *, account: AccountInfo, plan: Plan, now: datetime) -> Evaluation:
    """The members of one plan in the session's snapshot. Raises as `Evaluator.evaluate`."""
    return await Evaluator(session, account=account, now=now).evaluate(plan)


def _asked_by(plans: Iterable[Plan]) -> dict[str, Leaf]:
    """All leaves of some plans, and the universe where a complement is taken."""
    asked: dict[str, Leaf] = {}
    for plan in plans:
        asked |= plan.leaves
        if _takes_complement(plan.root):
            asked[UNIVERSE] = Universe()
    return asked


def _takes_complement(item: Expression) -> bool:
    """Whether the universe itself is needed to combine an expression."""
    if isinstance(item, Const):
        return item.everyone
    if isinstance(item, LeafRef | SegmentRef):
        return False
    if isinstance(item, Not):
        return True
    if isinstance(item, And):
        inside = [one for one in item.items if not isinstance(one, Not)]
        outside = [one.item for one in item.items if isinstance(one, Not)]
        return not inside or any(map(_takes_complement, [*inside, *outside]))
    return any(map(_takes_complement, item.items))
