"""Every statement on the runs of one account."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ColumnElement, case, func, literal_column, select, text, update
from sqlalchemy.dialects.postgresql import insert

from clientbase.kit import clock
from clientbase.kit.db import AnySession, among
from clientbase.models import Run
from clientbase.runs.schemas import ENDED, State

_AT_REST = (State.QUEUED, State.NEEDS_REVIEW)
"""Nobody works on it, so that it can be ended at once."""
_IN_REVIEW: ColumnElement[bool] = literal_column("runs.state = 'needs_review'", Boolean())
"""Written as the partial index has it."""


class RunRepository:
    """The runs of one account."""

    def __init__(self, session: AnySession, account_id: int) -> None:
        self._session = session
        self._account_id = account_id

    async def add(self, **values: Any) -> Run:
        """Insert a run, or take the one that still waits under the same (kind, dedupe_key).

        A waiting one is locked till the commit, so that no worker begins it before it can see what the
        caller has written.
        """
        now = clock.now()
        not_before = values.pop("not_before") or now
        statement = insert(Run).values(
            account_id=self._account_id, not_before=not_before, created_at=now, **values
        )
        statement = statement.on_conflict_do_update(
            index_elements=[Run.account_id, Run.kind, Run.dedupe_key],
            index_where=text("dedupe_key IS NOT NULL AND state = 'queued'"),
            set_={"not_before": func.least(Run.not_before, statement.excluded.not_before)},
        )
        found = await self._session.scalars(
            statement.returning(Run), execution_options={"populate_existing": True}
        )
        return found.one()

    async def get(self, run_id: int) -> Run | None:
        """One run, as it is in the database now."""
        found = await self._session.scalars(
            select(Run).where(*self._own(), Run.id == run_id), execution_options={"populate_existing": True}
        )
        return found.one_or_none()

    async def page(
        self, *, kind: str | None, state: State | None, below: int | None, limit: int
    ) -> Sequence[Run]:
        """Runs with an id below the given one, newest first."""
        position = [] if below is None else [Run.id < below]
        query = select(Run).where(*self._wanted(kind, state), *position).order_by(Run.id.desc()).limit(limit)
        return (await self._session.scalars(query)).all()

    async def count(self, *, kind: str | None, state: State | None) -> int:
        """How many runs there are."""
        query = select(func.count()).select_from(Run).where(*self._wanted(kind, state))
        return await self._session.scalar(query) or 0

    async def cancel(self, run_id: int, *, now: datetime) -> Run | None:
        """End a run that nobody holds, ask for the end of one that runs; None when it has ended already."""
        at_rest = among(Run.state, _AT_REST)
        statement = (
            update(Run)
            .where(*self._own(), Run.id == run_id, ~among(Run.state, sorted(ENDED)))
            .values(
                cancel_requested=True,
                state=case((at_rest, State.CANCELLED), else_=Run.state),
                finished_at=case((at_rest, now), else_=Run.finished_at),
            )
            .returning(Run)
        )
        found = await self._session.scalars(statement, execution_options={"populate_existing": True})
        return found.one_or_none()

    async def in_review(self, *, kind: str, subjects: Collection[str]) -> Sequence[Run]:
        """Runs that wait for a person, about any of the subjects; oldest first."""
        query = select(Run).where(*self._reviewed(kind, subjects)).order_by(Run.id)
        return (await self._session.scalars(query)).all()

    async def withdraw(self, *, kind: str, subjects: Collection[str], now: datetime) -> None:
        """End the runs that wait for a person, about any of the subjects."""
        statement = update(Run).where(*self._reviewed(kind, subjects))
        await self._session.execute(
            statement.values(state=State.CANCELLED, finished_at=now),
            execution_options={"synchronize_session": False},
        )

    async def accept(self, run_id: int, *, now: datetime) -> Run | None:
        """Put a run that waits for a person into the queue; None when it does not."""
        statement = (
            update(Run)
            .where(*self._own(), Run.id == run_id, _IN_REVIEW)
            .values(state=State.QUEUED, not_before=now, attempt=0, result=None)
            .returning(Run)
        )
        found = await self._session.scalars(statement, execution_options={"populate_existing": True})
        return found.one_or_none()

    def _reviewed(self, kind: str, subjects: Collection[str]) -> tuple[ColumnElement[bool], ...]:
        return (*self._own(), Run.kind == kind, among(Run.subject, subjects), _IN_REVIEW)

    def _own(self) -> tuple[ColumnElement[bool], ...]:
        return (Run.account_id == self._account_id,)

    def _wanted(self, kind: str | None, state: State | None) -> list[ColumnElement[bool]]:
        wanted = list(self._own())
        if kind is not None:
            wanted.append(Run.kind == kind)
        if state is not None:
            wanted.append(Run.state == state)
        return wanted
