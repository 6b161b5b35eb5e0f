"""Deletions at the very moment of something else: each answers as if it had come just before or after."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest
from sqlalchemy import delete, text

from clientbase.accounts.schemas import AccountInfo
from clientbase.kit.db import Sessions, WriteSession, writing
from clientbase.models import Segment
from clientbase.segments import service
from clientbase.segments.membership import remove_clients
from clientbase.tags.service import delete_tag
from tests.blocking import until_blocked
from tests.search.bases import field, make_base, tree
from tests.segments.work import SEGMENTS, make

RICH = tree(field("revenue", "gte", "10000.00"))
Step = Callable[[WriteSession], Awaitable[None]]


async def _meanwhile(sessions: Sessions, step: Step, request: Awaitable[httpx.Response]) -> httpx.Response:
    """The answer to a request that is held back by the transaction of a step until it is committed."""
    async with writing(sessions) as session:
        await step(session)
        asked = asyncio.ensure_future(request)
        await until_blocked(sessions)
    return await asked


def _hiding(account: AccountInfo, code: str) -> Step:
    """Deletes a segment; who has read its row waits for the catalogue meanwhile."""

    async def step(session: WriteSession) -> None:
        await session.execute(text("LOCK TABLE params IN ACCESS EXCLUSIVE MODE"))
        await session.execute(delete(Segment).where(Segment.account_id == account.id, Segment.code == code))

    return step


def _deleting(account: AccountInfo, code: str) -> Step:
    async def step(session: WriteSession) -> None:
        await service.delete(session, account=account, code=code)

    return step


async def test_a_segment_that_goes_while_it_is_read_is_not_found(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    await make(api, "going", RICH)
    answer = await _meanwhile(sessions, _hiding(account, "going"), api.get(f"{SEGMENTS}/going"))
    assert answer.status_code == 404


async def test_a_list_leaves_out_what_goes_while_it_is_read(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    for code in ("going", "staying"):
        await make(api, code, RICH)
    answer = await _meanwhile(sessions, _hiding(account, "going"), api.get(SEGMENTS))
    assert answer.status_code == 200
    assert [item["code"] for item in answer.json()["items"]] == ["staying"]


@pytest.mark.parametrize(
    ("path", "body"),
    [("copies", {}), ("member-additions", {"ids": [1]}), ("member-removals", {"ids": [1]})],
)
async def test_what_is_asked_of_a_segment_that_goes_is_not_found(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo, path: str, body: dict[str, object]
) -> None:
    await make(api, "going", None, kind="manual")
    request = api.post(f"{SEGMENTS}/going/{path}", json=body)
    answer = await _meanwhile(sessions, _deleting(account, "going"), request)
    assert answer.status_code == 404


async def test_clients_go_while_a_segment_goes(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    ids = [client.id for client in await make_base(sessions, account, 2)]
    await make(api, "going", None, kind="manual")
    await api.post(f"{SEGMENTS}/going/member-additions", json={"ids": ids})

    async def remove() -> None:
        async with writing(sessions) as session:
            await remove_clients(session, account_id=account.id, client_ids=ids[:1])

    async with writing(sessions) as session:
        await service.delete(session, account=account, code="going")
        removal = asyncio.ensure_future(remove())
        await until_blocked(sessions)
    await removal
    assert (await api.get(SEGMENTS)).json()["items"] == []


async def test_a_filter_cannot_begin_to_use_what_is_being_deleted(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    await api.post("/api/v1/tags", json={"code": "vip", "name": "VIP"})

    async def step(session: WriteSession) -> None:
        await delete_tag(session, account_id=account.id, code="vip")

    body = {"name": "vips", "filter": tree(field("tags", "has_any", ["vip"]))}
    answer = await _meanwhile(sessions, step, api.post(SEGMENTS, json=body))
    assert answer.status_code == 422
