"""Results that come late: what happened to clients, members and settings meanwhile is not undone."""

from datetime import datetime, timedelta

import httpx
from sqlalchemy import delete, select, update

from clientbase.accounts.schemas import AccountInfo
from clientbase.kit import clock
from clientbase.kit.db import Sessions, reading, writing
from clientbase.models import Client, ClientAlias, ClientStats, Segment
from clientbase.segments import recalculate
from clientbase.segments.finding import Found
from clientbase.segments.membership import remove_clients, replace_clients
from clientbase.segments.recalculate import Report
from tests.search.bases import field, in_segment, make_base, tree
from tests.segments.work import SEGMENTS, change, make, make_due, members, read, recount

RICH = tree(field("revenue", "gte", "10000.00"))


async def _write(sessions: Sessions, account: AccountInfo, found: Found) -> Report:
    async with writing(sessions) as session:
        return await recalculate.write(session, account_id=account.id, found=found)


async def test_a_deletion_meanwhile_costs_only_the_one_who_was_deleted(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    clients = await make_base(sessions, account, 20)
    ids = {client.id for client in clients}
    rich = [client.id for client in clients if client.revenue >= 1_000_000]
    poor = next(client.id for client in clients if client.revenue == 0)
    await make(api, "rich", RICH)
    await recount(sessions, account)
    async with writing(sessions) as session:
        own = (ClientStats.account_id == account.id, ClientStats.client_id == poor)
        await session.execute(update(ClientStats).where(*own).values(revenue=5_000_000))
    await make_due(sessions, account)
    found = await recalculate.evaluate(sessions, account=account)
    async with writing(sessions) as session:
        await remove_clients(session, account_id=account.id, client_ids=[rich[0]])
        await session.execute(delete(Client).where(Client.account_id == account.id, Client.id == rich[0]))
    report = await _write(sessions, account, found)
    assert (report.changed, report.discarded) == (1, 0)
    assert await members(api, "rich") == ({*rich, poor} - {rich[0]}) & ids
    points = (await api.get(f"{SEGMENTS}/rich/history")).json()["items"]
    assert [(point["version"], point["cause"], point["entered"], point["left"]) for point in points] == [
        (1, "first_fill", len(rich), 0),
        (2, "client_deleted", 0, 1),
        (3, "data", 1, 0),
    ]


async def test_a_merge_meanwhile_leaves_the_survivor_in_a_static_segment(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    ids = [client.id for client in await make_base(sessions, account, 4)]
    await make(api, "static", tree(field("id", "in", ids[:2])), kind="static")
    found = await recalculate.evaluate(sessions, account=account)
    async with writing(sessions) as session:
        await replace_clients(session, account_id=account.id, old_ids=[ids[0]], new_id=ids[3])
        await session.execute(delete(Client).where(Client.account_id == account.id, Client.id == ids[0]))
        session.add(
            ClientAlias(account_id=account.id, alias_id=ids[0], client_id=ids[3], merged_at=clock.now())
        )
    await _write(sessions, account, found)
    assert await members(api, "static") == {ids[1], ids[3]}


async def test_an_older_result_does_not_replace_a_newer_one(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    clients = await make_base(sessions, account, 10)
    await make(api, "rich", RICH)

    async def give_everybody(minor: int) -> None:
        async with writing(sessions) as session:
            own = ClientStats.account_id == account.id
            await session.execute(update(ClientStats).where(own).values(revenue=minor))

    await give_everybody(5_000_000)
    await recount(sessions, account)
    await give_everybody(0)
    await make_due(sessions, account)
    stale = await recalculate.evaluate(sessions, account=account)
    await give_everybody(5_000_000)
    await recount(sessions, account)
    before = await read(api, "rich")
    assert before["version"] == 1
    report = await _write(sessions, account, stale)
    assert (report.changed, report.unchanged, report.discarded) == (0, 0, 1)
    assert await members(api, "rich") == {client.id for client in clients}
    assert await read(api, "rich") == before


async def test_the_next_recalculation_is_due_by_the_setting_at_the_swap(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    await make(api, "rich", RICH, recalculation_hours=24)
    found = await recalculate.evaluate(sessions, account=account)
    assert (await change(api, "rich", recalculation_hours=1)).status_code == 200
    await _write(sessions, account, found)
    shown = await read(api, "rich")
    due, computed = (datetime.fromisoformat(shown[name]) for name in ("due_at", "computed_at"))
    assert due - computed == timedelta(hours=1)


async def test_a_segment_switched_off_meanwhile_stays_as_it_was(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    await make(api, "rich", RICH)
    found = await recalculate.evaluate(sessions, account=account)
    await change(api, "rich", is_active=False)
    assert (await _write(sessions, account, found)).discarded == 1
    shown = await read(api, "rich")
    assert (shown["state"], shown["version"], shown["due_at"]) == ("inactive", 0, None)


async def test_members_say_the_oldest_instant_that_they_rest_on(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    await make_base(sessions, account, 10)
    await make(api, "base", RICH)
    await make(api, "middle", tree(in_segment("base")))
    await make(api, "top", tree(in_segment("middle")))
    await recount(sessions, account)
    base = (await read(api, "base"))["computed_at"]
    async with writing(sessions) as session:
        upper = (Segment.account_id == account.id, Segment.code != "base")
        await session.execute(update(Segment).where(*upper).values(due_at=Segment.created_at))
    await recount(sessions, account)
    for code in ("middle", "top"):
        assert (await read(api, code))["computed_at"] > base
        page = (await api.get(f"{SEGMENTS}/{code}/clients")).json()
        assert page["as_of"] == base


async def test_a_waiting_segment_is_woken_by_the_first_fill(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    await make_base(sessions, account, 5)
    await make(api, "off", RICH, is_active=False)
    await make(api, "waiting", tree(in_segment("off")))
    await recount(sessions, account)
    assert (await read(api, "waiting"))["error"]["code"] == "SEGMENT_NOT_READY"
    await change(api, "off", is_active=True)
    async with reading(sessions) as session:
        wanted = select(Segment.id).where(Segment.account_id == account.id, Segment.code == "off")
        segment_id = await session.scalar(wanted)
    await recount(sessions, account, segment_id)
    assert (await recount(sessions, account)).changed == 1
    assert await members(api, "waiting") == await members(api, "off")
