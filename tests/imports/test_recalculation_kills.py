"""A worker that is killed in the middle of a recalculation: taken over, nothing doubled, nothing lost."""

import asyncio
import time

from clientbase.segments.membership_repository import MembershipRepository
from tests.imports.house import House
from tests.waiting import eventually

FILTER = {
    "version": 1,
    "root": {"type": "field", "field": "city", "operator": "eq", "value": "Омск"},
}
TAKEN_OVER_SECONDS = 20
_WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
_CHANGES = """
SELECT version, size, entered_count, left_count FROM segment_changes
WHERE account_id = :account_id ORDER BY version
"""
_TOLD = "SELECT count(*) FROM actions WHERE account_id = :account_id AND type_id = 30"


async def segment(house: House) -> dict[str, object]:
    return dict((await house.api.get("/api/v1/segments/omsk")).json())


async def test_a_recalculation_survives_the_death_of_its_worker(house: House) -> None:
    people = [{"first_name": str(n), "city": "Омск" if n % 2 else "Тверь"} for n in range(100)]
    await house.api.post("/api/v1/clients/batch", json={"items": people})
    body = {"code": "omsk", "name": "Омск", "kind": "dynamic", "filter": FILTER, "announce": True}
    async with house.sessions() as session, session.begin():
        await MembershipRepository(session, house.account.id).lock()
        made = await house.api.post("/api/v1/segments", json=body)
        assert made.status_code == 201, made.text
        first = house.start_worker({})
        async with asyncio.timeout(60):
            while (await house.rows(_WAITING))[0][0] == 0:
                await asyncio.sleep(0.05)
        first.kill()
        first.wait()
    killed_at = time.monotonic()
    assert (await segment(house))["size"] is None, "the swap had not happened"
    house.start_worker({})
    async with asyncio.timeout(60):
        while (await segment(house))["state"] != "ready":
            await asyncio.sleep(0.05)
    assert time.monotonic() - killed_at < TAKEN_OVER_SECONDS
    assert (await segment(house))["size"] == 50
    assert await house.rows(_CHANGES) == [(1, 50, 50, 0)]

    async def is_told() -> bool:
        return bool((await house.rows(_TOLD))[0][0])

    await eventually(is_told, seconds=TAKEN_OVER_SECONDS, said="those who entered told of")
    assert await house.rows(_TOLD) == [(50,)]
