"""Starting, listing, cancelling and following runs."""

import asyncio

import pytest

from clientbase.accounts.schemas import AccountInfo
from clientbase.kit.db import Sessions, WriteSession, reading, writing
from clientbase.kit.errors import Conflict, Malformed, NotFound
from clientbase.kit.paging import PageRequest
from clientbase.models import Run
from clientbase.runs import leases, service
from clientbase.runs.leases import Claim
from clientbase.runs.schemas import State

KIND = "recount"


async def claim(session: WriteSession, *, limit: int = 10, kinds: tuple[str, ...] = (KIND,)) -> list[Claim]:
    return await leases.claim(session, kinds=kinds, owner="me", limit=limit, lease_seconds=60)


async def start(session: WriteSession, account: AccountInfo, **options: object) -> Run:
    return await service.start(session, account_id=account.id, **{"kind": KIND, **options})  # type: ignore[arg-type]


async def test_a_run_is_rung_for_only_after_the_commit(account: AccountInfo, sessions: Sessions) -> None:
    rung: list[int] = []

    async def ring(run_id: int) -> None:
        rung.append(run_id)

    sessions.configure(info={"ring": ring})
    async with writing(sessions) as session:
        run = await start(session, account)
        assert rung == []
    assert rung == [run.id]


async def test_a_run_of_a_transaction_that_fails_does_not_exist(
    account: AccountInfo, sessions: Sessions
) -> None:
    started: list[int] = []

    async def start_and_fail() -> None:
        async with writing(sessions) as session:
            started.append((await start(session, account)).id)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await start_and_fail()
    async with reading(sessions) as session:
        with pytest.raises(NotFound):
            await service.get(session, account_id=account.id, run_id=started[0])


async def test_the_same_key_gives_the_run_that_waits(session: WriteSession, account: AccountInfo) -> None:
    first = await start(session, account, dedupe_key="vip")
    again = await start(session, account, dedupe_key="vip")
    other = await start(session, account, dedupe_key="msk")
    assert first.id == again.id != other.id


async def test_the_same_key_gives_a_new_run_once_the_first_has_begun(
    session: WriteSession, account: AccountInfo
) -> None:
    """What has begun may have read already what the second caller changed."""
    first = await start(session, account, dedupe_key="vip")
    await claim(session)
    second = await start(session, account, dedupe_key="vip")
    assert second.id != first.id


async def test_a_run_that_has_begun_can_be_given_back_beside_a_new_one_of_its_key(
    session: WriteSession, account: AccountInfo
) -> None:
    first = await start(session, account, dedupe_key="vip")
    (held,) = await claim(session)
    second = await start(session, account, dedupe_key="vip")
    await leases.release(session, held.lease)
    assert {c.lease.run_id for c in await claim(session)} == {first.id, second.id}


async def test_keys_are_the_accounts_own(
    session: WriteSession, account: AccountInfo, other_account: AccountInfo
) -> None:
    mine = await start(session, account, dedupe_key="vip")
    theirs = await start(session, other_account, dedupe_key="vip")
    assert mine.id != theirs.id


async def test_pages_are_newest_first_and_a_partition(session: WriteSession, account: AccountInfo) -> None:
    ids = [(await start(session, account)).id for _ in range(5)]
    await start(session, account, kind="other")
    seen: list[int] = []
    cursor = None
    while True:
        page = await service.list_page(
            session, account_id=account.id, page=PageRequest(2, cursor), kind=KIND, state=State.QUEUED
        )
        assert page.total is not None
        assert page.total.value == 5
        seen += [run.id for run in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert seen == sorted(ids, reverse=True)


async def test_a_cursor_belongs_to_its_filter(session: WriteSession, account: AccountInfo) -> None:
    for _ in range(2):
        await start(session, account)
    page = await service.list_page(session, account_id=account.id, page=PageRequest(1), kind=KIND)
    with pytest.raises(Malformed):
        await service.list_page(session, account_id=account.id, page=PageRequest(1, page.next_cursor))


async def test_a_run_that_waits_is_cancelled_at_once(session: WriteSession, account: AccountInfo) -> None:
    run = await start(session, account)
    cancelled = await service.request_cancellation(session, account_id=account.id, run_id=run.id)
    assert (cancelled.state, cancelled.finished_at is not None) == (State.CANCELLED, True)
    assert await claim(session) == []


async def test_cancelling_twice_is_the_same_as_once(session: WriteSession, account: AccountInfo) -> None:
    run = await start(session, account)
    for _ in range(2):
        again = await service.request_cancellation(session, account_id=account.id, run_id=run.id)
        assert again.state == State.CANCELLED


async def test_a_run_that_works_is_asked_to_stop(session: WriteSession, account: AccountInfo) -> None:
    run = await start(session, account)
    (held,) = await claim(session)
    asked = await service.request_cancellation(session, account_id=account.id, run_id=run.id)
    assert (asked.state, asked.cancel_requested) == (State.RUNNING, True)
    assert await leases.check(session, held.lease) is True


async def test_a_run_that_was_asked_to_stop_does_not_wait_again(
    session: WriteSession, account: AccountInfo
) -> None:
    run = await start(session, account)
    (held,) = await claim(session)
    await service.request_cancellation(session, account_id=account.id, run_id=run.id)
    await leases.release(session, held.lease)
    ended = await service.get(session, account_id=account.id, run_id=run.id)
    assert (ended.state, ended.finished_at is not None) == (State.CANCELLED, True)


async def test_a_run_that_has_ended_cannot_be_cancelled(session: WriteSession, account: AccountInfo) -> None:
    run = await start(session, account)
    (held,) = await claim(session)
    await leases.finish(session, held.lease, State.SUCCEEDED)
    with pytest.raises(Conflict, match="RUN_ENDED"):
        await service.request_cancellation(session, account_id=account.id, run_id=run.id)


async def test_another_accounts_run_is_absent(
    session: WriteSession, account: AccountInfo, other_account: AccountInfo
) -> None:
    run = await start(session, account)
    with pytest.raises(NotFound):
        await service.get(session, account_id=other_account.id, run_id=run.id)
    with pytest.raises(NotFound):
        await service.request_cancellation(session, account_id=other_account.id, run_id=run.id)


async def test_following_gives_each_change_and_ends_with_the_run(
    account: AccountInfo, sessions: Sessions
) -> None:
    async with writing(sessions) as session:
        run = await start(session, account)
    runs = service.watch(sessions, account_id=account.id, run_id=run.id)
    seen = [(await anext(runs)).state]
    async with writing(sessions) as session:
        (held,) = await claim(session)
    seen.append((await asyncio.wait_for(anext(runs), 5)).state)
    async with writing(sessions) as session:
        await leases.finish(session, held.lease, State.SUCCEEDED)
    seen += [run.state async for run in runs]
    assert seen == [State.QUEUED, State.RUNNING, State.SUCCEEDED]


async def test_the_backlog_counts_what_is_open(session: WriteSession, account: AccountInfo) -> None:
    kind = "of-this-test"
    for _ in range(3):
        await start(session, account, kind=kind)
    await claim(session, limit=1, kinds=(kind,))
    found = {row.state: row.count for row in await service.backlog(session) if row.kind == kind}
    assert found == {State.QUEUED: 2, State.RUNNING: 1}
