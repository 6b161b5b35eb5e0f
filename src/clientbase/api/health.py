"""Health and metrics: no key, outside the versioned contract."""

from contextlib import suppress

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from clientbase.kit import migrations
from clientbase.kit.db import reading
from clientbase.kit.metrics import (
    EVENTS_WAITING,
    LIVE_CHANGES_WAITING,
    LIVE_LAG_SECONDS,
    RUNS_OLDEST_SECONDS,
    RUNS_OPEN,
)
from clientbase.runs.schemas import Backlog
from clientbase.runs.service import backlog
from clientbase.segments import live_repository as live
from clientbase.segments.telling_repository import events_untold

router = APIRouter(include_in_schema=False)


@router.get("/livez")
async def livez() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz")
async def readyz(request: Request, response: Response) -> dict[str, str]:
    """The database answers and has the schema of this code; without Redis the service is degraded only."""
    answer = {"database": await _database(request), "redis": await _redis(request)}
    if answer["database"] != "ok":
        response.status_code = 503
        response.headers["Retry-After"] = "2"
        return {"status": "unavailable", **answer}
    return {"status": "ok" if answer["redis"] == "ok" else "degraded", **answer}


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Prometheus; with what waits and runs, where the database answers."""
    with suppress(SQLAlchemyError, OSError):
        async with reading(request.app.state.sessions) as session:
            _show_runs(await backlog(session))
            changes, seconds = await live.backlog(session)
            LIVE_CHANGES_WAITING.set(changes)
            LIVE_LAG_SECONDS.set(seconds)
            EVENTS_WAITING.set(await events_untold(session))
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _show_runs(found: list[Backlog]) -> None:
    for gauge in (RUNS_OPEN, RUNS_OLDEST_SECONDS):
        gauge.clear()
    for row in found:
        RUNS_OPEN.labels(row.kind, row.state).set(row.count)
        RUNS_OLDEST_SECONDS.labels(row.kind, row.state).set(row.oldest_seconds)


async def _database(request: Request) -> str:
    try:
        async with request.app.state.sessions() as session:
            found = await session.scalar(text("SELECT version_num FROM alembic_version"))
    except (SQLAlchemyError, OSError):
        return "unreachable"
    return "ok" if found == migrations.head() else "schema is not at head"


async def _redis(request: Request) -> str:
    ping = request.app.state.ping_redis
    return "ok" if ping is not None and await ping() else "unreachable"
