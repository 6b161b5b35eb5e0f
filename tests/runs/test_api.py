"""Runs over HTTP."""

import asyncio
from typing import Any

import httpx
import orjson
from sqlalchemy import update

from clientbase.accounts.schemas import AccountInfo
from clientbase.api.runs import events as follow
from clientbase.kit.db import Sessions, make_engine, session_factory, writing
from clientbase.models import Run
from clientbase.runs import leases, service
from clientbase.runs.leases import Lease
from clientbase.runs.schemas import State
from tests import factories
from tests.conftest import http_client
from tests.databases import Databases

RUNS = "/api/v1/runs"


async def start(sessions: Sessions, account: AccountInfo, kind: str = "recount") -> int:
    async with writing(sessions) as session:
        return (await service.start(session, account_id=account.id, kind=kind, subject="vip")).id


async def begin(sessions: Sessions) -> Lease:
    async with writing(sessions) as session:
        (claim,) = await leases.claim(session, kinds=["recount"], owner="me", limit=1, lease_seconds=60)
        return claim.lease


async def finish(sessions: Sessions, lease: Lease) -> None:
    async with writing(sessions) as session:
        await leases.save(
            session, lease, cursor=None, progress={"total": 2, "done": 2}, moved=False, lease_seconds=60
        )
        await leases.finish(session, lease, State.SUCCEEDED, result={"size": 2})


def events(body: str) -> list[dict[str, Any]]:
    """The events of a stream, comments left out."""
    blocks = [block.splitlines() for block in body.replace("\r\n", "\n").split("\n\n") if block.strip()]
    fields = [dict(line.split(": ", 1) for line in block if not line.startswith(":")) for block in blocks]
    return [{**field, "data": orjson.loads(field["data"])} for field in fields if "data" in field]


async def test_a_run_tells_where_it_is(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    run_id = await start(sessions, account)
    waiting = (await api.get(f"{RUNS}/{run_id}")).json()
    await finish(sessions, await begin(sessions))
    done = (await api.get(f"{RUNS}/{run_id}")).json()
    assert waiting | {"created_at": None} == {
        "id": run_id,
        "kind": "recount",
        "subject": "vip",
        "state": "queued",
        "progress": {"total": None, "done": 0, "created": 0, "updated": 0, "skipped": 0, "rejected": 0},
        "created_at": None,
        "started_at": None,
        "finished_at": None,
        "error": None,
        "result": None,
    }
    assert (done["state"], done["progress"]["done"], done["result"]) == ("succeeded", 2, {"size": 2})
    assert done["created_at"] <= done["started_at"] <= done["finished_at"]


async def test_the_list_is_filtered_and_paged(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    ids = [await start(sessions, account) for _ in range(3)]
    await start(sessions, account, kind="other")
    first = (await api.get(RUNS, params={"kind": "recount", "limit": 2})).json()
    rest = (
        await api.get(RUNS, params={"kind": "recount", "limit": 2, "cursor": first["next_cursor"]})
    ).json()
    assert [run["id"] for run in first["items"] + rest["items"]] == ids[::-1]
    assert (first["total"]["value"], rest["next_cursor"]) == (3, None)
    assert (await api.get(RUNS, params={"state": "failed"})).json()["items"] == []
    assert (await api.get(RUNS, params={"state": "flying"})).status_code == 422


async def test_a_run_can_be_cancelled_until_it_has_ended(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    done = await start(sessions, account)
    await finish(sessions, await begin(sessions))
    waiting = await start(sessions, account)
    cancelled = await api.post(f"{RUNS}/{waiting}/cancellations")
    refused = await api.post(f"{RUNS}/{done}/cancellations")
    assert (cancelled.status_code, cancelled.json()["state"]) == (202, "cancelled")
    assert (refused.status_code, refused.json()["code"]) == (409, "RUN_ENDED")


async def test_another_accounts_run_is_absent_everywhere(
    other_api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    run_id = await start(sessions, account)
    answers = [
        await other_api.get(f"{RUNS}/{run_id}"),
        await other_api.get(f"{RUNS}/{run_id}/events"),
        await other_api.post(f"{RUNS}/{run_id}/cancellations"),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert (await other_api.get(RUNS)).json()["items"] == []


async def test_ids_that_no_run_can_have_are_absent(api: httpx.AsyncClient) -> None:
    for run_id in ("0", "-1", str(2**53), str(2**63)):
        for answer in (
            await api.get(f"{RUNS}/{run_id}"),
            await api.get(f"{RUNS}/{run_id}/events"),
            await api.post(f"{RUNS}/{run_id}/cancellations"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    assert (await api.get(f"{RUNS}/x")).status_code == 422


async def test_reading_does_not_allow_cancelling(sessions: Sessions, account: AccountInfo) -> None:
    run_id = await start(sessions, account)
    key = await factories.create_key(sessions, account, scopes=["runs:read"])
    async with http_client(sessions, key) as reader:
        assert (await reader.get(f"{RUNS}/{run_id}")).status_code == 200
        assert (await reader.post(f"{RUNS}/{run_id}/cancellations")).status_code == 403


async def test_events_follow_a_run_to_its_end(databases: Databases) -> None:
    """In a database of its own: the stream reads while the worker writes."""
    engine = make_engine(databases.clone("events").service_url)
    sessions = session_factory(engine)
    account = await factories.create_account(sessions)
    run_id = await start(sessions, account)
    async with http_client(sessions, await factories.create_key(sessions, account)) as api:
        stream = asyncio.create_task(api.get(f"{RUNS}/{run_id}/events"))
        await finish(sessions, await begin(sessions))
        answer = await asyncio.wait_for(stream, 10)
    await engine.dispose()
    seen = events(answer.text)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert {event["event"] for event in seen} == {"run"}
    assert seen[-1]["data"]["state"] == "succeeded"
    assert seen[-1]["data"]["progress"]["done"] == 2


async def test_who_comes_back_gets_only_what_is_new_and_is_told_to_stop(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    run_id = await start(sessions, account)
    await finish(sessions, await begin(sessions))
    (event,) = events((await api.get(f"{RUNS}/{run_id}/events")).text)
    again = await api.get(f"{RUNS}/{run_id}/events", headers={"Last-Event-ID": event["id"]})
    stale = await api.get(f"{RUNS}/{run_id}/events", headers={"Last-Event-ID": "something else"})
    assert (again.status_code, again.content) == (204, b"")
    assert events(stale.text) == [event]


async def test_the_events_of_a_run_that_waits_for_a_review_end(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    run_id = await start(sessions, account)
    async with writing(sessions) as session:
        await session.execute(update(Run).where(Run.id == run_id).values(state=State.NEEDS_REVIEW))
    answer = await asyncio.wait_for(api.get(f"{RUNS}/{run_id}/events"), 10)
    (event,) = events(answer.text)
    assert event["data"]["state"] == "needs_review"
    again = await api.get(f"{RUNS}/{run_id}/events", headers={"Last-Event-ID": event["id"]})
    assert again.status_code == 204


async def test_a_stream_of_events_lives_for_a_time(sessions: Sessions, account: AccountInfo) -> None:
    run_id = await start(sessions, account)
    runs = service.watch(sessions, account_id=account.id, run_id=run_id)
    stream = follow(runs, seen=None, seconds=0.2)
    seen = await asyncio.wait_for(anext(stream), 10)
    assert seen.event == "run"
    assert await asyncio.wait_for(anext(stream, None), 10) is None
