"""An export whose worker dies is made again from the start, by another one, and is whole."""

import asyncio
import uuid

from sqlalchemy import text

from tests.imports.house import House
from tests.search.bases import field, tree

CLIENTS = 45_000
PHONE = "+79161234567"
EVERYONE = tree(field("phone", "eq", PHONE), field("full_name", "not_empty"), match="any")


async def test_a_killed_export_is_made_again_and_is_whole(house: House) -> None:
    async with house.sessions.begin() as session:
        await session.execute(text("SET LOCAL statement_timeout = 0"))
        await session.execute(*house.many_clients(CLIENTS))
    answer = await house.api.post(
        "/api/v1/exports", json={"fields": ["id", "full_name"], "format": "xlsx", "filter": EVERYONE},
        headers={"Idempotency-Key": uuid.uuid4().hex},
    )  # fmt: skip
    export_id = answer.json()["id"]
    house.start_worker()
    killed = False
    async with asyncio.timeout(120):
        while (run := await house.run(export_id))["state"] != "succeeded":
            assert run["state"] != "failed", run
            if not killed and run["progress"]["done"]:
                house.processes[-1].kill()
                killed = True
                house.start_worker()
            await asyncio.sleep(0.01)
    assert killed
    kept = "SELECT params::text, result::text, cursor::text FROM runs WHERE account_id = :account_id"
    assert PHONE not in str(await house.rows(kept))
    assert run["progress"]["total"] == run["progress"]["done"] == CLIENTS
    again = await house.api.get(f"/api/v1/exports/{export_id}/file")
    assert again.status_code == 200
    assert await house.rows("SELECT count(*) FROM files WHERE account_id = :account_id") == [(1,)]
