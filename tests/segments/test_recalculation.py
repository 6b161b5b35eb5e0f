"""How members are kept true: order, failures, swaps, what is told of changes."""

import asyncio
from datetime import timedelta

import httpx
from sqlalchemy import delete, select, text, update

from clientbase.accounts.schemas import AccountInfo
from clientbase.kit import clock
from clientbase.kit.db import Sessions, reading, writing
from clientbase.models import Action, Client, ClientStats, Run, Segment
from clientbase.segments import recalculate
from clientbase.segments.membership import remove_clients, replace_clients
from tests.search.bases import field, in_segment, make_base, tree
from tests.segments.rounds import tell
from tests.segments.work import SEGMENTS, change, events, make, make_due, members, read, recount

RICH = tree(field("revenue", "gte", "10000.00"))
BROKEN = text(
    "UPDATE segments SET filter = CAST(:filter AS jsonb) WHERE account_id = :account_id AND code = :code"
)


async def _set_revenue(sessions: Sessions, account: AccountInfo, client_id: int, minor: int) -> None:
    async with writing(sessions) as session:
        await session.execute(
            update(ClientStats)
            .where(ClientStats.account_id == account.id, ClientStats.client_id == client_id)
            .values(revenue=minor)
        )


async def _told(sessions: Sessions, account: AccountInfo) -> list[tuple[int, int, str | None]]:
    await tell(sessions, account)
    async with reading(sessions) as session:
        query = select(Action.type_id, Action.client_id, Action.reference)
        query = query.where(Action.account_id == account.id).order_by(Action.type_id, Action.id)
        return [tuple(row) for row in await session.execute(query)]


