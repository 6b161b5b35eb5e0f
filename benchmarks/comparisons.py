"""The same hundred segments by other means: one SQL query a tree; members as rows, as Mautic keeps them."""

import asyncio
import random
import time
from math import ceil
from statistics import mean

from sqlalchemy import text

from benchmarks.figures import Figure
from benchmarks.recalculation import change_clients, recalculate
from benchmarks.row_members import BATCH, RowMembers, Work, row_members
from benchmarks.saved import Saved, one_query, saved_segments
from benchmarks.stage import Stage, stopped
from benchmarks.trees import SEED, SEGMENTS
from clientbase.kit.db import AnySession, beside, reading
from clientbase.search.leaves import read_ids

CITY = "Казань"
REBUILD_SECONDS = 50.0
"""Segments are rebuilt as rows for so long; what all would take follows from these."""
SAMPLED = 5
FILLED = (0.0, 0.5, 0.99)
"""A batch of a first fill is measured when so many of the members are there."""


async def measure(stage: Stage) -> list[Figure]:
    """Seconds of all three after the same change, and the others as times the product's recount."""
    async with reading(stage.sessions, snapshot=True) as session:
        before = await saved_segments(session, stage.account)
    changed = await change_clients(stage, which=random.randrange(100), city=CITY)
    recount = await recalculate(stage)
    with stopped(stage.pids["worker"]):
        queries = await _one_query_each(stage)
        async with row_members(stage.owner_url) as rows:
            others = [queries, *await _by_rows(stage, rows, before)]
    note = f"{changed} clients changed"
    figures = [Figure(f"recount of {SEGMENTS} segments by the product", recount, "s", note=note)]
    for other in others:
        figures += [other, Figure(f"{other.name}, times the recount", other.value / recount, "×")]
    return figures


async def _one_query_each(stage: Stage) -> Figure:
    """Every tree as one query, two at a time in one snapshot, as the product asks its leaves."""
    async with (
        reading(stage.sessions, snapshot=True) as session,
        beside(stage.sessions, session) as second,
    ):
        segments = await saved_segments(session, stage.account)
        waiting = iter(segments.values())
        seconds: list[float] = []
        others: list[str] = []

        async def work_off(own: AnySession) -> None:
            await own.execute(text("SET LOCAL statement_timeout = 0"))
            for segment in waiting:
                started = time.perf_counter()
                found = await read_ids(own, one_query(segment, stage.account, segments).ids())
                seconds.append(time.perf_counter() - started)
                if found != segment.members:
                    others.append(segment.code)

        began = time.perf_counter()
        await asyncio.gather(work_off(session), work_off(second))
        whole = time.perf_counter() - began
    assert not others, f"other members than the product stored: {', '.join(others)}"
    members = sum(len(segment.members) for segment in segments.values())
    note = f"two at a time, the slowest {max(seconds):.1f} s; all {members:,} members are those stored"
    return Figure("one SQL query a tree", whole, "s", note=note)


async def _by_rows(stage: Stage, rows: RowMembers, before: dict[int, Saved]) -> list[Figure]:
    async with reading(stage.sessions, snapshot=True) as session:
        segments = await saved_segments(session, stage.account)
    return [
        await _rebuilt(stage, rows, before, segments),
        await _filled(stage, rows, segments),
    ]


async def _rebuilt(
    stage: Stage, rows: RowMembers, before: dict[int, Saved], segments: dict[int, Saved]
) -> Figure:
    """As many segments as there is time for, taken at random, from their members before the change."""
    chosen = random.Random(SEED).sample(list(segments.values()), len(segments))
    done: list[Work] = []
    while len(done) < len(chosen) and sum(work.seconds for work in done) < REBUILD_SECONDS:
        segment = chosen[len(done)]
        await rows.put(segment.id, before[segment.id].members)
        done.append(await rows.rebuild(segment.id, one_query(segment, stage.account, segments)))
        found = await rows.members(segment.id)
        assert found == segment.members, f"other members than the product stored: {segment.code}"
    seconds = sum(work.seconds for work in done)
    note = (
        f"{len(done)} segments measured in {seconds:.1f} s, "
        f"{sum(work.entered for work in done):,} entered, {sum(work.left for work in done):,} left, "
        f"all members are those stored; {len(segments) - len(done)} extrapolated by the mean"
    )
    return Figure(
        f"Mautic's way, rows in batches of {BATCH}", seconds / len(done) * len(segments), "s", note=note
    )


async def _filled(stage: Stage, rows: RowMembers, segments: dict[int, Saved]) -> Figure:
    """A few batches of a few segments from the smallest to the largest; all others follow from these."""
    by_size = sorted((one for one in segments.values() if one.members), key=lambda one: len(one.members))
    sample = [by_size[place * (len(by_size) - 1) // (SAMPLED - 1)] for place in range(SAMPLED)]
    counts, batches = [], []
    for segment in sample:
        asked = one_query(segment, stage.account, segments)
        for share in FILLED:
            await rows.put(segment.id, segment.members[: int(len(segment.members) * share)])
            counts.append(await rows.count_missing(segment.id, asked))
            batches.append((await rows.add_batch(segment.id, asked), _batches(segment)))
    of_all = sum(map(_batches, segments.values()))
    weighted = sum(seconds * weight for seconds, weight in batches) / sum(weight for _, weight in batches)
    seconds = of_all * weighted + 2 * len(segments) * mean(counts)
    note = (
        f"extrapolated to {of_all:,} batches of {weighted:.2f} s and {2 * len(segments)} counts of "
        f"{mean(counts):.2f} s from {len(batches)} of each, of {SAMPLED} segments of all sizes"
    )
    return Figure("Mautic's way, first fill", seconds, "s", note=note)


def _batches(segment: Saved) -> int:
    return ceil(len(segment.members) / BATCH)
