"""Redis is disposable: whatever happens to it, no run is lost and no worker dies."""

import signal
import time

from tests.faults.harness import Floor

DONE = "SELECT count(*) FROM runs WHERE state = 'succeeded'"
AWAY_SECONDS = 10


async def test_runs_that_were_queued_when_redis_was_wiped_are_all_done(floor: Floor) -> None:
    for _ in range(100):
        await floor.start(steps=1)
    await floor.redis.until_it_holds(100)
    floor.redis.flush()
    floor.worker()

    await floor.until(DONE, 100, seconds=10)

    assert await floor.one("SELECT count(*) FROM effects WHERE n = 0") == 100


async def test_a_worker_goes_on_through_ten_seconds_without_redis(floor: Floor) -> None:
    await floor.staff(1)
    floor.redis.kill()
    started, slowest, count = time.monotonic(), 0.0, 0
    while time.monotonic() - started < AWAY_SECONDS:
        run_id = await floor.start(steps=2)
        slowest = max(slowest, await floor.until_state(run_id, "succeeded", seconds=5))
        count += 1
    floor.redis.start()

    run_id = await floor.start(steps=2)
    await floor.until_state(run_id, "succeeded", seconds=5)

    floor.note(f"{count} runs one after another without Redis, the slowest {slowest:.2f} s")
    assert floor.workers[0].is_alive


async def test_a_ring_is_heard_again_when_redis_has_come_back(floor: Floor) -> None:
    """With looks an hour apart only the doorbell can wake the worker."""
    await floor.staff(1, sweep_seconds="3600")
    floor.redis.kill()
    await floor.workers[0].until_it_says("doorbell_lost")
    floor.redis.start()

    run_id = await floor.start(steps=1)

    await floor.until_state(run_id, "succeeded", seconds=5)


async def test_a_redis_that_hangs_delays_neither_starts_nor_work(floor: Floor) -> None:
    await floor.staff(1)
    floor.redis.signal(signal.SIGSTOP)
    started = time.monotonic()
    run_ids = [await floor.start(steps=1) for _ in range(5)]

    took = time.monotonic() - started
    await floor.until(DONE, len(run_ids), seconds=5)

    floor.redis.signal(signal.SIGCONT)
    assert took < 1
    assert floor.workers[0].is_alive
