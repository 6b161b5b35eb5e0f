"""The guard: members that would leave in a crowd stay until somebody has accepted it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from clientbase.accounts.schemas import AccountInfo
from clientbase.kit.db import Sessions
from clientbase.segments.live import Memory
from tests.search.bases import field, in_segment, tree
from tests.segments.executing import until, worker
from tests.segments.keeping import at, memory, sessions
from tests.segments.rounds import go_live, live_round, settle
from tests.segments.work import SEGMENTS, change, make, make_due, members, read, recount

__all__ = ["at", "memory", "sessions", "worker"]

IN_OMSK = tree(field("city", "eq", "Омск"))
NOON = datetime(2026, 3, 1, 9, tzinfo=UTC)


async def put(api: httpx.AsyncClient, numbers: range, **values: Any) -> list[int]:
    """Clients by number, all with these values; their ids."""
    items = [{"identities": [{"source": "shop", "external_id": str(n)}], **values} for n in numbers]
    answer = await api.post("/api/v1/clients/batch", json={"items": items})
    assert answer.status_code in (200, 207), answer.text[:500]
    return [item["id"] for item in answer.json()["items"]]


async def review(api: httpx.AsyncClient, code: str, decision: str, run_id: int) -> httpx.Response:
    """Decide about what a run has put up."""
    return await api.post(f"{SEGMENTS}/{code}/reviews", json={"run_id": run_id, "decision": decision})


async def shrink(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo, memory: Memory
) -> list[int]:
    """Two hundred live members, of whom a fact then removes 150; the ids of those who stay."""
    ids = await put(api, range(200), city="Омск")
    await make(api, "omsk", IN_OMSK)
    await make(api, "others", tree(in_segment("omsk", operator="not_in")))
    await go_live(sessions, account, memory)
    await put(api, range(50, 200), city="Тверь")
    return ids[:50]


async def test_a_crowd_that_would_leave_a_live_segment_stays_until_it_is_accepted(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo, memory: Memory, worker: None
) -> None:
    staying = await shrink(api, sessions, account, memory)
    report = await live_round(sessions, account, memory)
    assert [one.segment.code for one in report.stopped] == ["omsk"]
    await settle(sessions, account, memory)
    segment = await read(api, "omsk")
    assert (segment["state"], segment["size"], segment["error"]["code"]) == (
        "needs_review", 200, "TOO_MANY_LEAVE",
    )  # fmt: skip
    asked = segment["review"]
    assert (asked["size"], asked["leaving"], asked["entering"]) == (200, 150, 0)
    assert await members(api, "others") == set(), "what rests on it sees those who stayed"
    run = (await api.get(f"/api/v1/runs/{asked['run_id']}")).json()
    assert (run["state"], run["subject"]) == ("needs_review", "omsk")
    assert run["result"]["needs_review"][0]["leaving"] == 150
    waiting = (await api.get("/api/v1/runs", params={"state": "needs_review"})).json()["items"]
    assert [one["id"] for one in waiting] == [asked["run_id"]]

    answer = await review(api, "omsk", "accepted", asked["run_id"])
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    await until(api, answer.headers["location"], state="succeeded")
    assert await members(api, "omsk") == set(staying)
    segment = await read(api, "omsk")
    assert (segment["state"], segment["review"], segment["error"]) == ("ready", None, None)
    await settle(sessions, account, memory)
    assert len(await members(api, "others")) == 150
    again = await review(api, "omsk", "accepted", asked["run_id"])
    assert (again.status_code, again.json()["code"]) == (409, "NOT_IN_REVIEW")


async def test_who_was_refused_to_leave_stays_and_the_next_recount_asks_again(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo, memory: Memory
) -> None:
    await shrink(api, sessions, account, memory)
    await settle(sessions, account, memory)
    first = (await read(api, "omsk"))["review"]["run_id"]
    assert (await review(api, "omsk", "refused", first)).json()["state"] == "cancelled"
    segment = await read(api, "omsk")
    assert (segment["state"], segment["size"], segment["review"]) == ("needs_review", 200, None)
    await make_due(sessions, account)
    assert [one.leaving for one in (await recount(sessions, account)).stopped] == [150]
    second = (await read(api, "omsk"))["review"]["run_id"]
    assert second > first
    await put(api, range(50, 200), city="Омск")
    await make_due(sessions, account)
    assert (await recount(sessions, account)).stopped == ()
    segment = await read(api, "omsk")
    assert (segment["state"], segment["size"], segment["review"]) == ("ready", 200, None)
    assert (await api.get(f"/api/v1/runs/{second}")).json()["state"] == "cancelled"


async def test_a_recalculation_that_was_asked_for_rests_in_review_itself(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo, memory: Memory, worker: None
) -> None:
    ids = await put(api, range(200), city="Омск")
    made = await make(api, "omsk", IN_OMSK, kind="static")
    await until(api, f"{SEGMENTS}/omsk", state="ready")
    await put(api, range(120), city="Тверь")
    asked = await api.post(f"{SEGMENTS}/omsk/recalculations")
    run = await until(api, asked.headers["location"], state="needs_review")
    assert run["finished_at"] is None
    assert (await read(api, made["code"]))["review"]["run_id"] == run["id"]
    await put(api, range(120, 200), city="Тверь")
    answer = await review(api, "omsk", "accepted", run["id"])
    await until(api, answer.headers["location"], state="succeeded")
    assert await members(api, "omsk") == set(), f"80 more are too few to ask again about: {len(ids)}"


async def test_many_more_than_were_accepted_are_put_up_again(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo, memory: Memory, worker: None
) -> None:
    await put(api, range(400), city="Омск")
    await make(api, "omsk", IN_OMSK, kind="static")
    await until(api, f"{SEGMENTS}/omsk", state="ready")
    await put(api, range(210), city="Тверь")
    asked = await api.post(f"{SEGMENTS}/omsk/recalculations")
    run = await until(api, asked.headers["location"], state="needs_review")
    await put(api, range(210, 400), city="Тверь")
    await review(api, "omsk", "accepted", run["id"])
    run = await until(api, asked.headers["location"], state="needs_review")
    assert (await read(api, "omsk"))["review"]["leaving"] == 400


@pytest.mark.parametrize(
    ("leaving", "extra", "is_stopped"),
    [
        (99, {}, False),
        (100, {}, False),
        (101, {}, True),
        (150, {"shrink_limit_percent": 75}, False),
        (151, {"shrink_limit_percent": 75}, True),
        (200, {"shrink_limit_percent": 100}, False),
    ],
)
async def test_the_limit_is_a_share_and_a_hundred_clients(
    api: httpx.AsyncClient,
    sessions: Sessions,
    account: AccountInfo,
    leaving: int,
    extra: dict[str, Any],
    is_stopped: bool,
) -> None:
    await put(api, range(200), city="Омск")
    await make(api, "omsk", IN_OMSK, **extra)
    await recount(sessions, account)
    await put(api, range(leaving), city="Тверь")
    await make_due(sessions, account)
    assert bool((await recount(sessions, account)).stopped) is is_stopped
    assert (await read(api, "omsk"))["size"] == (200 if is_stopped else 200 - leaving)


async def test_an_edit_is_asked_about_unless_it_says_that_it_was_looked_at(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    ids = await put(api, range(200), city="Омск")
    await make(api, "omsk", IN_OMSK)
    await recount(sessions, account)
    none = tree(field("city", "eq", "Тверь"))
    for wanted, is_stopped in ((none, True), (IN_OMSK, False)):
        seen = (await api.post(f"{SEGMENTS}/omsk/edit-previews", json={"filter": wanted})).json()
        assert (seen["leave"] > 0, seen["needs_review"]) == (is_stopped, is_stopped)
    await change(api, "omsk", filter=none)
    assert [one.leaving for one in (await recount(sessions, account)).stopped] == [200]
    assert await members(api, "omsk") == set(ids)
    first = (await read(api, "omsk"))["review"]["run_id"]
    await change(api, "omsk", filter=tree(field("city", "eq", "Пермь")), accept_shrink=True)
    assert (await read(api, "omsk"))["review"] is None, "it was about another filter"
    assert (await review(api, "omsk", "accepted", first)).status_code == 409
    assert (await recount(sessions, account)).stopped == ()
    assert await members(api, "omsk") == set()


async def test_whom_time_alone_moves_out_needs_no_consent(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo, memory: Memory, at: Path
) -> None:
    at.write_text(NOON.isoformat())
    await put(api, range(150), birth_date="1990-03-01", city="Омск")
    today = field("birth_date", "eq", "now") | {"ignore_year": True}
    await make(api, "birthday", tree(today))
    await make(api, "in-omsk", tree(today, field("city", "eq", "Омск")))
    await go_live(sessions, account, memory)
    await put(api, range(150), city="Тверь")
    report = await live_round(sessions, account, memory)
    assert [one.segment.code for one in report.stopped] == ["in-omsk"], "by a fact"
    at.write_text((NOON + timedelta(days=1)).isoformat())
    assert (await live_round(sessions, account, memory)).stopped == ()
    assert await members(api, "birthday") == set()


@pytest.mark.parametrize("how", ["deleted", "inactive", "cancelled"])
async def test_a_review_ends_with_its_segment(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo, memory: Memory, how: str
) -> None:
    await shrink(api, sessions, account, memory)
    await settle(sessions, account, memory)
    run_id = (await read(api, "omsk"))["review"]["run_id"]
    if how == "deleted":
        for code in ("others", "omsk"):
            await api.delete(f"{SEGMENTS}/{code}", headers={"If-Match": "*"})
    elif how == "inactive":
        await change(api, "omsk", is_active=False)
    else:
        await api.post(f"/api/v1/runs/{run_id}/cancellations")
    assert (await api.get(f"/api/v1/runs/{run_id}")).json()["state"] == "cancelled"
    expected = 404 if how == "deleted" else 409
    assert (await review(api, "omsk", "accepted", run_id)).status_code == expected


async def test_segments_are_found_by_freshness_and_error(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo, memory: Memory, at: Path
) -> None:
    at.write_text(NOON.isoformat())
    await shrink(api, sessions, account, memory)
    await settle(sessions, account, memory)
    at.write_text((NOON + timedelta(hours=5)).isoformat())
    await live_round(sessions, account, memory)
    await make(api, "hand", None, kind="manual")

    async def found(**params: object) -> list[str]:
        answer = await api.get(SEGMENTS, params={"sort": "code", **params})
        assert answer.status_code in (200, 207), answer.text[:500]
        return [item["code"] for item in answer.json()["items"]]

    later = (NOON + timedelta(hours=1)).isoformat()
    assert await found(computed_from=later) == ["hand", "others"]
    assert await found(computed_to=later) == ["omsk"]
    assert await found(error="TOO_MANY_LEAVE") == ["omsk"]
    assert await found(error="FILTER_INVALID") == []
    assert await found(has_error=True) == ["omsk"]
    assert await found(has_error=False) == ["hand", "others"]
    assert await found(state="needs_review") == ["omsk"]
    assert await found(lag_from=60) == ["omsk"]
    assert await found(lag_to=59) == ["hand", "others"]
    assert (await api.get(SEGMENTS, params={"error": "no code"})).status_code == 422
