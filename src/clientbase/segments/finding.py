"""Finding members: some segments of one account, evaluated at one instant in one snapshot."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.exc import DBAPIError

from clientbase.accounts.schemas import AccountInfo
from clientbase.filters import Catalogue, Plan, check, plan
from clientbase.filters.actions import SEGMENT_ACTIONS
from clientbase.filters.leaves import ActionLeaf
from clientbase.kit.db import AnySession
from clientbase.kit.errors import Invalid, Problem
from clientbase.kit.logging import get_logger
from clientbase.models import Segment
from clientbase.search import catalogue as catalogues
from clientbase.search.evaluator import BACKGROUND_SECONDS, TOO_SLOW, Evaluation, Evaluator
from clientbase.search.proving_leaves import Divergence
from clientbase.segments.graph import Graph
from clientbase.segments.guard import Guard, Shrink
from clientbase.segments.membership import NewMembers
from clientbase.segments.pin_repository import AllPins, PinRepository
from clientbase.segments.storage import exact

EVALUATION_FAILED = "EVALUATION_FAILED"
log = get_logger(__name__)


@dataclass(frozen=True)
class Failure:
    """A segment that could not be evaluated: it keeps its members and is tried again later."""

    segment: Segment
    code: str
    detail: str


@dataclass
class Found:
    """What one recalculation has found out."""

    members: list[NewMembers] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    shrinks: list[Shrink] = field(default_factory=list)
    """Segments that keep their members, since too many would leave."""
    divergences: tuple[Divergence, ...] = ()
    """Leaves that the live loop had brought up to other clients."""
    goes_on: bool = False
    """Whether others are to be found once these members are written: they ask who entered or left."""

    @property
    def total(self) -> int:
        """How many segments were looked at."""
        return len(self.members) + len(self.failures) + len(self.shrinks)

    @property
    def segment_ids(self) -> frozenset[int]:
        """The segments that were looked at."""
        kept = [one.segment for one in self.failures] + [one.segment for one in self.shrinks]
        return frozenset(one.segment_id for one in self.members) | {segment.id for segment in kept}


@dataclass
class Finder:
    """Finds members one segment after another; later ones see the members of earlier ones."""

    now: datetime
    catalogue: Catalogue
    evaluator: Evaluator
    guard: Guard
    pins: AllPins
    found: Found = field(default_factory=Found)
    plans: dict[tuple[int, int], Plan] = field(default_factory=dict)
    """By segment and revision of its definition: what is known already is not understood again."""
    recounts: bool = False
    """Whether every leaf is evaluated whole."""

    @classmethod
    async def begin(
        cls, session: AnySession, beside: AnySession, account: AccountInfo, now: datetime
    ) -> "Finder":
        """Read what all segments need; `beside` reads the same snapshot.

        Every leaf is evaluated whole, and what the live loop has made of it is compared with that.
        """
        evaluator = Evaluator(
            session,
            account=account,
            now=now,
            budget_seconds=BACKGROUND_SECONDS,
            beside=[beside],
            how="proved",
        )
        return cls(
            now,
            await catalogues.load(session, account=account),
            evaluator,
            Guard(session, account.id),
            await PinRepository(session, account.id).read(),
            recounts=True,
        )

    def plan_of(self, segment: Segment) -> Plan:
        """The plan of a segment that has been understood."""
        return self.plans[segment.id, segment.definition_revision]

    def understand(self, segments: Iterable[Segment]) -> list[Segment]:
        """Plan the segments; those that cannot be understood have failed and are left out."""
        understood = []
        for segment in segments:
            with self._telling(segment):
                if (segment.id, segment.definition_revision) not in self.plans:
                    checked = check(exact(segment.filter), self.catalogue)
                    self.plans[segment.id, segment.definition_revision] = plan(checked, self.catalogue)
                understood.append(segment)
        return understood

    def plan(self, segments: Sequence[Segment], graph: Graph) -> list[Segment]:
        """Understand the segments, in the order of their references; those that can be found now.

        Others may ask who entered or left segments that are found now: they are postponed until these are
        written.
        """
        here: dict[str, Segment] = {}
        postponed: set[str] = set()
        for segment in self.understand(segments):
            uses = graph.edges.get(segment.code, frozenset())
            if uses & postponed or (self._asks_for_events(segment) and uses & here.keys()):
                postponed.add(segment.code)
            else:
                here[segment.code] = segment
        self.found.goes_on = bool(postponed)
        return list(here.values())

    async def prepare(self, segments: Iterable[Segment]) -> None:
        """Ask what several planned segments ask together; what fails is told of by `find`."""
        await self.evaluator.prepare(self.plan_of(segment) for segment in segments)

    async def find(self, segment: Segment) -> None:
        """Find the members of a planned segment, or why they cannot be found or not be taken in.

        Later segments see the new members, pins applied; of a segment that the guard stops the stored ones.
        """
        with self._telling(segment):
            evaluation = await self.evaluator.evaluate(self.plan_of(segment))
            members = self.pins[segment.id].applied(evaluation.members)
            shrink = await self.guard.stops(segment, members)
            if shrink is not None:
                self.found.shrinks.append(shrink)
                return
            self.evaluator.remember(segment.id, Evaluation(members, evaluation.as_of))
            self.found.members.append(self._new(segment, evaluation))

    def _new(self, segment: Segment, evaluation: Evaluation) -> NewMembers:
        return NewMembers(
            segment.id,
            segment.definition_revision,
            evaluation.members,
            computed_at=self.now,
            as_of=evaluation.as_of,
            is_recount=self.recounts,
        )

    def _asks_for_events(self, segment: Segment) -> bool:
        leaves = self.plan_of(segment).leaves.values()
        return any(isinstance(leaf, ActionLeaf) and leaf.action.code in SEGMENT_ACTIONS for leaf in leaves)

    @contextmanager
    def _telling(self, segment: Segment) -> Iterator[None]:
        """Whatever goes wrong with one segment is told of and delays no other; a lost connection ends all."""
        try:
            yield
        except Problem as problem:
            self._fail(segment, *_explained(problem))
        except Exception as error:
            if _is_lost(error):
                raise
            log.error("segment_failed", segment=segment.code, exc_info=True)
            self._fail(segment, EVALUATION_FAILED, "The filter could not be evaluated.")

    def _fail(self, segment: Segment, code: str, detail: str) -> None:
        self.found.failures.append(Failure(segment, code, detail))


def _is_lost(error: Exception) -> bool:
    """Whether the connection is gone: then it is the run that is tried again, not the segment that fails."""
    return isinstance(error, OSError) or (isinstance(error, DBAPIError) and error.connection_invalidated)


def _explained(problem: Problem) -> tuple[str, str]:
    """Code and detail; of a filter that no longer holds, where and why."""
    if not isinstance(problem, Invalid) or not problem.errors or problem.code == TOO_SLOW:
        return problem.code, problem.detail
    first = problem.errors[0]
    return "FILTER_INVALID", f"{first.code} at /filter{first.pointer}: {first.message}"[:1000]
