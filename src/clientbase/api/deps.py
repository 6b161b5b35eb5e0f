"""What routes ask for: sessions, the caller, pages, the language of the answer."""

from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import Depends, Path, Query, Request

from clientbase.accounts.schemas import Caller as CallerInfo
from clientbase.api import idempotency
from clientbase.kit.db import ReadSession, WriteSession, reading, writing
from clientbase.kit.json import check_text
from clientbase.kit.paging import DEFAULT_LIMIT, MAX_LIMIT, PageRequest


async def _read_session(request: Request) -> AsyncIterator[ReadSession]:
    async with reading(request.app.state.sessions) as session:
        yield session


async def _snapshot_session(request: Request) -> AsyncIterator[ReadSession]:
    async with reading(request.app.state.sessions, snapshot=True) as session:
        yield session


async def _write_session(request: Request) -> AsyncIterator[WriteSession]:
    async with writing(request.app.state.sessions) as session:
        await idempotency.begin(session, request)
        yield session


def _caller(request: Request) -> CallerInfo:
    caller: CallerInfo = request.state.caller
    return caller


def _page(
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Rows of a page")] = DEFAULT_LIMIT,
    cursor: Annotated[
        str | None, Query(max_length=4096, description="`next_cursor` of the page before")
    ] = None,
    count: Annotated[Literal["exact", "none"], Query(description="`none` leaves the total out")] = "exact",
) -> PageRequest:
    if cursor is not None:
        check_text(cursor)
    return PageRequest(limit, cursor, count == "exact")


def _language(request: Request) -> Literal["ru", "en"]:
    """The first of the two languages that the caller accepts; Russian otherwise."""
    wanted = [
        part.split(";")[0].strip()[:2].lower()
        for part in request.headers.get("accept-language", "").split(",")
    ]
    first = next((tag for tag in wanted if tag in ("ru", "en")), "ru")
    return "en" if first == "en" else "ru"


CodePath = Annotated[str, Path(min_length=1, max_length=255, description="The code of it")]
IdPath = Annotated[int, Path(description="The id of it")]
Read = Annotated[ReadSession, Depends(_read_session, scope="function")]
Snapshot = Annotated[ReadSession, Depends(_snapshot_session, scope="function")]
"""Everything read through it is of one instant."""
Write = Annotated[WriteSession, Depends(_write_session, scope="function")]
Caller = Annotated[CallerInfo, Depends(_caller)]
Paging = Annotated[PageRequest, Depends(_page)]
Language = Annotated[Literal["ru", "en"], Depends(_language)]
