"""The whole base going out as CSV and XLSX, beside bare `COPY … TO STDOUT` of the same columns."""

import secrets
import tempfile
import time
from pathlib import Path

from benchmarks import bare
from benchmarks.figures import Figure
from benchmarks.memory import forget_peak, peak_mb
from benchmarks.stage import Stage, finished

TIMES_BARE = 3.0
COLUMNS = (
    "id", "last_name", "first_name", "middle_name", "birth_date", "gender", "city", "region", "source",
    "card_number", "created_at", "orders_count", "sales_count", "revenue", "last_purchase_at",
)  # fmt: skip
_STATS = ("orders_count", "sales_count", "revenue", "last_purchase_at")


async def measure(stage: Stage) -> list[Figure]:
    """Rows a second of both formats, from the request to the last byte of the file downloaded."""
    for pid in stage.pids.values():
        forget_peak(pid)
    with tempfile.TemporaryDirectory() as folder:
        seconds = {form: await _export(stage, form, Path(folder) / f"out.{form}") for form in ("csv", "xlsx")}
        bare_seconds = await _bare(stage, Path(folder) / "bare.csv")
    rows = stage.clients
    return [
        Figure("CSV export", rows / seconds["csv"], "rows/s", note=f"{len(COLUMNS)} columns"),
        Figure("bare COPY … TO STDOUT", rows / bare_seconds, "rows/s"),
        Figure("CSV export, times the bare", seconds["csv"] / bare_seconds, "×", TIMES_BARE),
        Figure("XLSX export", rows / seconds["xlsx"], "rows/s"),
        *(
            Figure(f"peak memory of the {name} meanwhile", peak_mb(pid), "MB", 500)
            for name, pid in stage.pids.items()
        ),
    ]


async def _export(stage: Stage, form: str, path: Path) -> float:
    body = {"format": form, "fields": list(COLUMNS)}
    began = time.perf_counter()
    answer = await stage.api.post("exports", json=body, headers={"Idempotency-Key": secrets.token_hex(16)})
    answer.raise_for_status()
    await finished(stage.api, answer.headers["Location"])
    async with stage.api.stream("GET", f"exports/{answer.json()['id']}/file") as download:
        download.raise_for_status()
        with path.open("wb") as file:
            async for chunk in download.aiter_bytes():
                file.write(chunk)
    return time.perf_counter() - began


async def _bare(stage: Stage, path: Path) -> float:
    columns = ", ".join(f"s.{name}" if name in _STATS else f"c.{name}" for name in COLUMNS)
    query = (
        f"SELECT {columns} FROM clients c JOIN client_stats s "
        "ON s.account_id = c.account_id AND s.client_id = c.id "
        f"WHERE c.account_id = {stage.account.id} ORDER BY c.id"
    )
    connection = await stage.owner()
    try:
        return await bare.unload(connection, query, path)
    finally:
        await connection.close()
