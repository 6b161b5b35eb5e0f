"""Structured logs: one object a line, with the ids of request and run, never a value that somebody sent."""

import logging
import sys
import traceback
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any

import structlog
from structlog.types import EventDict, Processor

QUIET = {
    "arq": logging.ERROR,
    "httpcore": logging.WARNING,  # lower lines hold headers
    "httpx": logging.WARNING,  # its lines hold URLs, in which some systems want their keys
    "sqlalchemy": logging.WARNING,
    "uvicorn.access": logging.CRITICAL,  # its lines hold query strings
}

_PACKAGE = "/clientbase/"

Logger = structlog.stdlib.BoundLogger


def configure(*, level: str, as_json: bool) -> None:
    """Send the logs of this process, also those of libraries, to standard error; call once at the start."""
    renderer: Processor = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer()
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso"),
        _describe_error,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=Logger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    remove_meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[remove_meta, renderer])
    )
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name, quiet in QUIET.items():
        logging.getLogger(name).setLevel(quiet)


def get_logger(name: str) -> Logger:
    """The logger of a module; events are snake_case names, details are keywords."""
    logger: Logger = structlog.stdlib.get_logger(name)
    return logger


def bound(**ids: object) -> AbstractContextManager[None]:
    """Put ids (request_id, run_id …) on every line logged inside, also in tasks started there."""
    return structlog.contextvars.bound_contextvars(**ids)


def _describe_error(logger: Any, method: str, event: EventDict) -> EventDict:
    """Replace `exc_info` by what holds no value: the class, the SQLSTATE and where it came from.

    Messages are left out, since those of a database quote the row and the parameters.
    """
    exc_info = event.pop("exc_info", None)
    error = _exception(exc_info)
    if error is not None:
        origin = getattr(error, "orig", error)
        event["error"] = type(error).__name__
        event["frames"] = _frames(error.__traceback__)
        if state := getattr(origin, "sqlstate", None):
            event["sqlstate"] = state
        if error.__cause__ is not None:
            event["cause"] = type(error.__cause__).__name__
    return event


def _exception(exc_info: object) -> BaseException | None:
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        error: BaseException | None = exc_info[1]
        return error
    return sys.exc_info()[1] if exc_info else None


def _frames(trace: TracebackType | None) -> list[str]:
    """Our own frames and the last one, without the folder that this machine keeps them in."""
    frames = traceback.extract_tb(trace)
    ours = [frame for frame in frames[:-1] if _PACKAGE in frame.filename]
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in [*ours, *frames[-1:]]]


def _short(filename: str) -> str:
    for folder in ("site-packages/", _PACKAGE):
        if folder in filename:
            return filename.partition(folder)[2]
    return filename.rpartition("/")[2]
