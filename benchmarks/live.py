"""The live loop: rounds after changes and after time, what they tell, facts on their way, previews.

It rewrites a good part of the base, so it comes last: what is measured behind it reads bloated tables.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import NamedTemporaryFile
from typing import Any

from sqlalchemy import text

from benchmarks.figures import Figure, spread
from benchmarks.memory import forget_peak, peak_mb
from benchmarks.stage import Stage, stopped
from benchmarks.trees import both, counted, did, either, field, summed
from clientbase.config import settings
from clientbase.jobs.live import LONGEST_PAUSE_SECONDS
from clientbase.kit.db import ReadSession, Sessions, make_engine, session_factory, writing
from clientbase.search.leaf_store import CARRIED, LeafStore
from clientbase.segments import live_repository as live
from clientbase.segments.live import Memory, take_round
from clientbase.segments.telling import tell_some

ROUNDS = 5
CHANGED = (100, 1_000, 10_000, 100_000)
WRITES_PER_SECOND = 50
WRITE_SECONDS = 20
LATE_SECONDS = 30
"""After the last write; what has not been seen then is lost."""
AT_ONCE = 5
UNDER_WAY = 6
"""Writes of an account take turns, so that more at once would only wait."""
CITY = "Живоград"
CODE = "bench-live"
_CHANGE = text("""
WITH chosen AS (
    SELECT id FROM clients WHERE account_id = :account AND id % :every = :which ORDER BY id LIMIT :number
), moved AS (
    UPDATE clients SET city = :city, city_folded = lower(:city) FROM chosen
    WHERE account_id = :account AND clients.id = chosen.id
), spent AS (
    UPDATE client_stats SET revenue = revenue + 100 FROM chosen
    WHERE account_id = :account AND client_id = chosen.id
), visited AS (
    INSERT INTO actions (account_id, client_id, type_id, at, reference)
    SELECT :account, id, 1, now(), 'direct' FROM chosen
), bought AS (
    UPDATE orders SET total = total + 100 FROM chosen
    WHERE account_id = :account AND client_id = chosen.id AND purchased_at IS NOT NULL
)
SELECT count(*) FROM chosen
""")
_LEASED = text("SELECT leased_until > now() FROM live_states WHERE account_id = :account")
_TOLD = text("""
SELECT client_id FROM actions
WHERE account_id = :account AND type_id = 30 AND at >= :since
  AND reference = (SELECT id::text FROM segments WHERE account_id = :account AND code = :code)
""")


async def measure(stage: Stage) -> list[Figure]:
    """Everything about live segments; the hundred segments have been made by their own measurement."""
    figures: list[Figure] = []
    await _until(lambda: _is_idle(stage), seconds=300)
    with stopped(stage.pids["worker"]):
        figures += await _rounds(stage)
    forget_peak(stage.pids["worker"])
    figures += await _facts(stage)
    figures += await _previews(stage)
    return [*figures, Figure("peak memory of the worker", peak_mb(stage.pids["worker"]), "MB", 500)]


async def _rounds(stage: Stage) -> list[Figure]:
    store = LeafStore(settings().redis_url)
    engine = make_engine(settings().database_url)
    sessions, memory = session_factory(engine, carried={CARRIED: store}), Memory()
    figures = [Figure("first round, what is kept taken over", await _round(stage, sessions, memory), "s")]
    idle = [await _round(stage, sessions, memory) for _ in range(ROUNDS)]
    figures.append(Figure("round without a change", median(idle), "s"))
    for number in CHANGED:
        if number * 4 <= stage.clients:
            figures += await _after_change(stage, sessions, memory, number)
    figures.append(await _after_an_hour(stage, sessions, memory))
    await store.close()
    await engine.dispose()
    return figures


async def _after_change(stage: Stage, sessions: Sessions, memory: Memory, number: int) -> list[Figure]:
    times, tellings = [], []
    for which in range(ROUNDS if number <= 10_000 else 2):
        await _change(stage, number, which)
        times.append(await _round(stage, sessions, memory))
        tellings.append(await _tell(stage))
    aim = {100: 0.1, 10_000: 1.0}.get(number)
    worst = f"worst of {len(times)}: {max(times):.2f} s"
    events = f"{median(events for _, events in tellings):,.0f} events"
    return [
        Figure(f"round after {number:,} clients changed", median(times), "s", aim, note=worst),
        Figure("telling their timelines", median(seconds for seconds, _ in tellings), "s", note=events),
    ]


async def _tell(stage: Stage) -> tuple[float, int]:
    """Everything that is left to tell, slice by slice; the seconds and the number of events."""
    began, told = time.perf_counter(), 0
    while True:
        async with writing(stage.sessions) as session:
            some = await tell_some(session, account_id=stage.account.id)
        if not some:
            return time.perf_counter() - began, told
        told += some


async def _change(stage: Stage, number: int, which: int) -> None:
    every = max(1, stage.clients // number)
    values = {"account": stage.account.id, "every": every, "which": which % every, "number": number}
    async with writing(stage.sessions) as session:
        await session.execute(text("SET LOCAL statement_timeout = 0"))
        await session.execute(_CHANGE, values | {"city": random.choice(("Москва", "Казань", "Тверь"))})


async def _after_an_hour(stage: Stage, sessions: Sessions, memory: Memory) -> Figure:
    """Time passes by the clock's file, and nothing else."""
    with NamedTemporaryFile("w") as file:
        settings().clock_file = Path(file.name)
        times = []
        for hour in range(1, ROUNDS + 1):
            file.seek(0)
            file.write((datetime.now(UTC) + timedelta(hours=hour)).isoformat())
            file.flush()
            times.append(await _round(stage, sessions, memory))
            await _tell(stage)
        settings().clock_file = None
    await _forget_the_hours(stage)
    note = f"worst of {len(times)}: {max(times):.2f} s"
    return Figure("round after an hour without a change", median(times), "s", 0.3, note=note)


