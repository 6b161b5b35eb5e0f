"""The HTTP application: built and wired here, nothing else."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI
from redis.asyncio import Redis
from redis.exceptions import RedisError

from clientbase import __version__
from clientbase.api import PREFIX, ROUTERS, description, docs, errors, health
from clientbase.api.limits import Limiter
from clientbase.api.middleware import RequestMiddleware
from clientbase.api.turns import Turns
from clientbase.config import settings
from clientbase.jobs.doorbell import Doorbell
from clientbase.kit import collector, logging, tracing
from clientbase.kit.db import Sessions, make_engine, session_factory
from clientbase.search.leaf_store import CARRIED, LeafStore

DESCRIPTION = """One base of clients, cut by nested filters, with segments kept true.

Authenticate with `Authorization: Bearer cb_<id>_<secret>`. Errors are RFC 9457 problems with a stable `code`
and JSON pointers; lists are keyset pages; long work answers 202 with the address of a run."""


def create_app(sessions: Sessions | None = None) -> FastAPI:
    """The application; with `sessions` given (tests) it opens no engine of its own."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if sessions is not None:
            yield
            return
        logging.configure(level=settings().log_level, as_json=settings().log_json)
        engine, doorbell = make_engine(settings().database_url), Doorbell(settings().redis_url)
        collector.calm()
        store = LeafStore(settings().redis_url)
        app.state.sessions = session_factory(engine, ring=doorbell.ring, carried={CARRIED: store})
        yield
        await store.close()
        await doorbell.close()
        await engine.dispose()

    app = FastAPI(
        title="clientbase",
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        lifespan=lifespan,
    )
    app.state.sessions = sessions
    app.state.limiter = Limiter(settings().redis_url)
    app.state.turns = Turns()
    app.state.ping_redis = _ping(settings().redis_url)
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX)
    app.include_router(health.router)
    app.include_router(docs.router)
    errors.install(app)
    description.install(app)
    app.add_middleware(RequestMiddleware)
    tracing.instrument(app)
    return app


def _ping(url: str) -> Callable[[], Awaitable[bool]]:
    """A check of Redis, bounded to a quarter of a second."""
    redis = Redis.from_url(url, socket_timeout=0.25, socket_connect_timeout=0.25) if url else None

    async def ping() -> bool:
        try:
            return redis is not None and bool(await redis.ping())
        except (RedisError, OSError):
            return False

    return ping
