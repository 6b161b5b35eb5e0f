"""Making the folder of a PostgreSQL server: whole or not at all."""

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from clientbase.embedded.credentials import Credentials
from clientbase.embedded.errors import EngineError
from clientbase.embedded.process import ENGINE_ENVIRONMENT, Command, Identity, await_nobody_in

ADMIN = "postgres"
OWNER = "clientbase_owner"
SERVICE = "clientbase_service"
DATABASE = "clientbase"
MAJOR_VERSION = "18"
REMAINS_SECONDS = 60.0
"""Long enough for a server whose parent was killed to write its last checkpoint."""
HALF_DONE_PREFIX = "postgres.new-"
INITDB_ARGUMENTS = (
    f"--username={ADMIN}",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--auth=reject",
    "--no-instructions",
)
# Only loopback, only with a password; the rules that initdb wrote let nobody in.
ACCESS_RULES = "host all all 127.0.0.1/32 scram-sha-256\n"


def create(folder: Path, credentials: Credentials, *, programs: Path, identity: Identity, sync: bool) -> None:
    """Make the cluster, its roles and its database beside the folder and move it there when all is done."""
    new = Path(tempfile.mkdtemp(dir=folder.parent, prefix=HALF_DONE_PREFIX))
    os.chown(new, identity.uid, identity.gid)
    durability = "--sync-method=fsync" if sync else "--no-sync"
    _run(programs / "initdb", ["--pgdata={folder}", *INITDB_ARGUMENTS, durability], new, identity)
    single_user = ["--single", "-D", "{folder}", "-c", "exit_on_error=on", ADMIN]
    _run(programs / "postgres", single_user, new, identity, stdin=_first_statements(credentials))
    (new / "pg_hba.conf").write_text(ACCESS_RULES)  # written over, so it keeps its owner and mode
    new.rename(folder)


def remove_half_done(data_dir: Path) -> None:
    """Remove what a killed `create` left."""
    for folder in data_dir.glob(HALF_DONE_PREFIX + "*"):
        await_nobody_in(folder, seconds=REMAINS_SECONDS)
        shutil.rmtree(folder)


def check_version(folder: Path) -> None:
    """Raises EngineError when another major version made the cluster."""
    version = (folder / "PG_VERSION").read_text().strip()
    if version != MAJOR_VERSION:
        raise EngineError(
            f"{folder} was made by PostgreSQL {version}, and this is {MAJOR_VERSION}: "
            "restore a backup into a new data folder."
        )


def _first_statements(credentials: Credentials) -> str:
    """One statement a line, as the single-user mode reads them; the passwords are URL-safe text."""
    statements = [
        f"ALTER ROLE {ADMIN} PASSWORD '{credentials.admin_password}'",
        f"CREATE ROLE {OWNER} LOGIN PASSWORD '{credentials.owner_password}'",
        f"CREATE ROLE {SERVICE} LOGIN PASSWORD '{credentials.service_password}'",
        f"CREATE DATABASE {DATABASE} OWNER {OWNER}",
        f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC",
        f"GRANT CONNECT, TEMPORARY ON DATABASE {DATABASE} TO {SERVICE}",
    ]
    return "".join(f"{statement};\n" for statement in statements)


def _run(program: Path, arguments: Sequence[str], folder: Path, identity: Identity, stdin: str = "") -> None:
    command = Command([program, *arguments], identity=identity, folder=folder, environment=ENGINE_ENVIRONMENT)
    result = command.run(stdin)
    if result.returncode != 0:
        raise EngineError(f"PostgreSQL could not make its folder {folder}:\n{result.stdout}")
