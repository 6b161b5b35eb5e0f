"""A worker that is killed in a live round, or behind it: taken over, nothing doubled, nothing lost."""

import time
from typing import Any

from clientbase.kit.db import WriteSession
from clientbase.segments.membership_repository import MembershipRepository
from clientbase.segments.telling import pause
from tests.imports.house import House
from tests.waiting import eventually

FILTER = {"version": 1, "root": {"type": "field", "field": "city", "operator": "eq", "value": "Омск"}}
TAKEN_OVER_SECONDS = 25
VISIBLE_SECONDS = 20
_WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
_CHANGES = """
SELECT version, size, entered_count, left_count, cause, run_id FROM segment_changes
WHERE account_id = :account_id AND version > 1 ORDER BY version
"""
_TOLD = "SELECT client_id FROM actions WHERE account_id = :account_id AND type_id = 30 ORDER BY id"
_UNTOLD = "SELECT sum(untold)::int FROM segment_changes WHERE account_id = :account_id"


async def segment(house: House) -> dict[str, Any]:
    return dict((await house.api.get("/api/v1/segments/omsk")).json())


async def ready(house: House, size: int, seconds: float) -> float:
    async def is_so() -> bool:
        return (await segment(house))["size"] == size

    return await eventually(is_so, seconds=seconds, said=f"{size} members")


async def told(house: House, *clients: int) -> None:
    """Timelines tell of just these, in this order."""

    async def is_so() -> bool:
        return bool(await house.rows(_TOLD) == [(client,) for client in clients])

    await eventually(is_so, seconds=TAKEN_OVER_SECONDS, said=f"{clients} told of")


async def move(house: House, client_id: int) -> None:
    answer = await house.api.patch(f"/api/v1/clients/{client_id}", json={"city": "Омск"})
    assert answer.status_code == 200, answer.text


async def test_a_live_round_survives_the_death_of_its_worker(house: House) -> None:
    people = [{"first_name": str(n), "city": "Омск" if n % 2 else "Тверь"} for n in range(20)]
    made = (await house.api.post("/api/v1/clients/batch", json={"items": people})).json()["items"]
    first = house.start_worker({})
    body = {"code": "omsk", "name": "Омск", "kind": "dynamic", "filter": FILTER}
    assert (await house.api.post("/api/v1/segments", json=body)).status_code == 201
    await ready(house, 10, seconds=60)

    await move(house, made[0]["id"])
    seen = await ready(house, 11, seconds=VISIBLE_SECONDS)

    async with house.sessions() as session, session.begin():
        await MembershipRepository(session, house.account.id).lock()
        await move(house, made[2]["id"])

        async def is_held_back() -> bool:
            return bool((await house.rows(_WAITING))[0][0])

        await eventually(is_held_back, seconds=20, said="a round that waits to write")
        assert (await segment(house))["lag_seconds"] is not None
        first.kill()
        first.wait()
    killed_at = time.monotonic()
    assert (await segment(house))["size"] == 11, "the swap had not happened"
    house.start_worker({})
    await ready(house, 12, seconds=TAKEN_OVER_SECONDS)
    assert time.monotonic() - killed_at < TAKEN_OVER_SECONDS
    assert await house.rows(_CHANGES) == [(2, 11, 1, 0, "data", None), (3, 12, 1, 0, "data", None)]
    await told(house, made[0]["id"], made[2]["id"])
    print(f"seen after {seen:.2f} s")


async def test_what_a_dead_worker_left_to_tell_is_told_by_the_next_one(house: House) -> None:
    made = (await house.api.post("/api/v1/clients/batch", json={"items": [{"city": "Тверь"}] * 2})).json()
    anna, boris = (item["id"] for item in made["items"])
    first = house.start_worker({})
    body = {"code": "omsk", "name": "Омск", "kind": "dynamic", "filter": FILTER}
    assert (await house.api.post("/api/v1/segments", json=body)).status_code == 201
    await ready(house, 0, seconds=60)
    await move(house, anna)
    await told(house, anna)

    async with house.sessions() as session, session.begin():
        await pause(WriteSession(session), house.account.id)
        await move(house, boris)
        await ready(house, 2, seconds=VISIBLE_SECONDS)
        first.kill()
        first.wait()
    assert await house.rows(_UNTOLD) == [(1,)]
    await told(house, anna)
    house.start_worker({})
    await told(house, anna, boris)
    assert await house.rows(_UNTOLD) == [(0,)]
