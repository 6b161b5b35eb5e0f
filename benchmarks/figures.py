"""Figures of a measurement and the page that shows them."""

import platform
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median, quantiles

from clientbase.embedded.machine import cores, memory_bytes

RESULTS = Path(__file__).with_name("results.md")


@dataclass(frozen=True)
class Figure:
    """One measured value; `aim` is the most (or, with `at_least`, the least) that it should be."""

    name: str
    value: float
    unit: str
    aim: float | None = None
    at_least: bool = False
    note: str = ""

    @property
    def verdict(self) -> str:
        """Whether the aim is met, where there is one."""
        if self.aim is None:
            return ""
        met = self.value >= self.aim if self.at_least else self.value <= self.aim
        return "met" if met else "MISSED"

    @property
    def row(self) -> str:
        """A row of the table."""
        sign = "≥" if self.at_least else "≤"
        aim = "" if self.aim is None else f"{sign} {_number(self.aim)}"
        return f"| {self.name} | {_number(self.value)} {self.unit} | {aim} | {self.verdict} | {self.note} |"


@dataclass(frozen=True)
class Section:
    """The figures of one measurement, or why there are none."""

    title: str
    figures: list[Figure]
    failure: str = ""

    @property
    def text(self) -> str:
        """A table under a heading."""
        if self.failure:
            return f"#### {self.title}\n\nNot measured: {self.failure}\n"
        rows = "\n".join(figure.row for figure in self.figures)
        return f"#### {self.title}\n\n| what | measured | aim | | note |\n|---|---|---|---|---|\n{rows}\n"


def spread(name: str, milliseconds: list[float], *, median_aim: float, worst_aim: float) -> list[Figure]:
    """Median, 95th percentile and worst of many times."""
    p95 = quantiles(milliseconds, n=20, method="inclusive")[-1] if len(milliseconds) > 1 else milliseconds[0]
    return [
        Figure(f"{name}, median", median(milliseconds), "ms", median_aim),
        Figure(f"{name}, p95", p95, "ms"),
        Figure(f"{name}, worst", max(milliseconds), "ms", worst_aim),
    ]


def write(sizes: dict[int, list[Section]], *, postgres: str, at: datetime) -> None:
    """Write `results.md`."""
    parts = [
        "# Figures\n",
        f"Made by `make bench` on {at:%Y-%m-%d}: {cores()} cores, {round(memory_bytes() / 2**30)} GiB of "
        f"memory, {postgres}, Python {platform.python_version()}. The engines are the embedded ones with the "
        "product's own settings, durable; API and worker are processes of their own.\n",
    ]
    for clients, sections in sizes.items():
        parts.append(f"## {clients:,} clients\n".replace(",", " "))
        parts.extend(section.text for section in sections)
    RESULTS.write_text("\n".join(parts), encoding="utf-8")


def show(sections: Iterable[Section]) -> None:
    """Print sections as they are done."""
    for section in sections:
        print(section.text, flush=True)


def _number(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.2f}"
