"""Clients coming in: batches over HTTP and a CSV file, beside bare SQL that loads the same rows."""

import secrets
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, BinaryIO

import httpx

from benchmarks import bare
from benchmarks.figures import Figure
from benchmarks.memory import forget_peak, peak_mb
from benchmarks.newcomers import SOURCE, as_item, newcomers, write_csv
from benchmarks.stage import Stage, finished
from clientbase.accounts import service as accounts
from clientbase.kit.db import writing

BATCH = 1000
BATCHED = 20_000
TIMES_BARE = 4.0
CHUNK_BYTES = 1 << 20


async def measure_batches(stage: Stage) -> list[Figure]:
    """Rows a second of `POST /clients/batch`, all new and again unchanged."""
    key, _ = await _account(stage, "batches")
    items = [as_item(one) for one in newcomers(BATCHED)]
    forget_peak(stage.pids["API"])
    async with _client(stage, key) as api:
        created = await _post(api, items)
        unchanged = await _post(api, items)
    bare_seconds = await _bare(stage, "bare batches", BATCHED)
    return [
        Figure("batch upsert, all new", BATCHED / created, "rows/s"),
        Figure("batch upsert, nothing changed", BATCHED / unchanged, "rows/s"),
        Figure("bare COPY and INSERT … ON CONFLICT", BATCHED / bare_seconds, "rows/s"),
        Figure("batch upsert, times the bare", created / bare_seconds, "×", TIMES_BARE),
        Figure("peak memory of the API meanwhile", peak_mb(stage.pids["API"]), "MB", 500),
    ]


async def measure_import(stage: Stage) -> list[Figure]:
    """Rows a second of a CSV file of as many clients as the base has, and the memory that it takes."""
    rows = stage.clients
    key, _ = await _account(stage, "import")
    for pid in stage.pids.values():
        forget_peak(pid)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clients.csv"
        write_csv(path, rows)
        async with _client(stage, key) as api:
            seconds = await _import(api, path, rows)
    bare_seconds = await _bare(stage, "bare import", rows)
    return [
        Figure("CSV import, all new", rows / seconds, "rows/s"),
        Figure("bare COPY and INSERT … ON CONFLICT", rows / bare_seconds, "rows/s"),
        Figure("CSV import, times the bare", seconds / bare_seconds, "×", TIMES_BARE),
        *(
            Figure(f"peak memory of the {name} meanwhile", peak_mb(pid), "MB", 500)
            for name, pid in stage.pids.items()
        ),
    ]


async def _account(stage: Stage, name: str) -> tuple[str, int]:
    """An account of its own, so that the base stays as it is; returns a key and its id."""
    async with writing(stage.sessions) as session:
        account = await accounts.create_account(session, name=name)
        _, key = await accounts.create_api_key(
            session, account_id=account.id, name="benchmarks", scopes=["admin"]
        )
    return key, account.id


def _client(stage: Stage, key: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=stage.api.base_url,
        headers={"Authorization": f"Bearer {key}"},
        timeout=stage.api.timeout,
        trust_env=False,
    )


async def _post(api: httpx.AsyncClient, items: list[dict[str, Any]]) -> float:
    """Seconds for all batches, one after another."""
    began = time.perf_counter()
    for start in range(0, len(items), BATCH):
        answer = await api.post("clients/batch", json={"items": items[start : start + BATCH]})
        assert answer.status_code == 207, answer.text
        rejected = answer.json()["progress"]["rejected"]
        assert rejected == 0, f"{rejected} rows were rejected"
    return time.perf_counter() - began


async def _import(api: httpx.AsyncClient, path: Path, rows: int) -> float:
    """Seconds from the first byte of the upload to the end of the run."""
    began = time.perf_counter()
    with path.open("rb") as file:
        answer = await api.post(
            "imports",
            params={"kind": "clients", "source": SOURCE},
            content=_chunks(file),
            headers={"Content-Type": "text/csv", "Idempotency-Key": secrets.token_hex(16)},
        )
    answer.raise_for_status()
    run = await finished(api, answer.headers["Location"])
    seconds = time.perf_counter() - began
    created = run["progress"]["created"]
    assert created == rows, f"{created} of {rows} rows were created"
    return seconds


async def _chunks(file: BinaryIO) -> AsyncIterator[bytes]:
    while chunk := file.read(CHUNK_BYTES):
        yield chunk


async def _bare(stage: Stage, name: str, rows: int) -> float:
    _, account_id = await _account(stage, name)
    connection = await stage.owner()
    try:
        return await bare.load(connection, account_id, rows)
    finally:
        await connection.close()
