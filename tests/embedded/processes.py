"""Looking at real processes from outside."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from clientbase.embedded.waiting import wait_until

PATIENCE_SECONDS = 30.0


def is_running(pid: int) -> bool:
    """Whether the process exists and is not a zombie that nobody has collected yet."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def all_end(pids: Iterable[int]) -> bool:
    """Whether every process ends within the tests' patience."""
    return wait_until(lambda: not any(is_running(pid) for pid in pids), seconds=PATIENCE_SECONDS)


def comes_true(condition: Callable[[], bool]) -> bool:
    """Whether the condition comes true within the tests' patience."""
    return wait_until(condition, seconds=PATIENCE_SECONDS)


def python(code: str, *arguments: str | Path, **options: object) -> "subprocess.Popen[str]":
    """A child that runs the code; what it prints can be read from its stdout."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options)  # type: ignore[call-overload, no-any-return]


def descendants(pid: int) -> list[int]:
    """The processes below a process, children before their own children."""
    children = [child for child in _all() if _parent(child) == pid]
    return children + [below for child in children for below in descendants(child)]


def command_line(pid: int) -> list[str]:
    """The program of a process and its arguments; nothing when it has gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0").split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return [""]


def _all() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdecimal()]


def _parent(pid: int) -> int | None:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return None
