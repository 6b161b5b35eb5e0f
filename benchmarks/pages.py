"""A page of clients by segment over HTTP: the first, a deep one, and one of members far down the order."""

import time
from typing import Any

from sqlalchemy import text

from benchmarks.figures import Figure, spread
from benchmarks.stage import Stage
from clientbase.kit.db import reading
from clientbase.kit.paging import MAX_LIMIT

LIMIT = 100
REPEATS = 15
DEEP_PAGES = 50
AIM = 50.0
WIDE_SHARE = 3
WIDE, FAR = "bench-pages-wide", "bench-pages-far"
ORDERS = ("-revenue", "full_name", "-created_at")
_FAR_END = text("""
SELECT client_id FROM client_stats WHERE account_id = :account ORDER BY revenue, client_id LIMIT 500
""")


async def measure(stage: Stage) -> list[Figure]:
    """Milliseconds of pages of 100 clients, total included."""
    await _segments(stage)
    figures: list[Figure] = []
    for order in ORDERS:
        figures += await _timed(stage, f"first page by {order}", WIDE, {"sort": order})
        cursor = await _deep(stage, order)
        figures += await _timed(stage, f"deep page by {order}", WIDE, {"sort": order, "cursor": cursor})
    figures += await _timed(stage, "members at the far end, by -revenue", FAR, {"sort": "-revenue"})
    return figures


async def _segments(stage: Stage) -> None:
    """Two manual segments: a third of the clients, and the five hundred who spent least."""
    async with reading(stage.sessions) as session:
        far = list((await session.execute(_FAR_END, {"account": stage.account.id})).scalars())
        first = await session.scalar(
            text("SELECT min(id) FROM clients WHERE account_id = :account"), {"account": stage.account.id}
        )
    assert first is not None
    for code, ids in ((WIDE, list(range(first, first + stage.clients, WIDE_SHARE))), (FAR, far)):
        body = {"name": code, "code": code, "kind": "manual"}
        answer = await stage.api.post("segments", json=body)
        if answer.status_code == 409:  # of an earlier run on the same base
            continue
        answer.raise_for_status()
        for start in range(0, len(ids), 10_000):
            part = {"ids": ids[start : start + 10_000]}
            added = await stage.api.post(f"segments/{code}/member-additions", json=part)
            added.raise_for_status()


async def _deep(stage: Stage, order: str) -> str:
    """The cursor half-way through the segment, or as far as fifty of the largest pages lead."""
    cursor: str | None = None
    limit = stage.clients // WIDE_SHARE // 2 // DEEP_PAGES
    for _ in range(DEEP_PAGES):
        params = {"sort": order, "limit": min(limit, MAX_LIMIT), "count": "none"}
        page = await _page(stage, WIDE, params | ({"cursor": cursor} if cursor else {}))
        cursor = page["next_cursor"]
    return str(cursor)


async def _timed(stage: Stage, name: str, segment: str, params: dict[str, Any]) -> list[Figure]:
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        await _page(stage, segment, {"limit": LIMIT, **params})
        times.append((time.perf_counter() - began) * 1000)
    median, _, worst = spread(name, times, median_aim=AIM, worst_aim=AIM)
    return [Figure(name, median.value, "ms", AIM, note=f"worst of {REPEATS}: {worst.value:.0f} ms")]


async def _page(stage: Stage, segment: str, params: dict[str, Any]) -> dict[str, Any]:
    answer = await stage.api.get(f"segments/{segment}/clients", params=params)
    return dict(answer.raise_for_status().json())
