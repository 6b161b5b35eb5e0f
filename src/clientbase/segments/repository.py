"""SQL of segments: rows, references, locks."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, exists, insert, or_, select, update

from clientbase.accounts.usage import lock_definitions
from clientbase.kit.db import AnySession, among
from clientbase.models import Run, Segment, SegmentDependency
from clientbase.segments.graph import Graph
from clientbase.segments.schemas import State

RUN_KIND = "recalculate"
_RUNNING = exists().where(
    Run.account_id == Segment.account_id,
    Run.kind == RUN_KIND,
    Run.state == "running",
    or_(
        Run.subject == Segment.code,
        and_(Run.subject.is_(None), Segment.failures == 0, Segment.due_at <= Run.started_at),
    ),
)
STATE: ColumnElement[str] = case(
    (~Segment.is_active, State.INACTIVE), (_RUNNING, State.COMPUTING), else_=Segment.state
)
"""The state as it is shown: computing is what a worker does now, so that it cannot be left behind by one."""


class SegmentRepository:
    """The segments of one account."""

    def __init__(self, session: AnySession, account_id: int) -> None:
        self.session = session
        self.account_id = account_id

    async def lock_definitions(self) -> None:
        """One edit of definitions at a time, so that two cannot make a cycle together."""
        await lock_definitions(self.session, account_id=self.account_id)

    async def by_code(self, code: str) -> Segment | None:
        """One segment, as it is in the database now."""
        query = select(Segment).where(Segment.account_id == self.account_id, Segment.code == code)
        found = await self.session.execute(query, execution_options={"populate_existing": True})
        return found.scalar_one_or_none()

    async def shown(self, code: str, *more: ColumnElement[Any]) -> tuple[Any, ...] | None:
        """One segment with its state as shown, and more values of it."""
        query = select(Segment, STATE, *more).where(
            Segment.account_id == self.account_id, Segment.code == code
        )
        found = await self.session.execute(query, execution_options={"populate_existing": True})
        row = found.one_or_none()
        return None if row is None else tuple(row)

    async def by_id(self, segment_id: int) -> Segment | None:
        """One segment."""
        query = select(Segment).where(Segment.account_id == self.account_id, Segment.id == segment_id)
        return (await self.session.execute(query)).scalar_one_or_none()

    async def exists(self, code: str) -> bool:
        """Whether the code is taken."""
        query = select(Segment.id).where(Segment.account_id == self.account_id, Segment.code == code)
        return (await self.session.execute(query)).scalar_one_or_none() is not None

    async def hold(self, code: str) -> Segment | None:
        """One segment, kept from other writers until the end of the transaction."""
        query = select(Segment).where(Segment.account_id == self.account_id, Segment.code == code)
        found = await self.session.execute(
            query.with_for_update(), execution_options={"populate_existing": True}
        )
        return found.scalar_one_or_none()

    async def hold_all(self, segment_ids: Collection[int]) -> dict[int, Segment]:
        """Those of the segments that there are, kept from other writers; under the lock of memberships."""
        query = select(Segment).where(Segment.account_id == self.account_id, among(Segment.id, segment_ids))
        found = await self.session.scalars(
            query.order_by(Segment.id).with_for_update(), execution_options={"populate_existing": True}
        )
        return {segment.id: segment for segment in found}

    async def all(self) -> Sequence[Segment]:
        """Every segment."""
        query = select(Segment).where(Segment.account_id == self.account_id)
        return (await self.session.execute(query)).scalars().all()

    async def delete(self, segment_id: int) -> None:
        """Delete a segment; its members, history and references go with it."""
        where = (Segment.account_id == self.account_id, Segment.id == segment_id)
        await self.session.execute(delete(Segment).where(*where))

    async def graph(self) -> Graph:
        """Which segment refers to which."""
        query = (
            select(Segment.code, SegmentDependency.code)
            .join(Segment, _same_segment(SegmentDependency))
            .where(SegmentDependency.account_id == self.account_id, SegmentDependency.kind == "segment")
        )
        found: dict[str, set[str]] = defaultdict(set)
        for user, reference in await self.session.execute(query):
            found[user].add(reference)
        return Graph({user: frozenset(references) for user, references in found.items()})

    async def uses(self, segment_id: int) -> dict[str, list[str]]:
        """What a segment's filter uses, by kind."""
        table = SegmentDependency
        query = (
            select(table.kind, table.code)
            .where(table.account_id == self.account_id, table.segment_id == segment_id)
            .order_by(table.kind, table.code)
        )
        found: dict[str, list[str]] = defaultdict(list)
        for kind, code in await self.session.execute(query):
            found[kind].append(code)
        return found

    async def users(self, code: str) -> list[str]:
        """Segments that refer to a segment."""
        query = (
            select(Segment.code)
            .join(SegmentDependency, _same_segment(SegmentDependency))
            .where(
                Segment.account_id == self.account_id,
                SegmentDependency.kind == "segment",
                SegmentDependency.code == code,
            )
            .order_by(Segment.code)
        )
        return list((await self.session.execute(query)).scalars())

    async def replace_uses(self, segment_id: int, pairs: Iterable[tuple[str, str]]) -> None:
        """Write what a filter uses in place of what the former one used."""
        table = SegmentDependency
        await self.session.execute(
            delete(table).where(table.account_id == self.account_id, table.segment_id == segment_id)
        )
        rows = [
            {"account_id": self.account_id, "segment_id": segment_id, "kind": kind, "code": code}
            for kind, code in pairs
        ]
        if rows:
            await self.session.execute(insert(table), rows)

    async def update_if(self, segment_id: int, *, values: dict[str, Any], **seen: Any) -> bool:
        """Write values where the columns named still hold what was seen in them; whether they did."""
        same = [getattr(Segment, name).is_not_distinct_from(value) for name, value in seen.items()]
        where = (Segment.account_id == self.account_id, Segment.id == segment_id, *same)
        statement = update(Segment).where(*where).values(**values).returning(Segment.id)
        options = {"synchronize_session": False}
        return (await self.session.scalar(statement, execution_options=options)) is not None

    async def wake_users(self, codes: Collection[str], *, now: datetime) -> None:
        """Make due what refers to the segments and has not been computed since it was made or edited."""
        table = SegmentDependency
        users = select(table.segment_id).where(
            table.account_id == self.account_id, table.kind == "segment", among(table.code, codes)
        )
        where = (
            Segment.account_id == self.account_id,
            Segment.id.in_(users),
            Segment.is_active,
            Segment.computed_revision != Segment.definition_revision,
        )
        options = {"synchronize_session": False}
        await self.session.execute(
            update(Segment).where(*where).values(due_at=now), execution_options=options
        )


async def accounts_with_due(session: AnySession, *, now: datetime) -> list[int]:
    """Accounts that have segments to recalculate, and no pass over them that waits or runs already."""
    query = select(Segment.account_id).where(
        *_due(now), Segment.failures == 0, ~_begun(Run.subject.is_(None))
    )
    return sorted((await session.execute(query.distinct())).scalars())


async def failed_due(session: AnySession, *, now: datetime) -> Sequence[Segment]:
    """Segments of all accounts that have failed and are to be tried again, and no run of theirs is begun."""
    query = select(Segment).where(*_due(now), Segment.failures > 0, ~_begun(Run.subject == Segment.code))
    return (await session.scalars(query.order_by(Segment.due_at))).all()


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Segment.is_active.is_(True), Segment.due_at <= now


def _begun(of: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a run waits or goes on already."""
    return exists().where(
        Run.account_id == Segment.account_id,
        Run.kind == RUN_KIND,
        of,
        among(Run.state, ["queued", "running"]),
    )


def _same_segment(table: type[SegmentDependency]) -> ColumnElement[bool]:
    return and_(Segment.account_id == table.account_id, Segment.id == table.segment_id)
