"""Claims, heartbeats and the fence."""

import pytest
from sqlalchemy import text

from clientbase.accounts.schemas import AccountInfo
from clientbase.kit.db import WriteSession
from clientbase.models import Run
from clientbase.runs import leases, service
from clientbase.runs.leases import Claim, Lease, LeaseLost
from clientbase.runs.schemas import State

KIND = "recount"
LEASE_SECONDS = 60.0


async def start(session: WriteSession, account: AccountInfo) -> int:
    return (await service.start(session, account_id=account.id, kind=KIND)).id


async def claim(session: WriteSession, limit: int = 10) -> list[Claim]:
    return await leases.claim(session, kinds=(KIND,), owner="me", limit=limit, lease_seconds=LEASE_SECONDS)


async def row(session: WriteSession, lease: Lease) -> Run:
    return await service.get(session, account_id=lease.account_id, run_id=lease.run_id)


async def run_out(session: WriteSession, lease: Lease) -> None:
    await session.execute(
        text("UPDATE runs SET lease_until = clock_timestamp() - interval '1 ms' WHERE id = :id"),
        {"id": lease.run_id},
    )


async def test_the_longest_waiting_are_taken_first_and_only_once(
    session: WriteSession, account: AccountInfo
) -> None:
    ids = [await start(session, account) for _ in range(3)]
    first = await claim(session, limit=2)
    assert {c.lease.run_id for c in first} == set(ids[:2])
    assert [c.lease.run_id for c in await claim(session)] == ids[2:]
    assert await claim(session) == []


async def test_kinds_that_a_worker_does_not_know_are_left(
    session: WriteSession, account: AccountInfo
) -> None:
    await service.start(session, account_id=account.id, kind="of-the-future")
    assert await claim(session) == []


async def test_a_lease_that_ran_out_passes_to_the_next_with_all_that_was_saved(
    session: WriteSession, account: AccountInfo
) -> None:
    await start(session, account)
    (dead,) = await claim(session)
    await leases.save(
        session, dead.lease, cursor={"row": 7}, progress={"done": 7}, moved=False, lease_seconds=60
    )
    await run_out(session, dead.lease)
    (heir,) = await claim(session)
    assert heir.lease.fence == dead.lease.fence + 1
    assert (heir.cursor, heir.progress, heir.attempt) == ({"row": 7}, {"done": 7}, 2)


@pytest.mark.parametrize("effect", ["check", "save", "finish", "retry", "release"])
async def test_a_former_holder_writes_nothing(
    session: WriteSession, account: AccountInfo, effect: str
) -> None:
    await start(session, account)
    (dead,) = await claim(session)
    await run_out(session, dead.lease)
    await claim(session)
    options = {
        "save": {"cursor": {}, "progress": {}, "moved": True, "lease_seconds": 60},
        "finish": {"state": State.SUCCEEDED},
        "retry": {"delay_seconds": 1},
    }
    with pytest.raises(LeaseLost):
        await getattr(leases, effect)(session, dead.lease, **options.get(effect, {}))
    assert (await row(session, dead.lease)).state == State.RUNNING


async def test_heartbeats_prolong_what_is_held_and_tell_of_cancellations(
    session: WriteSession, account: AccountInfo
) -> None:
    for _ in range(3):
        await start(session, account)
    kept, cancelled, lost = (c.lease for c in await claim(session))
    await service.request_cancellation(session, account_id=account.id, run_id=cancelled.run_id)
    await run_out(session, lost)
    await claim(session)
    await run_out(session, kept)
    held = await leases.heartbeat(session, [kept, cancelled, lost], lease_seconds=LEASE_SECONDS)
    assert held == {kept: False, cancelled: True}
    assert await claim(session) == []


async def test_what_is_retried_waits_for_its_delay(session: WriteSession, account: AccountInfo) -> None:
    await start(session, account)
    (held,) = await claim(session)
    await leases.retry(session, held.lease, delay_seconds=60)
    assert (await row(session, held.lease)).state == State.QUEUED
    assert await claim(session) == []
    await run_out(session, held.lease)
    assert [c.attempt for c in await claim(session)] == [2]


async def test_what_is_given_back_uses_no_attempt(session: WriteSession, account: AccountInfo) -> None:
    await start(session, account)
    for _ in range(3):
        (held,) = await claim(session)
        assert held.attempt == 1
        await leases.release(session, held.lease)


async def test_attempts_are_counted_from_the_last_moved_cursor(
    session: WriteSession, account: AccountInfo
) -> None:
    await start(session, account)
    for expected in (1, 2):
        (held,) = await claim(session)
        assert held.attempt == expected
        await leases.retry(session, held.lease, delay_seconds=-1)
    (held,) = await claim(session)
    await leases.save(session, held.lease, cursor={"n": 1}, progress={}, moved=True, lease_seconds=60)
    await run_out(session, held.lease)
    assert [c.attempt for c in await claim(session)] == [2]


async def test_only_the_first_claim_tells_how_long_the_run_waited(
    session: WriteSession, account: AccountInfo
) -> None:
    await start(session, account)
    (first,) = await claim(session)
    await leases.release(session, first.lease)
    (second,) = await claim(session)
    assert first.waited_seconds is not None
    assert second.waited_seconds is None


async def test_the_claim_walks_the_index_of_what_waits(session: WriteSession, account: AccountInfo) -> None:
    """Ended runs, however many, cost a claim nothing."""
    await session.execute(
        text(
            "INSERT INTO runs (account_id, kind, state, params, progress) "
            "SELECT :account_id, 'recount', 'succeeded', '{}', '{}' FROM generate_series(1, 5000)"
        ),
        {"account_id": account.id},
    )
    await session.execute(text("ANALYZE runs"))
    plan = await session.scalars(
        text(
            "EXPLAIN SELECT id FROM runs WHERE runs.state IN ('queued', 'running') AND not_before <= now() "
            "ORDER BY not_before, id LIMIT 4 FOR UPDATE SKIP LOCKED"
        )
    )
    assert "ix_runs_waiting" in "\n".join(plan)
