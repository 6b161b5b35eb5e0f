"""Runs: starting, looking, cancelling, following."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from clientbase.kit import clock
from clientbase.kit.db import AnySession, Sessions, WriteSession, among, reading, ring_after_commit
from clientbase.kit.errors import Conflict, not_found
from clientbase.kit.paging import Keyset, Page, PageRequest
from clientbase.models import Run
from clientbase.runs.repository import RunRepository
from clientbase.runs.schemas import Backlog, RunOut, State

WATCH_SECONDS = 1.0


async def start(
    session: WriteSession,
    *,
    account_id: int,
    kind: str,
    subject: str | None = None,
    params: dict[str, Any] | None = None,
    dedupe_key: str | None = None,
    not_before: datetime | None = None,
    created_by: str | None = None,
) -> Run:
    """Begin long work: the only way to. Workers are rung when the caller's transaction has been committed.

    `params` hold ids and choices, never personal data. With a `dedupe_key` the run of the same kind and key
    that no worker has begun yet is returned instead of a second one: it will see what the caller has written.
    `not_before` delays the first attempt.
    """
    run = await RunRepository(session, account_id).add(
        kind=kind,
        subject=subject,
        params=params or {},
        dedupe_key=dedupe_key,
        not_before=not_before,
        created_by=created_by,
    )
    ring_after_commit(session, run.id)
    return run


async def get(session: AnySession, *, account_id: int, run_id: int) -> Run:
    """One run. Raises NotFound."""
    run = await RunRepository(session, account_id).get(run_id)
    if run is None:
        raise not_found("run")
    return run


async def list_page(
    session: AnySession,
    *,
    account_id: int,
    page: PageRequest,
    kind: str | None = None,
    state: State | None = None,
) -> Page[RunOut]:
    """Runs, newest first. Raises Malformed for a cursor of another list."""
    runs = RunRepository(session, account_id)
    keyset = Keyset(page, "runs", account_id, kind, state)
    return await keyset.answer(
        await runs.page(kind=kind, state=state, below=keyset.after_one, limit=keyset.take),
        make=RunOut.of,
        position=lambda run: [run.id],
        total=lambda: runs.count(kind=kind, state=state),
    )


async def request_cancellation(session: WriteSession, *, account_id: int, run_id: int) -> Run:
    """End a run that waits, or ask the worker to stop one that runs; to ask again changes nothing.

    Raises NotFound; Conflict (RUN_ENDED) when it has succeeded or failed.
    """
    run = await RunRepository(session, account_id).cancel(run_id, now=clock.now())
    if run is None:
        run = await get(session, account_id=account_id, run_id=run_id)
        if run.state != State.CANCELLED:
            raise Conflict("RUN_ENDED", "The run has ended already.")
    return run


async def put_up(
    session: WriteSession,
    *,
    account_id: int,
    kind: str,
    subject: str,
    params: dict[str, Any],
    result: dict[str, Any],
) -> Run:
    """A run that begins by waiting for a person; `result` tells what it would do, `params` are its own."""
    return await RunRepository(session, account_id).add(
        kind=kind,
        subject=subject,
        params=params,
        dedupe_key=None,
        not_before=None,
        state=State.NEEDS_REVIEW,
        result=result,
    )


async def in_review(
    session: AnySession, *, account_id: int, kind: str, subjects: Collection[str]
) -> Sequence[Run]:
    """Runs of a kind that wait for a person, about any of the subjects; oldest first."""
    return await RunRepository(session, account_id).in_review(kind=kind, subjects=subjects)


async def withdraw(session: WriteSession, *, account_id: int, kind: str, subjects: Collection[str]) -> None:
    """End the runs of a kind that wait for a person, about any of the subjects: nothing is to be decided."""
    await RunRepository(session, account_id).withdraw(kind=kind, subjects=subjects, now=clock.now())


async def accept(session: WriteSession, *, account_id: int, run_id: int) -> Run:
    """Let a run that waits for a person go on. Raises Conflict (NOT_IN_REVIEW)."""
    run = await RunRepository(session, account_id).accept(run_id, now=clock.now())
    if run is None:
        raise Conflict("NOT_IN_REVIEW", "The run does not wait for a review.")
    ring_after_commit(session, run.id)
    return run


async def watch(sessions: Sessions, *, account_id: int, run_id: int) -> AsyncIterator[RunOut]:
    """A run now and each time that it has changed, until it has ended. Raises NotFound."""
    seen: RunOut | None = None
    while seen is None or not seen.ended:
        async with reading(sessions) as session:
            now = RunOut.of(await get(session, account_id=account_id, run_id=run_id))
        if now != seen:
            yield now
        seen = now
        if not seen.ended:
            await asyncio.sleep(WATCH_SECONDS)


async def backlog(session: AnySession) -> list[Backlog]:
    """What waits and what runs, of all accounts: for the metrics of the service."""
    open_states = [State.QUEUED, State.RUNNING, State.NEEDS_REVIEW]
    oldest = func.extract("epoch", clock.now() - func.min(Run.created_at))
    query = (
        select(Run.kind, Run.state, func.count().label("count"), oldest.label("oldest_seconds"))
        .where(among(Run.state, open_states))
        .group_by(Run.kind, Run.state)
    )
    return [
        Backlog(kind=kind, state=State(state), count=count, oldest_seconds=float(seconds))
        for kind, state, count, seconds in await session.execute(query)
    ]