async def test_changes_of_the_data_are_told_and_a_first_fill_is_not(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    clients = await make_base(sessions, account, 20)
    await make(api, "rich", RICH)
    await recount(sessions, account)
    assert await _told(sessions, account) == []
    poor = next(client.id for client in clients if client.revenue == 0)
    rich = next(client.id for client in clients if client.revenue >= 1_000_000)
    await _set_revenue(sessions, account, poor, 5_000_000)
    await _set_revenue(sessions, account, rich, 0)
    await make_due(sessions, account)
    report = await recount(sessions, account)
    assert (report.changed, report.failed) == (1, ())

    async with reading(sessions) as session:
        segment_id = str(await session.scalar(select(Segment.id).where(Segment.account_id == account.id)))
    assert await _told(sessions, account) == [(30, poor, segment_id), (31, rich, segment_id)]
    feed = await events(api, "rich")
    first = sorted(client.id for client in clients if client.revenue >= 1_000_000)
    assert feed == [*(("entered", client_id) for client_id in first), ("entered", poor), ("left", rich)]
    points = (await api.get(f"{SEGMENTS}/rich/history")).json()["items"]
    assert [(point["cause"], point["entered"], point["left"]) for point in points] == [
        ("first_fill", len(first), 0),
        ("data", 1, 1),
    ]
    assert points[-1]["size"] == (await read(api, "rich"))["size"] == len(await members(api, "rich"))


async def test_the_feed_goes_on_from_where_it_ended(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    clients = await make_base(sessions, account, 4)
    await make(api, "hand", None, kind="manual")
    ids = [client.id for client in clients]
    await api.post(f"{SEGMENTS}/hand/member-additions", json={"ids": ids[:2]})
    page = (await api.get(f"{SEGMENTS}/hand/events")).json()
    assert page["next_cursor"] is None
    resumed = {"cursor": page["resume_cursor"]}
    assert (await api.get(f"{SEGMENTS}/hand/events", params=resumed)).json()["items"] == []
    await api.post(f"{SEGMENTS}/hand/member-removals", json={"ids": ids[:1]})
    later = (await api.get(f"{SEGMENTS}/hand/events", params=resumed)).json()["items"]
    assert [(event["kind"], event["client_id"], event["cause"]) for event in later] == [
        ("left", ids[0], "hand")
    ]


async def test_a_first_fill_is_told_when_asked(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    clients = await make_base(sessions, account, 10)
    await make(api, "loud", tree(field("id", "gt", 0)), announce=True)
    await recount(sessions, account)
    assert len(await _told(sessions, account)) == len(clients)
    await change(api, "loud", filter=tree(field("id", "lt", 0)))
    await recount(sessions, account)
    assert len(await _told(sessions, account)) == len(clients)
    await change(api, "loud", filter=tree(field("id", "gt", 0)), announce=True)
    await recount(sessions, account)
    assert len(await _told(sessions, account)) == 2 * len(clients)


async def test_segments_are_computed_behind_those_that_they_refer_to(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    clients = await make_base(sessions, account, 30)
    await make(api, "zz", RICH)
    await make(api, "mm", tree(in_segment("zz", operator="not_in")))
    await make(api, "aa", tree(in_segment("mm"), field("city", "eq", "Казань")))
    report = await recount(sessions, account)
    assert report.failed == ()
    poor = {client.id for client in clients if client.revenue < 1_000_000}
    assert await members(api, "mm") == poor
    assert await members(api, "aa") == poor & {client.id for client in clients if client.city == "Казань"}


async def test_one_segment_alone_brings_what_it_needs_and_nothing_else(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    await make_base(sessions, account, 10)
    await make(api, "base", RICH)
    await make(api, "other", RICH)
    await make(api, "asked", tree(in_segment("base")))
    async with reading(sessions) as session:
        wanted = select(Segment.id).where(Segment.account_id == account.id, Segment.code == "asked")
        segment_id = await session.scalar(wanted)
    assert (await recount(sessions, account, segment_id)).total == 2
    states = {code: (await read(api, code))["state"] for code in ("base", "asked", "other")}
    assert states == {"base": "ready", "asked": "ready", "other": "new"}
    assert (await recount(sessions, account, segment_id)).total == 1


async def test_a_failing_segment_keeps_its_members_and_delays_no_other(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    await make_base(sessions, account, 20)
    await make(api, "aa", RICH)
    await make(api, "bb", tree(in_segment("aa")))
    await make(api, "cc", tree(field("revenue", "eq", "0.00")))
    await recount(sessions, account)
    before = await members(api, "aa")
    gone = '{"version": 1, "root": {"type": "field", "field": "params.gone", "operator": "not_empty"}}'
    async with writing(sessions) as session:
        await session.execute(BROKEN, {"filter": gone, "account_id": account.id, "code": "aa"})
    delays = []
    for _ in range(3):
        await make_due(sessions, account)
        report = await recount(sessions, account)
        assert (report.total, report.failed) == (3, ("aa",))
        failed = await read(api, "aa")
        assert (failed["state"], failed["error"]["code"]) == ("failed", "FILTER_INVALID")
        assert "UNKNOWN_FIELD" in failed["error"]["detail"]
        async with reading(sessions) as session:
            query = select(Segment.due_at, Segment.failures).where(Segment.code == "aa")
            delays.append((await session.execute(query.where(Segment.account_id == account.id))).one())
    assert [failures for _, failures in delays] == [1, 2, 3]
    assert delays[2][0] - delays[1][0] > timedelta(minutes=1)
    assert await members(api, "aa") == before == await members(api, "bb")
    assert {(await read(api, code))["state"] for code in ("bb", "cc")} == {"ready"}


async def test_a_segment_over_one_never_computed_waits(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    await make_base(sessions, account, 5)
    await make(api, "off", RICH, is_active=False)
    await make(api, "waiting", tree(in_segment("off")))
    refused = await api.post("/api/v1/clients/search", json={"filter": tree(in_segment("off"))})
    assert (refused.status_code, refused.json()["code"]) == (409, "SEGMENT_NOT_READY")
    await recount(sessions, account)
    waiting = await read(api, "waiting")
    assert (waiting["state"], waiting["error"]["code"]) == ("new", "SEGMENT_NOT_READY")


async def test_what_was_evaluated_before_an_edit_is_discarded(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    clients = await make_base(sessions, account, 20)
    await make(api, "rich", RICH)
    stale = await recalculate.evaluate(sessions, account=account)
    await change(api, "rich", filter=tree(field("revenue", "eq", "0.00")))
    async with writing(sessions) as session:
        report = await recalculate.write(session, account_id=account.id, found=stale)
    assert (report.discarded, (await read(api, "rich"))["version"]) == (1, 0)
    await recount(sessions, account)
    assert await members(api, "rich") == {client.id for client in clients if client.revenue == 0}


async def test_a_client_deleted_while_segments_are_evaluated_does_not_enter(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    clients = await make_base(sessions, account, 10)
    await make(api, "all", tree(field("id", "gt", 0)), announce=True)
    found = await recalculate.evaluate(sessions, account=account)
    gone = clients[0].id
    async with writing(sessions) as session:
        await remove_clients(session, account_id=account.id, client_ids=[gone])
        await session.execute(delete(Client).where(Client.account_id == account.id, Client.id == gone))
    async with writing(sessions) as session:
        await recalculate.write(session, account_id=account.id, found=found)
    assert await members(api, "all") == {client.id for client in clients[1:]}
    assert (await read(api, "all"))["size"] == 9


async def test_deleted_and_merged_clients_leave_memberships(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    clients = await make_base(sessions, account, 6)
    ids = [client.id for client in clients]
    everyone = tree(field("id", "in", ids[:4]))
    await make(api, "hand", None, kind="manual")
    await api.post(f"{SEGMENTS}/hand/member-additions", json={"ids": ids[:4]})
    await make(api, "dynamic", everyone)
    await make(api, "static", everyone, kind="static")
    await recount(sessions, account)
    async with writing(sessions) as session:
        await remove_clients(session, account_id=account.id, client_ids=[ids[0]])
        await replace_clients(session, account_id=account.id, old_ids=[ids[1]], new_id=ids[5])
    assert await members(api, "hand") == await members(api, "static") == {ids[2], ids[3], ids[5]}
    assert await members(api, "dynamic") == {ids[2], ids[3]}
    points = (await api.get(f"{SEGMENTS}/static/history")).json()["items"]
    assert [(point["cause"], point["size"]) for point in points] == [
        ("first_fill", 4),
        ("client_deleted", 3),
        ("merge", 3),
    ]


async def test_readers_see_one_version_or_the_next(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    clients = await make_base(sessions, account, 40)
    halves = [{client.id for client in clients[:20]}, {client.id for client in clients[20:]}]
    await make(api, "half", tree(field("id", "in", sorted(halves[0]))))
    await recount(sessions, account)
    done = asyncio.Event()

    async def edit() -> None:
        for number in range(1, 7):
            await change(api, "half", filter=tree(field("id", "in", sorted(halves[number % 2]))))
            await recount(sessions, account)
        done.set()

    async def look() -> int:
        seen = 0
        while not done.is_set():
            page = await api.get(f"{SEGMENTS}/half/clients", params={"limit": 1000, "fields": "id"})
            found = {item["id"] for item in page.json()["items"]}
            assert found in halves
            assert page.json()["total"]["value"] == 20
            seen += 1
        return seen

    _, seen = await asyncio.gather(edit(), look())
    assert seen > 0


async def test_making_editing_and_asking_start_runs_for_the_segment(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    await make(api, "rich", RICH, kind="static")
    asked = await api.post(f"{SEGMENTS}/rich/recalculations")
    assert (asked.status_code, asked.json()["kind"]) == (202, "recalculate")
    run = await api.get(asked.headers["location"])
    assert (run.json()["subject"], run.json()["state"]) == ("rich", "queued")


async def test_segments_that_are_due_are_passed_over_once_at_a_time(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    await make(api, "rich", RICH)

    async def passes(state: str) -> int:
        async with writing(sessions) as session:
            await recalculate.start_due(session, clock.now())
            own = (Run.account_id == account.id, Run.subject.is_(None))
            await session.execute(update(Run).where(*own, Run.state != "succeeded").values(state=state))
            return len((await session.execute(select(Run.id).where(*own))).all())

    assert [await passes(state) for state in ("queued", "running", "succeeded", "queued")] == [1, 1, 1, 2]


async def test_a_static_segment_is_computed_once(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    await make_base(sessions, account, 10)
    await make(api, "then", RICH, kind="static")
    assert (await recount(sessions, account)).total == 1
    assert (await read(api, "then"))["due_at"] is None
    assert (await recount(sessions, account)).total == 0
