"""What becomes of a run when workers die, stand still, are told to stop, or are many."""

import signal

from tests.faults.harness import DEFAULTS, Floor
from tests.waiting import eventually

STEPS = 12
SLEEPING = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'"


async def test_a_killed_worker_is_replaced_within_20_seconds_at_the_default_lease(floor: Floor) -> None:
    await floor.staff(2, DEFAULTS)
    run_id = await floor.start(steps=STEPS, seconds=0.2)
    await floor.until_step(run_id, 3)
    await (await floor.holder(run_id)).kill()
    done = len(await floor.effects(run_id))

    took = await floor.until_step(run_id, done + 1, seconds=20)

    floor.note(f"taken over after {took:.1f} s at the default lease")
    await floor.until_state(run_id, "succeeded", seconds=10)
    assert await floor.effects(run_id) == list(range(STEPS))
    run = await floor.run(run_id)
    assert (run.fence, run.progress["done"], run.progress["created"]) == (2, STEPS, STEPS)


async def test_kills_one_after_another_lose_nothing_and_use_up_no_attempts(floor: Floor) -> None:
    """As many kills as a run has attempts: they are counted anew from each saved slice."""
    await floor.staff(4)
    run_id = await floor.start(steps=STEPS, seconds=0.1)
    for kill in range(3):
        await floor.until_step(run_id, 2 * kill + 1)
        await (await floor.holder(run_id)).kill()

    await floor.until_state(run_id, "succeeded", seconds=10)

    assert await floor.effects(run_id) == list(range(STEPS))


async def test_a_run_that_kills_its_workers_fails_when_its_attempts_are_used_up(floor: Floor) -> None:
    await floor.staff(3)
    run_id = await floor.start(kind="crash")

    await floor.until_state(run_id, "failed", seconds=15)

    assert (await floor.run(run_id)).error["code"] == "WORKER_LOST"
    assert sum(worker.is_alive for worker in floor.workers) == 1


async def test_a_stopped_worker_hands_over_and_uses_no_attempt(floor: Floor) -> None:
    await floor.staff(2, lease_seconds="60")
    run_id = await floor.start(steps=STEPS, seconds=0.2)
    await floor.until_step(run_id, 2)
    first = await floor.holder(run_id)
    first.signal(signal.SIGTERM)

    async def handed_over() -> bool:
        return (await floor.run(run_id)).fence == 2

    took = await eventually(handed_over, seconds=2, said="another worker has the run")

    floor.note(f"handed over after {took:.2f} s")
    await floor.until_state(run_id, "succeeded", seconds=10)
    await first.until_it_says("worker_stopped")
    assert await floor.effects(run_id) == list(range(STEPS))
    assert (await floor.run(run_id)).attempt == 1


async def test_a_long_slice_does_not_delay_the_stop_of_a_worker(floor: Floor) -> None:
    await floor.staff(1, lease_seconds="60")
    run_id = await floor.start(steps=1, seconds=25)
    await floor.until(SLEEPING, 1, seconds=10)
    worker = await floor.holder(run_id)
    worker.signal(signal.SIGTERM)

    took = await floor.until_state(run_id, "queued", seconds=2)

    floor.note(f"given back after {took:.2f} s in the middle of a slice")
    await worker.until_dead(seconds=5)
    assert (await floor.run(run_id)).attempt == 0
    assert await floor.effects(run_id) == []


async def test_what_a_worker_does_after_it_was_taken_for_dead_is_refused(floor: Floor) -> None:
    await floor.staff(2)
    run_id = await floor.start(steps=STEPS, seconds=0.3)
    await floor.until_step(run_id, 2)
    await floor.until(SLEEPING, 1, seconds=10)
    zombie = await floor.holder(run_id)
    zombie.signal(signal.SIGSTOP)
    await floor.until_state(run_id, "succeeded", seconds=25)

    zombie.signal(signal.SIGCONT)

    await zombie.until_it_says('"ending": "lease_lost"')
    assert await floor.effects(run_id) == list(range(STEPS))
    run = await floor.run(run_id)
    assert (run.state, run.progress["done"]) == ("succeeded", STEPS)


async def test_a_running_run_is_cancelled_in_the_middle_of_a_slice(floor: Floor) -> None:
    await floor.staff(1)
    run_id = await floor.start(steps=1, seconds=25)
    await floor.until(SLEEPING, 1, seconds=10)

    await floor.cancel(run_id)

    await floor.until_state(run_id, "cancelled", seconds=2)
    assert await floor.effects(run_id) == []
    await floor.until(f"SELECT 1 - ({SLEEPING})", 1, seconds=5)


async def test_two_workers_take_each_slot_of_a_schedule_once(floor: Floor) -> None:
    await floor.staff(2, sweep_seconds="0.05")

    await floor.until("SELECT count(*) FROM effects WHERE slot IS NOT NULL", 4, seconds=15)

    await floor.end_workers()
    assert await floor.one("SELECT count(*) - count(DISTINCT slot) FROM effects") == 0
    slots = await floor.one("SELECT count(*) FROM schedule_slots")
    assert slots == await floor.one("SELECT count(*) FROM effects")
