"""`python -m benchmarks [--clients N …] [--only NAME …] [--data-dir FOLDER]`."""

import argparse
import asyncio
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import asyncpg
import httpx
from sqlalchemy.exc import SQLAlchemyError

from benchmarks import figures, stage
from benchmarks.figures import Section
from benchmarks.measurements import MEASUREMENTS, Measurement
from benchmarks.stage import Stage
from clientbase.embedded.engines import Engines
from clientbase.kit import clock
from clientbase.kit.errors import Problem

SIZES = (100_000, 1_000_000)
FAILURES = (
    httpx.HTTPError, Problem, asyncpg.PostgresError, SQLAlchemyError, AssertionError, RuntimeError,
    TimeoutError, KeyError,
)  # fmt: skip
"""What may go wrong in one measurement without taking the others with it."""


def main() -> None:
    """Measure and write `results.md`; with `--only`, print alone."""
    arguments = _arguments()
    results: dict[int, list[Section]] = {}
    version = ""
    for clients in arguments.clients or SIZES:
        results[clients], version = _measure(
            clients, arguments.only or list(MEASUREMENTS), arguments.data_dir
        )
    if not arguments.only:
        figures.write(results, postgres=version, at=clock.now())
        print(f"Written to {figures.RESULTS}.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--clients", type=int, action="append", help="size of the base; may repeat")
    parser.add_argument(
        "--only", action="append", choices=list(MEASUREMENTS), help="a measurement; may repeat"
    )
    parser.add_argument(
        "--data-dir", type=Path, default=Path(".data/bench"), help="where bases are kept for the next run"
    )
    return parser.parse_args()


def _measure(clients: int, names: Sequence[str], data_dir: Path) -> tuple[list[Section], str]:
    with ExitStack() as stack:
        print(f"## {clients:,} clients", flush=True)
        started = stage.start_engines(data_dir / str(clients), stack)
        url, pids = stage.start_services(started, stack)
        return asyncio.run(_run(clients, names, started, url, pids))


async def _run(
    clients: int, names: Sequence[str], started: Engines, url: str, pids: dict[str, int]
) -> tuple[list[Section], str]:
    sections = []
    async with stage.standing(clients, started, url, pids) as standing:
        for name in names:
            sections.append(await _section(MEASUREMENTS[name], standing))
            figures.show(sections[-1:])
        return sections, await stage.postgres_version(standing.sessions)


async def _section(measurement: Measurement, standing: Stage) -> Section:
    try:
        return Section(measurement.title, await measurement.measure(standing))
    except FAILURES as error:
        return Section(measurement.title, [], failure=f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
