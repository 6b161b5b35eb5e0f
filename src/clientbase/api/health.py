"""Health and metrics: no key, outside the versioned contract."""

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from clientbase.kit import migrations

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
async def metrics() -> Response:
    """Prometheus."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


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
