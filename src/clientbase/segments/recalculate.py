"""Recalculation: segments evaluated at one instant in one snapshot, then swapped in one transaction."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pyroaring import BitMap64
from sqlalchemy.exc import DBAPIError

from clientbase.accounts.schemas import AccountInfo
from clientbase.filters import Catalogue, check, plan
from clientbase.kit import clock
from clientbase.kit.db import AnySession, Sessions, WriteSession, reading
from clientbase.kit.errors import Conflict, Invalid, Problem, not_found
from clientbase.kit.logging import get_logger
from clientbase.models import Segment
from clientbase.runs import service as runs
from clientbase.search import catalogue as catalogues
from clientbase.search.evaluator import BACKGROUND_SECONDS, Evaluator
from clientbase.segments.graph import Graph
from clientbase.segments.membership import NewMembers, swap
from clientbase.segments.membership_repository import MembershipRepository
from clientbase.segments.repository import RUN_KIND, SegmentRepository, accounts_with_due
from clientbase.segments.schemas import Kind, State
from clientbase.segments.storage import exact

FIRST_DELAY = timedelta(minutes=1)
EVALUATION_FAILED = "EVALUATION_FAILED"
Door = Callable[[], AbstractAsyncContextManager[WriteSession]]
"""Opens the transaction in which everything that was found is written."""
log = get_logger(__name__)


@dataclass(frozen=True)
class Failure:
    """A segment that could not be evaluated: it keeps its members and is tried again later."""

    segment: Segment
    code: str
    detail: str
    at: datetime


@dataclass
class Found:
    """What one recalculation has found out."""

    members: list[NewMembers] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many segments were looked at."""
        return len(self.members) + len(self.failures)


@dataclass(frozen=True)
class Report:
    """What a recalculation has done."""

    total: int
    changed: int
    unchanged: int
    discarded: int
    """Changed by somebody else meanwhile: another recalculation is on its way for them."""
    failed: tuple[str, ...]

    def result(self) -> dict[str, Any]:
        """The result of its run."""
        return {
            "segments": self.total,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "discarded": self.discarded,
            "failed": list(self.failed),
        }


async def start_due(session: WriteSession, slot: datetime) -> None:
    """Begin a recalculation for every account that has segments due."""
    for account_id in await accounts_with_due(session, now=clock.now()):
        await runs.start(session, account_id=account_id, kind=RUN_KIND, dedupe_key="due")


async def evaluate(
    sessions: Sessions,
    *,
    account: AccountInfo,
    segment_id: int | None = None,
    go_on: Callable[[], None] = lambda: None,
) -> Found:
    """Find the members of all due segments, or of one, in the order in which they refer to each other.

    Of one segment those that it stands on are found too if they never were. A segment that fails is told of
    in the answer and stops no other. `go_on` is called between segments and may raise.
    """
    async with reading(sessions, snapshot=True) as session:
        now = clock.now()
        repository = SegmentRepository(session, account.id)
        segments = {segment.code: segment for segment in await repository.all()}
        graph = await repository.graph()
        wanted = _due(segments, now) if segment_id is None else _needed(segments, graph, segment_id)
        work = await _Work.begin(session, account, [segments[code] for code in wanted], now)
        for code in graph.ordered(wanted):
            go_on()
            await work.evaluate(segments[code])
        return work.found


async def write(session: WriteSession, *, account_id: int, found: Found, run_id: int | None = None) -> Report:
    """Swap all that was found in the session's transaction, and note what failed."""
    swapped = await swap(session, account_id=account_id, found=found.members, run_id=run_id)
    for failure in found.failures:
        await _note(SegmentRepository(session, account_id), failure)
    changed = sum(one.members != one.former or one.version == 0 for one in swapped)
    return Report(
        total=found.total,
        changed=changed,
        unchanged=len(swapped) - changed,
        discarded=len(found.members) - len(swapped),
        failed=tuple(failure.segment.code for failure in found.failures),
    )


async def give_up(session: WriteSession, *, account_id: int, segment_id: int, code: str, detail: str) -> None:
    """Note that the run for one segment has failed for good, unless its failure has been noted already."""
    repository = SegmentRepository(session, account_id)
    segment = await repository.by_id(segment_id)
    if segment is not None and segment.error_code is None:
        await _note(repository, Failure(segment, code, detail, clock.now()))


def problem_of(found: Found, segment_id: int) -> Problem | None:
    """Why the one segment that was asked for has failed."""
    failed = (one for one in found.failures if one.segment.id == segment_id)
    return next((Conflict(failure.code, failure.detail) for failure in failed), None)


