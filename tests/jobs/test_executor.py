"""How work on a run goes and ends."""

import asyncio
from collections import defaultdict

from sqlalchemy import text

from clientbase.jobs.executor import Executor
from clientbase.jobs.runtime import Job, Result, RunContext
from clientbase.kit.db import WriteSession, writing
from clientbase.kit.errors import Conflict, Unavailable
from clientbase.runs.schemas import RunError
from tests.blocking import until_blocked
from tests.jobs.conftest import Bench, no_ring

_EFFECT = text("INSERT INTO effects (run_id, n) VALUES (:run_id, :n)")
PATIENT = 0.01


async def effect(ctx: RunContext, session: WriteSession, n: int) -> None:
    await session.execute(_EFFECT, {"run_id": ctx.run_id, "n": n})


async def test_what_a_job_returns_is_the_result(bench: Bench) -> None:
    async def job(ctx: RunContext) -> Result:
        return {"subject": ctx.subject, "size": ctx.params["size"]}

    run = await bench.do({"job": Job(job)}, await bench.start(size=3))

    assert (run.state, run.result, run.error) == ("succeeded", {"subject": None, "size": 3}, None)
    assert run.owner is None
    assert run.lease_until is None


async def test_a_failed_slice_is_undone_and_the_next_attempt_goes_on_from_the_one_before(
    bench: Bench,
) -> None:
    attempts: list[object] = []

    async def job(ctx: RunContext) -> Result:
        attempts.append(ctx.cursor)
        for n in range((ctx.cursor or {"n": 0})["n"], 3):
            async with ctx.slice() as work:
                await effect(ctx, work.session, n)
                work.progress(total=3, done=1, created=1)
                work.cursor = {"n": n + 1}
                if n == 1 and len(attempts) == 1:
                    raise RuntimeError
        return None

    run_id = await bench.start()
    run = await bench.do({"job": Job(job, retry_seconds=PATIENT)}, run_id)

    assert attempts == [None, {"n": 1}]
    assert await bench.effects(run_id) == [0, 1, 2]
    assert (run.progress["total"], run.progress["done"], run.progress["created"]) == (3, 3, 3)


async def test_a_cursor_that_is_changed_in_place_is_a_moved_one(bench: Bench) -> None:
    async def job(ctx: RunContext) -> Result:
        async with ctx.slice() as work:
            work.cursor = {"done": []}
        for n in range(4):
            async with ctx.slice() as work:
                assert work.cursor is not None
                work.cursor["done"].append(n)
        return ctx.cursor

    run = await bench.do({"job": Job(job)}, await bench.start())

    assert run.result == {"done": [0, 1, 2, 3]}
    assert run.cursor == run.result


async def test_what_always_fails_is_given_up_with_a_code_and_without_values(bench: Bench) -> None:
    attempts: list[int] = []

    async def job(ctx: RunContext) -> Result:
        attempts.append(ctx.attempt)
        raise ValueError("+79991234567")

    run = await bench.do({"job": Job(job, max_attempts=3, retry_seconds=PATIENT)}, await bench.start())

    assert attempts == [1, 2, 3]
    assert (run.state, run.error["code"]) == ("failed", "INTERNAL_ERROR")  # type: ignore[index]
    assert "7999" not in str(run.error)


async def test_a_problem_of_the_run_itself_is_not_tried_again(bench: Bench) -> None:
    attempts: list[int] = []

    async def job(ctx: RunContext) -> Result:
        attempts.append(ctx.attempt)
        raise Conflict("FILTER_CHANGED", "The filter has changed.")

    run = await bench.do({"job": Job(job, retry_seconds=PATIENT)}, await bench.start())

    assert (attempts, run.state) == ([1], "failed")
    assert run.error == {"code": "FILTER_CHANGED", "detail": "The filter has changed."}


async def test_a_problem_that_may_pass_is_tried_again(bench: Bench) -> None:
    async def job(ctx: RunContext) -> Result:
        if ctx.attempt == 1:
            raise Unavailable("CRM_AWAY", "The CRM does not answer.")
        return None

    run = await bench.do({"job": Job(job, retry_seconds=PATIENT)}, await bench.start())

    assert (run.state, run.attempt) == ("succeeded", 2)


