"""Log files of child processes."""

import os
from pathlib import Path
from typing import IO

MOST_BYTES = 10 * 1024 * 1024
TAIL_BYTES = 2000


def open_log(path: Path) -> IO[bytes]:
    """Open for appending; a file that has grown large becomes `<name>.1` first."""
    if path.exists() and path.stat().st_size > MOST_BYTES:
        path.replace(path.with_name(path.name + ".1"))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    return os.fdopen(descriptor, "ab")


def tail(path: Path) -> str:
    """The last lines of a log, for an error message."""
    if not path.exists():
        return "(no log)"
    return path.read_bytes()[-TAIL_BYTES:].decode(errors="replace").strip()