async def _forget_the_hours(stage: Stage) -> None:
    """What was computed for an hour to come would refuse every result of an earlier one."""
    async with writing(stage.sessions) as session:
        for table in ("segments", "live_states"):
            await session.execute(
                text(
                    f"UPDATE {table} SET computed_at = clock_timestamp() "
                    "WHERE account_id = :account AND computed_at > clock_timestamp()"
                ),
                {"account": stage.account.id},
            )


async def _round(stage: Stage, sessions: Sessions, memory: Memory) -> float:
    async with writing(sessions) as session:
        await session.execute(
            text("UPDATE live_states SET leased_until = NULL WHERE account_id = :account"),
            {"account": stage.account.id},
        )
        lease = await live.claim(session, stage.account.id, seconds=600)
    assert lease is not None
    began = time.perf_counter()
    await take_round(sessions, account=stage.account, lease=lease, memory=memory)
    seconds = time.perf_counter() - began
    async with writing(sessions) as session:
        await live.give_back(session, lease)
    return seconds


async def _facts(stage: Stage) -> list[Figure]:
    """Fifty changes a second through the API, each until the segment's feed tells of it."""
    body = {"name": CODE, "code": CODE, "kind": "dynamic", "filter": _in_city()}
    answer = await stage.api.post("segments", json=body)
    if answer.status_code != 409:
        answer.raise_for_status()
    await _until(lambda: _is_live(stage), seconds=120)
    async with writing(stage.sessions) as session:
        await live.wake(session, stage.account.id)  # it stood still meanwhile: its leaves are as old as that
    await _until(lambda: _is_idle(stage), seconds=300)
    await asyncio.sleep(LONGEST_PAUSE_SECONDS + 1)  # behind what the worker has caught up with
    page = (await stage.api.get(f"segments/{CODE}/events", params={"limit": 1000})).json()
    while page["next_cursor"]:
        params = {"limit": 1000, "cursor": page["next_cursor"]}
        page = (await stage.api.get(f"segments/{CODE}/events", params=params)).json()
    cursor = page["resume_cursor"]
    ids = await _not_there(stage)
    written: dict[int, float] = {}
    seen: dict[int, float] = {}
    told: dict[int, float] = {}
    writing_ = asyncio.create_task(_write(stage, ids, written))
    listening = asyncio.create_task(_hear(stage, told))
    while not writing_.done() or not _all_seen(written, seen, told):
        params = {"limit": 1000, "count": "none"} | ({"cursor": cursor} if cursor else {})
        page = (await stage.api.get(f"segments/{CODE}/events", params=params)).json()
        now = time.perf_counter()
        for event in page["items"]:
            seen.setdefault(event["client_id"], now)
        cursor = page["resume_cursor"] or cursor
        await asyncio.sleep(0.05)
    await writing_
    listening.cancel()
    seconds = max(written.values()) - min(written.values())
    return [
        Figure("writes a second", len(written) / seconds, "", note=f"{WRITES_PER_SECOND} tried, in fives"),
        *_delays("a write until the feed tells of it", written, seen),
        *_delays("a write until the client's timeline tells of it", written, told),
    ]


def _all_seen(written: Mapping[int, float], *seen: Mapping[int, float]) -> bool:
    """Whether all that was written has been seen, or the last write is so long ago that it never will be."""
    late = max(written.values(), default=0.0) + LATE_SECONDS < time.perf_counter()
    return late or all(written.keys() <= one.keys() for one in seen)


