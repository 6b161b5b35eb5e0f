"""Segments that cannot be computed: tried again by themselves, later and later, beside the healthy."""

from datetime import timedelta

import httpx
from sqlalchemy import select, text, update

from clientbase.accounts.schemas import AccountInfo
from clientbase.kit import clock
from clientbase.kit.db import Sessions, reading, writing
from clientbase.models import Run, Segment
from clientbase.segments import recalculate
from tests.search.bases import field, make_base, tree
from tests.segments.work import make, make_due, read, recount

RICH = tree(field("revenue", "gte", "10000.00"))
GONE = '{"version": 1, "root": {"type": "field", "field": "params.gone", "operator": "not_empty"}}'
BREAK = text(
    "UPDATE segments SET filter = CAST(:filter AS jsonb) WHERE account_id = :account_id AND code = :code"
)


async def _break(sessions: Sessions, account: AccountInfo, code: str) -> None:
    async with writing(sessions) as session:
        await session.execute(BREAK, {"filter": GONE, "account_id": account.id, "code": code})


async def _begun(sessions: Sessions, account: AccountInfo) -> list[str | None]:
    """The subjects of the runs that a look at what is due begins."""
    async with writing(sessions) as session:
        own = (Run.account_id == account.id, Run.state == "queued")
        await session.execute(update(Run).where(*own).values(state="running"))
        await recalculate.start_due(session, clock.now())
        return sorted(await session.scalars(select(Run.subject).where(*own)), key=str)


async def _end_runs(sessions: Sessions, account: AccountInfo) -> None:
    async with writing(sessions) as session:
        await session.execute(update(Run).where(Run.account_id == account.id).values(state="succeeded"))


async def _failures(sessions: Sessions, account: AccountInfo) -> dict[str, int]:
    async with reading(sessions) as session:
        query = select(Segment.code, Segment.failures).where(Segment.account_id == account.id)
        return {row.code: row.failures for row in await session.execute(query)}


async def test_what_has_failed_is_tried_again_in_a_run_of_its_own(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    await make_base(sessions, account, 5)
    await make(api, "poison", RICH)
    await make(api, "well", RICH)
    await _break(sessions, account, "poison")
    await recount(sessions, account)
    await _end_runs(sessions, account)
    assert await _begun(sessions, account) == []
    await make_due(sessions, account)
    assert await _begun(sessions, account) == [None, "poison"]
    assert await _begun(sessions, account) == []
    common = await recalculate.evaluate(sessions, account=account, without_failed=True)
    assert (common.total, common.failures) == (1, [])


async def test_the_delay_begins_when_the_failure_is_written(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    await make(api, "poison", RICH)
    await _break(sessions, account, "poison")
    found = await recalculate.evaluate(sessions, account=account)
    evaluated = clock.now()
    async with writing(sessions) as session:
        await recalculate.write(session, account_id=account.id, found=found)
    async with reading(sessions) as session:
        due_at = await session.scalar(select(Segment.due_at).where(Segment.account_id == account.id))
    assert due_at is not None
    assert due_at >= evaluated + timedelta(minutes=1)


async def test_a_pass_that_is_given_up_is_told_on_each_that_was_due(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    for code in ("first", "second"):
        await make(api, code, RICH)

    async def give_up(segment_id: int | None) -> None:
        async with writing(sessions) as session:
            await recalculate.give_up(
                session, account_id=account.id, segment_id=segment_id, code="WORKER_LOST", detail="It died."
            )

    await give_up(None)
    assert {(await read(api, code))["error"]["code"] for code in ("first", "second")} == {"WORKER_LOST"}
    await give_up(None)
    assert await _failures(sessions, account) == {"first": 1, "second": 1}
    await _end_runs(sessions, account)
    await make_due(sessions, account)
    assert await _begun(sessions, account) == ["first", "second"]
    async with reading(sessions) as session:
        wanted = select(Segment.id).where(Segment.account_id == account.id, Segment.code == "first")
        first = await session.scalar(wanted)
    for _ in range(2):
        await give_up(first)
    assert await _failures(sessions, account) == {"first": 2, "second": 1}
