"""Workers that are killed in the middle of a file: the base is as if nothing had happened."""

import asyncio
import time

from sqlalchemy import text

from tests.imports.house import House
from tests.waiting import eventually

ROWS = 17_000
LINES = 30_000_000
"""Looked over in a dozen seconds."""
STOPPED_SECONDS = 5
_STATE = """
SELECT c.last_name, c.first_name, c.city, c.birth_date::text,
    (SELECT array_agg(o.value || o.is_primary ORDER BY o.value) FROM client_contacts o
        WHERE (o.account_id, o.client_id) = (c.account_id, c.id)),
    (SELECT array_agg(i.external_id ORDER BY i.external_id) FROM client_identities i
        WHERE (i.account_id, i.client_id) = (c.account_id, c.id)),
    (SELECT count(*) FROM client_history h WHERE (h.account_id, h.client_id) = (c.account_id, c.id)),
    (SELECT count(*) FROM client_stats s WHERE (s.account_id, s.client_id) = (c.account_id, c.id)),
    (SELECT text FROM client_search s WHERE (s.account_id, s.client_id) = (c.account_id, c.id))
FROM clients c WHERE c.account_id = :account_id ORDER BY 1, 2, 5
"""


_CLEAR = text("DELETE FROM clients WHERE account_id = :account_id")


def _content(source: str) -> str:
    """Every 7th row repeats a client, every 11th has a bad phone, every 13th a bad day."""
    lines = [f"Код;Телефон;Фамилия;Имя;Город;Дата рождения;{source}"]
    for n in range(ROWS):
        code = n - 1 if n % 7 == 6 else n
        phone = "нет" if n % 11 == 3 else f"8916{code:07}"
        day = "30.02.1990" if n % 13 == 4 else "28.02.1990"
        lines.append(f"{code};{phone};Фамилия{code:06};Имя;Город {n % 10};{day};x")
    return "\n".join(lines) + "\n"


async def test_a_killed_worker_leaves_the_same_base_as_an_undisturbed_one(house: House) -> None:
    undisturbed = await house.load(_content("a"), source="crm")
    expected = await house.rows(_STATE)
    expected_rejects = await house.rejected(undisturbed["id"])
    async with house.sessions.begin() as session:
        await session.execute(_CLEAR, {"account_id": house.account.id})

    import_id = (await house.send(_content("a"), source="crm")).json()["id"]
    kills, done_at_kill = 0, -1
    house.start_worker()
    async with asyncio.timeout(120):
        while (run := await house.run(import_id))["state"] != "succeeded":
            assert run["state"] != "failed", run
            done = run["progress"]["done"]
            if kills < 2 and run["state"] == "running" and 0 < done < ROWS and done > done_at_kill:
                house.processes[-1].kill()
                kills, done_at_kill = kills + 1, done
                house.start_worker()
            await asyncio.sleep(0.02)

    assert kills == 2
    made = await house.imported(import_id)
    assert made["run"]["progress"] == undisturbed["run"]["progress"]
    progress = made["run"]["progress"]
    assert (
        progress["total"]
        == ROWS
        == sum(progress[name] for name in ("created", "updated", "skipped", "rejected"))
    )
    assert progress["rejected"] == expected_rejects.count("\n") - 1
    assert await house.rejected(import_id) == expected_rejects
    assert await house.rows(_STATE) == expected


async def test_a_worker_that_is_told_to_stop_does_not_look_over_a_large_file_to_its_end(house: House) -> None:
    import_id = (await house.send(b"phone;city\n1;2\n" + b"\n" * LINES)).json()["id"]
    worker = house.start_worker()

    async def running() -> bool:
        return bool((await house.run(import_id))["state"] == "running")

    await eventually(running, seconds=60, said="the run is running")
    worker.terminate()
    told = time.monotonic()
    assert await asyncio.to_thread(worker.wait, 60) == 0
    assert time.monotonic() - told < STOPPED_SECONDS
    run = await house.run(import_id)
    assert (run["state"], run["progress"]["total"]) == ("queued", None)
