"""What tests of segments do over and over: make segments over HTTP and let the worker's use case run."""

from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import update

from clientbase.accounts.schemas import AccountInfo
from clientbase.kit.db import Sessions, writing
from clientbase.models import Segment
from clientbase.segments import recalculate
from clientbase.segments.recalculate import Report

SEGMENTS = "/api/v1/segments"


async def make(
    api: httpx.AsyncClient, code: str, filter: dict[str, Any] | None, **extra: Any
) -> dict[str, Any]:
    """A segment made over HTTP."""
    answer = await api.post(SEGMENTS, json={"code": code, "name": code, "filter": filter, **extra})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def recount(sessions: Sessions, account: AccountInfo, segment_id: int | None = None) -> Report:
    """What the job does: evaluate in a snapshot, swap in a transaction."""
    found = await recalculate.evaluate(sessions, account=account, segment_id=segment_id)
    async with writing(sessions) as session:
        return await recalculate.write(session, account_id=account.id, found=found)


async def members(api: httpx.AsyncClient, code: str) -> set[int]:
    """The ids of all members."""
    answer = await api.get(f"{SEGMENTS}/{code}/clients", params={"limit": 1000, "fields": "id"})
    assert answer.status_code == 200, answer.text
    return {item["id"] for item in answer.json()["items"]}


async def read(api: httpx.AsyncClient, code: str) -> dict[str, Any]:
    """One segment."""
    found: dict[str, Any] = (await api.get(f"{SEGMENTS}/{code}")).json()
    return found


async def change(api: httpx.AsyncClient, code: str, **values: Any) -> httpx.Response:
    """A PATCH with the ETag that is current."""
    tag = (await api.get(f"{SEGMENTS}/{code}")).headers["etag"]
    return await api.patch(f"{SEGMENTS}/{code}", json=values, headers={"If-Match": tag})


async def events(api: httpx.AsyncClient, code: str) -> list[tuple[str, int]]:
    """The whole feed, in small pages."""
    found: list[tuple[str, int]] = []
    cursor: str | None = None
    while True:
        params: dict[str, Any] = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = (await api.get(f"{SEGMENTS}/{code}/events", params=params)).json()
        found += [(event["kind"], event["client_id"]) for event in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


async def make_due(sessions: Sessions, account: AccountInfo) -> None:
    """Let all segments wait for their recalculation, as when their time has come."""
    async with writing(sessions) as session:
        past = Segment.created_at - timedelta(hours=1)
        await session.execute(update(Segment).where(Segment.account_id == account.id).values(due_at=past))
