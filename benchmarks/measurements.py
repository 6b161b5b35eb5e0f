"""The table of measurements: what `--only` names, in the order in which they run."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from benchmarks import (
    cold_trees,
    comparisons,
    demo_base,
    exporting,
    live,
    loading,
    pages,
    recalculation,
    triggers,
)
from benchmarks.figures import Figure
from benchmarks.stage import Stage


class Measurement(NamedTuple):
    """What is measured and by which function."""

    title: str
    measure: Callable[[Stage], Awaitable[list[Figure]]]


MEASUREMENTS: dict[str, Measurement] = {
    "demo": Measurement("The demo base", demo_base.measure),
    "trees": Measurement("Fifteen trees, cold", cold_trees.measure),
    "segments": Measurement("A hundred segments", recalculation.measure),
    "comparisons": Measurement("The same segments by other means", comparisons.measure),
    "pages": Measurement("Pages of clients by segment", pages.measure),
    "exports": Measurement("Exports", exporting.measure),
    "batches": Measurement("Batches over HTTP", loading.measure_batches),
    "imports": Measurement("CSV import", loading.measure_import),
    "triggers": Measurement("The log of changes", triggers.measure),
    "live": Measurement("Live segments", live.measure),
}