async def test_a_statement_that_takes_too_long_has_its_own_code(bench: Bench) -> None:
    async def job(ctx: RunContext) -> Result:
        async with ctx.slice() as work:
            await work.session.execute(text("SET LOCAL statement_timeout = '10ms'"))
            await work.session.execute(text("SELECT pg_sleep(5)"))
        return None

    run = await bench.do({"job": Job(job, max_attempts=1)}, await bench.start())

    assert (run.state, run.error["code"]) == ("failed", "TIMED_OUT")  # type: ignore[index]


async def test_a_failure_is_told_to_the_job_in_the_transaction_that_writes_it(bench: Bench) -> None:
    async def job(ctx: RunContext) -> Result:
        raise ValueError

    async def on_failure(session: WriteSession, ctx: RunContext, error: RunError) -> None:
        await effect(ctx, session, len(error.code))

    run_id = await bench.start()
    run = await bench.do({"job": Job(job, max_attempts=1, on_failure=on_failure)}, run_id)

    assert run.state == "failed"
    assert await bench.effects(run_id) == [len("INTERNAL_ERROR")]


async def test_a_job_that_forgives_its_parts_still_stops_when_it_is_cancelled(bench: Bench) -> None:
    at_work = asyncio.Event()

    async def job(ctx: RunContext) -> Result:
        while True:
            try:
                async with ctx.slice() as work:
                    await effect(ctx, work.session, 0)
                at_work.set()
            except Exception:
                return {"forgiven": True}

    run_id = await bench.start()
    async with bench.executor({"job": Job(job)}), asyncio.timeout(10):
        await at_work.wait()
        await bench.cancel(run_id)
        run = await bench.until_ended(run_id)

    assert (run.state, run.result) == ("cancelled", None)


async def test_no_more_runs_at_once_than_slots(bench: Bench) -> None:
    busy: set[int] = set()
    most = 0

    async def job(ctx: RunContext) -> Result:
        nonlocal most
        busy.add(ctx.run_id)
        most = max(most, len(busy))
        async with ctx.slice() as work:
            await effect(ctx, work.session, 0)
        busy.discard(ctx.run_id)
        return None

    run_ids = [await bench.start() for _ in range(12)]
    async with bench.executor({"job": Job(job)}, slots=3), asyncio.timeout(10):
        ends = [await bench.until_ended(run_id) for run_id in run_ids]

    assert {run.state for run in ends} == {"succeeded"}
    assert 1 <= most <= 3


async def test_what_a_job_starts_exists_only_if_its_slice_does(bench: Bench) -> None:
    from_slices: dict[int, list[int]] = defaultdict(list)  # what is started does the same in its turn

    async def job(ctx: RunContext) -> Result:
        async with ctx.slice() as work:
            from_slices[ctx.run_id].append(await bench.start_in(work.session))
        async with ctx.slice() as work:
            from_slices[ctx.run_id].append(await bench.start_in(work.session))
            raise ValueError

    first = await bench.start()
    await bench.do({"job": Job(job, max_attempts=1)}, first)

    kept, undone = from_slices[first]
    assert await bench.exists(kept)
    assert not await bench.exists(undone)


async def test_what_was_being_taken_when_the_worker_stops_is_given_back(bench: Bench) -> None:
    async def job(ctx: RunContext) -> Result:
        return None

    run_id = await bench.start()
    executor = Executor(bench.sessions, bench.sessions, {"job": Job(job)}, owner="b", slots=1, ring=no_ring)
    async with writing(bench.sessions) as session:
        await session.execute(text("LOCK TABLE runs IN ACCESS EXCLUSIVE MODE"))
        sweep = asyncio.create_task(executor.sweep())
        await until_blocked(bench.sessions)
        await executor.stop()
    await sweep

    run = await bench.get(run_id)
    assert (run.state, run.owner) == ("queued", None)
