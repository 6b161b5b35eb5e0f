"""Recalculation: segments evaluated at one instant in one snapshot, then swapped in one transaction."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from clientbase.accounts.schemas import AccountInfo
from clientbase.kit import clock
from clientbase.kit.db import Sessions, WriteSession, beside, reading
from clientbase.kit.errors import Conflict, Problem, not_found
from clientbase.models import Run, Segment
from clientbase.runs import service as runs
from clientbase.search.proving_leaves import LEAF_DIVERGED, Divergence
from clientbase.segments import reviews
from clientbase.segments.finding import Failure, Finder, Found
from clientbase.segments.graph import Graph
from clientbase.segments.guard import Shrink
from clientbase.segments.membership import Swapped, swap
from clientbase.segments.membership_repository import Known
from clientbase.segments.repository import RUN_KIND, SegmentRepository, accounts_with_due, failed_due
from clientbase.segments.schemas import Kind, State

FIRST_DELAY = timedelta(minutes=1)


@dataclass(frozen=True)
class Report:
    """What a recalculation has done."""

    total: int
    changed: int
    unchanged: int
    discarded: int
    """Changed by somebody else meanwhile: another recalculation is on its way for them."""
    failed: tuple[str, ...]
    stopped: tuple[Shrink, ...] = ()
    """Put up for review, since too many members would leave."""
    divergences: tuple[Divergence, ...] = ()
    """Leaves that the live loop had brought up to other clients; they are repaired."""
    swapped: Mapping[int, Swapped] = field(default_factory=dict, repr=False)
    """What is stored now, by segment; a sum of reports does not hold on to it."""

    @classmethod
    def nothing(cls) -> "Report":
        """Where there was nothing to do."""
        return cls(0, 0, 0, 0, ())

    def __add__(self, other: "Report") -> "Report":
        """What both have done."""
        return Report(
            self.total + other.total,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.discarded + other.discarded,
            self.failed + other.failed,
            self.stopped + other.stopped,
            self.divergences + other.divergences,
        )

    def result(self) -> dict[str, Any]:
        """The result of its run."""
        return {
            "segments": self.total,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "discarded": self.discarded,
            "failed": list(self.failed),
            **reviews.result_of(self.stopped),
            "diverged": [asdict(one) | {"code": LEAF_DIVERGED} for one in self.divergences],
        }


async def start_due(session: WriteSession, slot: datetime) -> None:
    """Begin a recalculation for every account that has segments due.

    A segment that has failed gets a run of its own, so that those that are well do not wait for it.
    """
    now = clock.now()
    for account_id in await accounts_with_due(session, now=now):
        await runs.start(session, account_id=account_id, kind=RUN_KIND, dedupe_key="due")
    for segment in await failed_due(session, now=now):
        await start_one(session, segment)


async def start_one(session: WriteSession, segment: Segment, *, actor: str | None = None) -> Run:
    """Begin the recalculation of one segment, unless one waits to be begun."""
    return await runs.start(
        session,
        account_id=segment.account_id,
        kind=RUN_KIND,
        subject=segment.code,
        params={"segment_id": segment.id},
        dedupe_key=f"segment:{segment.id}",
        created_by=actor,
    )


async def evaluate(
    sessions: Sessions,
    *,
    account: AccountInfo,
    segment_id: int | None = None,
    without_failed: bool = False,
    done: frozenset[int] = frozenset(),
    go_on: Callable[[], None] = lambda: None,
) -> Found:
    """Find the members of all due segments, or of one, in the order in which they refer to each other.

    Of one segment those that it stands on are found too if they never were. Left out are the `done` and, by
    `without_failed`, those that failed the last time. A segment that fails is told of in the answer and stops
    no other. While the answer has postponed some, write it and evaluate again. `go_on` is called between
    segments and may raise.
    """
    async with reading(sessions, snapshot=True) as session:
        now = clock.now()  # not after the snapshot: of two results the later instant counts
        async with beside(sessions, session) as second:
            repository = SegmentRepository(session, account.id)
            segments = {segment.code: segment for segment in await repository.all()}
            graph = await repository.graph()
            if segment_id is None:
                due = [segment for segment in segments.values() if _is_due(segment, now)]
                wanted = [segment.code for segment in due if not (without_failed and segment.failures)]
            else:
                wanted = _needed(segments, graph, segment_id)
            ordered = [segments[code] for code in graph.ordered(wanted) if segments[code].id not in done]
            finder = await Finder.begin(session, second, account, now)
            here = finder.plan(ordered, graph)
            await finder.prepare(here)
            for segment in here:
                go_on()
                await finder.find(segment)
            finder.found.divergences = finder.evaluator.divergences
            return finder.found


async def write(
    session: WriteSession,
    *,
    account_id: int,
    found: Found,
    run_id: int | None = None,
    own_id: int | None = None,
    known: Known | None = None,
) -> Report:
    """Swap all that was found in the session's transaction, note what failed, put up what the guard stopped.

    `own_id` is the segment that the run is for: the run itself is to rest in review for it. Stored members
    that are `known` need not be read.
    """
    swapped = await swap(session, account_id=account_id, found=found.members, run_id=run_id, known=known)
    for failure in found.failures:
        await _note(SegmentRepository(session, account_id), failure)
    stopped = await reviews.put_up(session, account_id=account_id, shrinks=found.shrinks, own_id=own_id)
    changed = sum(one.is_changed for one in swapped.values())
    lost = len(found.members) - len(swapped) + len(found.shrinks) - len(stopped)
    return Report(
        total=found.total,
        changed=changed,
        unchanged=len(swapped) - changed,
        discarded=lost,
        failed=tuple(failure.segment.code for failure in found.failures),
        stopped=tuple(stopped),
        divergences=found.divergences,
        swapped=swapped,
    )


async def give_up(
    session: WriteSession, *, account_id: int, segment_id: int | None, code: str, detail: str
) -> None:
    """Note that a run has failed for good: on its one segment, or on all that were due and have not failed.

    Each of these is tried again in a run of its own. What has been noted already stays.
    """
    now = clock.now()
    repository = SegmentRepository(session, account_id)
    if segment_id is None:
        tried = [one for one in await repository.all() if _is_due(one, now) and not one.failures]
    else:
        asked = await repository.by_id(segment_id)
        tried = [asked] if asked and (_is_due(asked, now) or asked.error_code is None) else []
    for segment in tried:
        await _note(repository, Failure(segment, code, detail))


def problem_of(found: Found, segment_id: int) -> Problem | None:
    """Why the one segment that was asked for has failed."""
    failed = (one for one in found.failures if one.segment.id == segment_id)
    return next((Conflict(failure.code, failure.detail) for failure in failed), None)


def _is_due(segment: Segment, now: datetime) -> bool:
    return _is_computed(segment) and segment.due_at is not None and segment.due_at <= now


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


async def _note(repository: SegmentRepository, failure: Failure) -> None:
    """The state of a failed segment, and a next try after a delay that doubles each time.

    Nothing is noted on a segment that was edited, computed or made due by somebody else meanwhile.
    """
    segment = failure.segment
    longest = timedelta(hours=segment.recalculation_hours)
    delay = min(FIRST_DELAY * 2 ** min(segment.failures, 16), longest)
    waits = failure.code == "SEGMENT_NOT_READY"
    await repository.update_if(
        segment.id,
        definition_revision=segment.definition_revision,
        computed_at=segment.computed_at,
        due_at=segment.due_at,
        values={
            "state": segment.state if waits else State.FAILED,
            "error_code": failure.code,
            "error_detail": failure.detail,
            "failures": segment.failures + 1,
            "due_at": clock.now() + delay,
        },
    )
