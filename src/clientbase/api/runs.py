"""Routes of runs: what is running, how far it is, and its end."""

import asyncio
import time
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Annotated

from fastapi import Depends, Header, Query, Request, Response
from sse_starlette import EventSourceResponse, ServerSentEvent

from clientbase.accounts.scopes import Scope
from clientbase.api.deps import Caller, IdPath, Paging, Read, Write
from clientbase.api.route import ApiRouter
from clientbase.kit.db import reading
from clientbase.kit.errors import not_found
from clientbase.kit.paging import Page
from clientbase.kit.schema import CODE_PATTERN, MAX_ID
from clientbase.runs import service
from clientbase.runs.schemas import ENDED, RunOut, State

PING_SECONDS = 10
LIFE_SECONDS = 3600
_AT_REST = ENDED | {State.NEEDS_REVIEW}
"""States that a run does not leave by itself."""
router = ApiRouter(tag="runs")


async def _run_id(run_id: IdPath) -> int:
    """An id that no run can have is one of no run. Raises NotFound."""
    if not 0 < run_id <= MAX_ID:
        raise not_found("run")
    return run_id


RunId = Annotated[int, Depends(_run_id)]


@router.get("/runs", scope=Scope.RUNS_READ)
async def list_runs(
    caller: Caller,
    session: Read,
    page: Paging,
    kind: Annotated[str | None, Query(pattern=CODE_PATTERN)] = None,
    state: State | None = None,
) -> Page[RunOut]:
    """Runs of long work, newest first."""
    return await service.list_page(session, account_id=caller.account.id, page=page, kind=kind, state=state)


@router.get("/runs/{run_id}", scope=Scope.RUNS_READ, errors=(404,))
async def get_run(caller: Caller, session: Read, run_id: RunId) -> RunOut:
    """One run."""
    return RunOut.of(await service.get(session, account_id=caller.account.id, run_id=run_id))


@router.post("/runs/{run_id}/cancellations", scope=Scope.RUNS_WRITE, errors=(404, 409), status_code=202)
async def cancel_run(caller: Caller, session: Write, run_id: RunId) -> RunOut:
    """Ask for the end of a run: one that waits ends at once, one that runs within seconds."""
    return RunOut.of(await service.request_cancellation(session, account_id=caller.account.id, run_id=run_id))


@router.get(
    "/runs/{run_id}/events",
    scope=Scope.RUNS_READ,
    errors=(404,),
    response_class=EventSourceResponse,
    responses={
        200: {
            "description": "Events `run`, each with the run as JSON",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        },
        204: {"description": "Where the run rests has been seen already"},
    },
)
async def follow_run(
    caller: Caller,
    request: Request,
    run_id: RunId,
    last_event_id: Annotated[str | None, Header(max_length=64)] = None,
) -> Response:
    """Server-sent events: the run now and at every change, until it has ended or waits for a review.

    A stream lives for an hour at most. A client that comes back with `Last-Event-ID` gets only what it has
    not seen; 204 tells it to stop.
    """
    sessions, account_id = request.app.state.sessions, caller.account.id
    async with reading(sessions) as session:
        now = RunOut.of(await service.get(session, account_id=account_id, run_id=run_id))
    if now.state in _AT_REST and _event_id(now) == last_event_id:
        return Response(status_code=204)
    runs = service.watch(sessions, account_id=account_id, run_id=run_id)
    return EventSourceResponse(events(runs, seen=last_event_id, seconds=LIFE_SECONDS), ping=PING_SECONDS)


async def events(
    runs: AsyncIterator[RunOut], *, seen: str | None, seconds: float
) -> AsyncIterator[ServerSentEvent]:
    """What is new of a run to who has seen an event, until the run rests or the seconds are over."""
    end = time.monotonic() + seconds
    while (run := await _next(runs, end - time.monotonic())) is not None:
        event_id = _event_id(run)
        if event_id != seen:
            yield ServerSentEvent(run.model_dump_json(), event="run", id=event_id)
        if run.state in _AT_REST:
            return


async def _next(runs: AsyncIterator[RunOut], seconds: float) -> RunOut | None:
    try:
        async with asyncio.timeout(seconds):
            return await anext(runs, None)
    except TimeoutError:
        return None


def _event_id(run: RunOut) -> str:
    """The same for the same state of a run, whichever process answers."""
    return sha256(run.model_dump_json().encode()).hexdigest()[:16]