def _delays(name: str, written: Mapping[int, float], seen: Mapping[int, float]) -> list[Figure]:
    delays = [(seen.get(id_, time.perf_counter()) - at) * 1000 for id_, at in written.items()]
    figures = spread(name, delays, median_aim=2000, worst_aim=10_000)
    lost = len(written) - len(seen.keys() & written.keys())
    note = f"{len(written)} writes, {lost} lost"
    figures[1] = Figure(figures[1].name, figures[1].value, "ms", 2000, note=note)
    return figures


async def _hear(stage: Stage, told: dict[int, float]) -> None:
    """When the actions that timelines show were there; read from their table, a page a client is too much."""
    values = {"account": stage.account.id, "code": CODE, "since": datetime.now(UTC)}
    while True:
        async with stage.sessions() as session:
            found = list(await session.scalars(_TOLD, values))
        now = time.perf_counter()
        for client_id in found:
            told.setdefault(client_id, now)
        await asyncio.sleep(0.05)


async def _write(stage: Stage, ids: list[int], written: dict[int, float]) -> None:
    """Every client moves, a few in each request: single requests of an account take turns of 40 ms."""
    began = time.perf_counter()
    under_way = asyncio.Semaphore(UNDER_WAY)

    async def one(number: int, some: Sequence[int]) -> None:
        due = began + number * AT_ONCE / WRITES_PER_SECOND
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        async with under_way:
            body = {"items": [{"id": client_id, "city": CITY} for client_id in some]}
            answer = await stage.api.post("clients/batch", json=body)
            answer.raise_for_status()
            written.update(dict.fromkeys(some, time.perf_counter()))

    await asyncio.gather(*(one(number, some) for number, some in enumerate(_fives(ids))))


def _fives(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE)]


async def _not_there(stage: Stage) -> list[int]:
    query = text(
        "SELECT id FROM clients WHERE account_id = :account AND city_folded IS DISTINCT FROM :city "
        "AND id % 7 = 3 ORDER BY random() LIMIT :number"
    )
    values = {"account": stage.account.id, "city": CITY.lower(), "number": WRITES_PER_SECOND * WRITE_SECONDS}
    async with stage.sessions() as session:
        return list(await session.scalars(query, values))


def _in_city() -> dict[str, Any]:
    return {"version": 1, "root": field("city", "eq", CITY)}


async def _is_idle(stage: Stage) -> bool:
    """Whether the worker holds no round and has none to take: one that is stopped in a round fails in it."""
    async with stage.sessions() as session:
        is_leased = await session.scalar(_LEASED, {"account": stage.account.id})
        swept_before = datetime.now(UTC) - timedelta(minutes=5)
        wanting = await live.accounts_wanting(ReadSession(session), swept_before=swept_before)
    return not is_leased and stage.account.id not in wanting


async def _is_live(stage: Stage) -> bool:
    segment = (await stage.api.get(f"segments/{CODE}")).json()
    return segment["state"] == "ready" and segment["lag_seconds"] == 0


async def _until(condition: Callable[[], Awaitable[bool]], *, seconds: float) -> None:
    deadline = time.perf_counter() + seconds
    while not await condition():
        if time.perf_counter() > deadline:
            raise TimeoutError("the segment did not become live")
        await asyncio.sleep(0.1)


async def _previews(stage: Stage) -> list[Figure]:
    """Six conditions of which one is changed at a time, as by somebody who edits a filter."""
    warm = [
        field("city", "in", ["Москва", "Казань"]),
        summed("purchase", "amount", "5000.00", 365),
        did("visit", period={"from": "now-30d"}),
        field("gender", "eq", "female"),
        either(did("mailing.opened"), field("email", "not_empty")),
    ]
    changed = [
        *(field("revenue", "gte", f"{amount}.00") for amount in range(1000, 6000, 1000)),
        *(counted("purchase", "gte", count, 200) for count in range(2, 6)),
        *(counted("visit", "gte", count, 60) for count in range(2, 6)),
        *(field("city", "eq", city) for city in ("Тверь", "Омск", "Пермь", "Уфа")),
    ]
    await _preview(stage, [*warm, field("revenue", "gte", "1.00")])
    same = [await _preview(stage, [*warm, field("revenue", "gte", "1.00")]) for _ in range(10)]
    fresh = [await _preview(stage, [*warm, one]) for one in changed]
    figures = spread("preview after one of six conditions has changed", fresh, median_aim=150, worst_aim=1500)
    figures[1] = Figure(figures[1].name, figures[1].value, "ms", 700, note=f"{len(fresh)} changes")
    return [*figures, Figure("the same preview again", median(same), "ms", 20)]


async def _preview(stage: Stage, nodes: list[dict[str, Any]]) -> float:
    began = time.perf_counter()
    answer = await stage.api.post(
        "segments/preview", json={"filter": {"version": 1, "root": both(*nodes)}, "limit": 10}
    )
    answer.raise_for_status()
    return (time.perf_counter() - began) * 1000
