"""The oldest PostgreSQL that is promised: migrations and the core of the suite, where it is installed."""

import json
import os
import pwd
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clientbase.embedded.ports import free_port

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
CORE = ("tests/loading", "tests/clients", "tests/tags", "tests/orders", "tests/filters/test_members.py")
ROLES = "CREATE ROLE clientbase_owner LOGIN; CREATE ROLE clientbase_service LOGIN;"


@pytest.fixture
def addresses(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A throw-away server of version 15 on loopback, which lets in whoever can read its folder's port."""
    user = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    for folder in [tmp_path, *list(tmp_path.parents)[:3]]:
        if str(folder).startswith("/tmp/"):
            folder.chmod(0o755)
    data = tmp_path / "data"
    data.mkdir()
    os.chown(data, user.pw_uid, user.pw_gid)

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [PROGRAMS / program, *arguments], check=True, user=user.pw_uid, group=user.pw_gid,
            stdout=subprocess.DEVNULL, extra_groups=[],
        )  # fmt: skip

    port = free_port()
    run("initdb", "-D", str(data), "-U", "postgres", "-E", "UTF8", "--locale=C", "--auth=trust", "--no-sync")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
    run("pg_ctl", "-D", str(data), "-o", options, "-l", str(data / "log"), "-w", "start")
    try:
        base = f"127.0.0.1:{port}"
        run("psql", "-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "-c", ROLES)
        run("psql", "-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "-c", "CREATE DATABASE clientbase")
        yield {
            "database_url": f"postgresql://clientbase_service@{base}/clientbase",
            "owner_database_url": f"postgresql://clientbase_owner@{base}/clientbase",
            "admin_database_url": f"postgresql://postgres@{base}/postgres",
        }
    finally:
        run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")


@pytest.mark.skipif(not (PROGRAMS / "initdb").exists(), reason="PostgreSQL 15 is not installed here")
def test_migrations_and_the_core_of_the_suite_run_on_postgresql_15(addresses: dict[str, str]) -> None:
    environment = os.environ | {"CLIENTBASE_TEST_POSTGRES": json.dumps(addresses)}
    environment = {name: value for name, value in environment.items() if not name.startswith("PYTEST_XDIST")}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *CORE]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-4000:]
