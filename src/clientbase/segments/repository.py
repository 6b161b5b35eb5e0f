"""SQL of segments: rows, references, locks."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, exists, insert, or_, select, text, update

from clientbase.kit.db import AnySession, among
from clientbase.models import Run, Segment, SegmentDependency
from clientbase.segments.graph import Graph
from clientbase.segments.schemas import State

RUN_KIND = "recalculate"
_LOCK_DEFINITIONS = text("SELECT pg_advisory_xact_lock(hashtextextended('segments', :account_id))")
_RUNNING = exists().where(
    Run.account_id == Segment.account_id,
    Run.kind == RUN_KIND,
    Run.state == "running",
    or_(Run.subject == Segment.code, and_(Run.subject.is_(None), Segment.due_at <= Run.started_at)),
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
        await self.session.execute(_LOCK_DEFINITIONS, {"account_id": self.account_id})

    async def by_code(self, code: str) -> tuple[Segment, str] | None:
        """One segment with its state as shown."""
        query = select(Segment, STATE).where(Segment.account_id == self.account_id, Segment.code == code)
        found = await self.session.execute(query, execution_options={"populate_existing": True})
        row = found.one_or_none()
        return None if row is None else (row[0], row[1])

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

    async def update_if(
        self,
        segment_id: int,
        *,
        version: int,
        values: dict[str, Any],
        definition_revision: int | None = None,
    ) -> bool:
        """Write values unless the members, or the filter where its revision is given, have changed."""
        where = [
            Segment.account_id == self.account_id,
            Segment.id == segment_id,
            Segment.version == version,
        ]
        if definition_revision is not None:
            where.append(Segment.definition_revision == definition_revision)
        statement = update(Segment).where(*where).values(**values).returning(Segment.id)
        options = {"synchronize_session": False}
        return (await self.session.scalar(statement, execution_options=options)) is not None


async def accounts_with_due(session: AnySession, *, now: datetime) -> list[int]:
    """Accounts that have segments to recalculate, and no pass over them that waits or runs already."""
    begun = exists().where(
        Run.account_id == Segment.account_id,
        Run.kind == RUN_KIND,
        Run.subject.is_(None),
        among(Run.state, ["queued", "running"]),
    )
    query = select(Segment.account_id).where(Segment.is_active, Segment.due_at <= now, ~begun)
    return sorted((await session.execute(query.distinct())).scalars())


def _same_segment(table: type[SegmentDependency]) -> ColumnElement[bool]:
    return and_(Segment.account_id == table.account_id, Segment.id == table.segment_id)
