"""The job end to end: what HTTP starts, an executor of this process finishes."""

import json

import httpx
from sqlalchemy import text

from clientbase.accounts.schemas import AccountInfo
from clientbase.kit.db import Sessions, writing
from clientbase.runs import service as runs
from tests.search.bases import field, in_segment, make_base, tree
from tests.segments.executing import until, worker
from tests.segments.test_recalculation import BROKEN
from tests.segments.work import SEGMENTS, change, make, members, read

__all__ = ["worker"]


async def test_a_segment_is_computed_after_it_is_made_and_edited(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo, worker: None
) -> None:
    clients = await make_base(sessions, account, 20)
    await make(api, "cold", tree(field("revenue", "eq", "0.00")), kind="static")
    await make(api, "warm", tree(in_segment("cold", operator="not_in")))
    await until(api, f"{SEGMENTS}/warm", state="ready")
    assert await members(api, "warm") == {client.id for client in clients if client.revenue > 0}
    asked = await api.post(f"{SEGMENTS}/warm/recalculations")
    run = await until(api, asked.headers["location"], state="succeeded")
    nothing_wrong = {"discarded": 0, "failed": [], "needs_review": [], "diverged": []}
    assert run["result"] == {"segments": 1, "changed": 0, "unchanged": 1} | nothing_wrong
    before = await read(api, "warm")
    assert (await change(api, "warm", filter=tree(field("id", "gt", 0)))).status_code == 200
    await until(api, f"{SEGMENTS}/warm", version=before["version"] + 1)
    assert len(await members(api, "warm")) == 20


async def test_a_run_for_a_segment_that_fails_says_why(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo, worker: None
) -> None:
    await make(api, "gone", tree(field("id", "gt", 0)))
    await until(api, f"{SEGMENTS}/gone", state="ready")
    gone = '{"version": 1, "root": {"type": "field", "field": "params.gone", "operator": "not_empty"}}'
    async with writing(sessions) as session:
        await session.execute(BROKEN, {"filter": gone, "account_id": account.id, "code": "gone"})
    asked = await api.post(f"{SEGMENTS}/gone/recalculations")
    run = await until(api, asked.headers["location"], state="failed")
    error = run["error"]
    assert isinstance(error, dict)
    assert error["code"] == "FILTER_INVALID"
    assert (await read(api, "gone"))["state"] == "failed"


async def test_who_asks_who_entered_is_computed_after_that_is_told(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo, worker: None
) -> None:
    clients = await make_base(sessions, account, 10)
    ids = [client.id for client in clients]
    named = field("segment", "in", ["base"])
    entered = {"type": "action", "action": "segment.entered", "where": named}
    await make(api, "base", tree(field("id", "in", ids[:3])))
    await until(api, f"{SEGMENTS}/base", state="ready")
    await make(api, "asks", tree(entered))
    await make(api, "above", tree(in_segment("asks")))
    await until(api, f"{SEGMENTS}/above", state="ready")
    assert await members(api, "above") == set()

    poor = next(client.id for client in clients if client.id not in ids[:3])
    edited = text(
        "UPDATE segments SET filter = CAST(:filter AS jsonb), definition_revision = 2, computed_revision = 2"
        " WHERE account_id = :account_id AND code = 'base'"
    )
    async with writing(sessions) as session:
        wanted = json.dumps(tree(field("id", "in", [*ids[:3], poor])))
        await session.execute(edited, {"filter": wanted, "account_id": account.id})
        due = text("UPDATE segments SET due_at = created_at WHERE account_id = :account_id")
        await session.execute(due, {"account_id": account.id})
        run = await runs.start(session, account_id=account.id, kind="recalculate")
    ended = await until(api, f"/api/v1/runs/{run.id}", state="succeeded")
    nothing_wrong = {"discarded": 0, "failed": [], "needs_review": [], "diverged": []}
    assert ended["result"] == {"segments": 3, "changed": 3, "unchanged": 0} | nothing_wrong
    assert await members(api, "asks") == await members(api, "above") == {poor}