def _due(segments: dict[str, Segment], now: datetime) -> list[str]:
    return [
        code
        for code, segment in segments.items()
        if _is_computed(segment) and segment.due_at is not None and segment.due_at <= now
    ]


def _needed(segments: dict[str, Segment], graph: Graph, segment_id: int) -> list[str]:
    """A segment and, of those that it stands on, the ones never computed."""
    asked = next((code for code, segment in segments.items() if segment.id == segment_id), None)
    if asked is None:
        raise not_found("segment")
    if not _is_computed(segments[asked]):
        return []
    needed, todo = {asked}, [asked]
    while todo:
        for code in graph.edges.get(todo.pop(), frozenset()) - needed:
            segment = segments.get(code)
            if segment is not None and segment.version == 0 and _is_computed(segment):
                needed.add(code)
                todo.append(code)
    return sorted(needed)


def _is_computed(segment: Segment) -> bool:
    return segment.is_active and segment.kind != Kind.MANUAL


@dataclass
class _Work:
    """The evaluation of some segments of one account in one snapshot."""

    now: datetime
    catalogue: Catalogue
    evaluator: Evaluator
    former: dict[int, BitMap64]
    found: Found = field(default_factory=Found)

    @classmethod
    async def begin(
        cls, session: AnySession, account: AccountInfo, segments: Sequence[Segment], now: datetime
    ) -> "_Work":
        """Read what all of them need."""
        stored = await MembershipRepository(session, account.id).stored([one.id for one in segments])
        return cls(
            now,
            await catalogues.load(session, account=account),
            Evaluator(session, account=account, now=now, budget_seconds=BACKGROUND_SECONDS),
            {segment_id: one.members for segment_id, one in stored.items()},
        )

    async def evaluate(self, segment: Segment) -> None:
        """Find the members of one segment, or why they cannot be found."""
        try:
            understood = plan(check(exact(segment.filter), self.catalogue), self.catalogue)
            members = (await self.evaluator.evaluate(understood)).members
        except Problem as problem:
            self._fail(segment, *_explained(problem))
        except Exception as error:
            if _is_lost(error):
                raise
            log.error("segment_failed", segment=segment.code, exc_info=True)
            self._fail(segment, EVALUATION_FAILED, "The filter could not be evaluated.")
        else:
            self.evaluator.remember(segment.id, members)
            self.found.members.append(self._new(segment, members))

    def _new(self, segment: Segment, members: BitMap64) -> NewMembers:
        cause = _cause(segment)
        hours = timedelta(hours=segment.recalculation_hours)
        return NewMembers(
            segment.id,
            segment.version,
            segment.definition_revision,
            members,
            self.former.get(segment.id, BitMap64()),
            cause,
            told=cause == "data" or segment.announce,
            computed_at=self.now,
            due_at=self.now + hours if segment.kind == Kind.DYNAMIC else None,
        )

    def _fail(self, segment: Segment, code: str, detail: str) -> None:
        self.found.failures.append(Failure(segment, code, detail, self.now))


def _is_lost(error: Exception) -> bool:
    """Whether the connection is gone: then it is the run that is tried again, not the segment that fails."""
    return isinstance(error, OSError) or (isinstance(error, DBAPIError) and error.connection_invalidated)


def _cause(segment: Segment) -> str:
    if segment.version == 0:
        return "first_fill"
    return "data" if segment.computed_revision == segment.definition_revision else "edit"


def _explained(problem: Problem) -> tuple[str, str]:
    """Code and detail; of a filter that no longer holds, where and why."""
    if not isinstance(problem, Invalid) or not problem.errors:
        return problem.code, problem.detail
    first = problem.errors[0]
    return "FILTER_INVALID", f"{first.code} at /filter{first.pointer}: {first.message}"[:1000]


async def _note(repository: SegmentRepository, failure: Failure) -> None:
    """The state of a failed segment, and a next try after a delay that doubles each time."""
    segment = failure.segment
    longest = timedelta(hours=segment.recalculation_hours)
    delay = min(FIRST_DELAY * 2 ** min(segment.failures, 16), longest)
    waits = failure.code == "SEGMENT_NOT_READY"
    await repository.update_if(
        segment.id,
        version=segment.version,
        definition_revision=segment.definition_revision,
        values={
            "state": segment.state if waits else State.FAILED,
            "error_code": failure.code,
            "error_detail": failure.detail,
            "failures": segment.failures + 1,
            "due_at": failure.at + delay,
        },
    )
