"""Servers and their folder after an end without warning."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from clientbase.embedded import engines
from tests.embedded.processes import all_end, descendants, is_running, python
from tests.embedded.test_engines import fetch_value

START_AND_WAIT = """
import json, signal, sys
from pathlib import Path
from clientbase.embedded import engines

started = engines.start(Path(sys.argv[1]))
print(json.dumps({"url": started.owner_database_url}), flush=True)
signal.pause()
"""


@pytest.fixture
def parent(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """A process that holds the servers of a folder."""
    with python(START_AND_WAIT, tmp_path) as process:
        yield process
        process.kill()


def started_url(parent: "subprocess.Popen[str]") -> str:
    assert parent.stdout is not None
    url: str = json.loads(parent.stdout.readline())["url"]
    return url


async def test_no_process_outlives_a_killed_parent(parent: "subprocess.Popen[str]", tmp_path: Path) -> None:
    url = started_url(parent)
    await fetch_value(url, "CREATE TABLE kept AS SELECT 7 AS number")
    pids = descendants(parent.pid)
    assert len(pids) > 2

    parent.kill()

    assert all_end(pids)
    with engines.start(tmp_path) as again:
        assert await fetch_value(again.owner_database_url, "SELECT number FROM kept") == 7


async def test_a_start_waits_for_the_servers_of_a_killed_parent(
    parent: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    url = started_url(parent)
    await fetch_value(url, "CREATE TABLE kept AS SELECT * FROM generate_series(1, 300000) AS number")

    parent.kill()
    parent.wait()

    with engines.start(tmp_path) as again:
        assert await fetch_value(again.owner_database_url, "SELECT count(*) FROM kept") == 300_000


async def test_a_killed_postgres_starts_again_with_all_that_was_committed(tmp_path: Path) -> None:
    with engines.start(tmp_path) as first:
        await fetch_value(first.owner_database_url, "CREATE TABLE kept AS SELECT 7 AS number")
        postmaster = first.children["PostgreSQL"].pid
        pids = descendants(postmaster)
        os.kill(postmaster, signal.SIGKILL)
        assert all_end([postmaster, *pids])
        assert first.children["PostgreSQL"].exit_code == -signal.SIGKILL
    assert (tmp_path / "postgres" / "postmaster.pid").exists()
    with engines.start(tmp_path) as again:
        assert await fetch_value(again.owner_database_url, "SELECT number FROM kept") == 7


def test_a_process_id_used_again_after_a_reboot_does_not_hinder_the_start(tmp_path: Path) -> None:
    engines.start(tmp_path, throwaway=True).stop()
    with python("input()", stdin=subprocess.PIPE) as stranger:
        (tmp_path / "postgres" / "postmaster.pid").write_text(f"{stranger.pid}\n{tmp_path}/postgres\n")
        engines.start(tmp_path, throwaway=True).stop()
        assert is_running(stranger.pid)
        stranger.kill()


def test_a_half_made_folder_is_made_anew(tmp_path: Path) -> None:
    half = tmp_path / "postgres.new-abc"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    with engines.start(tmp_path, throwaway=True) as started:
        assert started.children["PostgreSQL"].exit_code is None
    assert not half.exists()


def test_killed_at_any_moment_of_the_first_start_it_starts_the_next_time(tmp_path: Path) -> None:
    for lines in (1, 2, 3):
        with python(START_AND_WAIT, tmp_path) as parent:
            # Ever later: the lock is taken, initdb runs, roles are made.
            seen = descendants_grow(parent.pid, lines)
            parent.kill()
        assert all_end(seen)
    engines.start(tmp_path).stop()


def descendants_grow(pid: int, changes: int) -> list[int]:
    """Every process seen below one, after its set of children has changed so many times."""
    seen: list[int] = []
    before: list[int] = []
    while changes and is_running(pid):
        now = descendants(pid)
        if now != before:
            changes -= 1
            before = now
            seen += now
    return seen


def test_an_ended_session_ends_its_statement(throwaway: engines.Engines) -> None:
    with python(
        "import asyncio, asyncpg, sys\n"
        "async def main():\n"
        "    c = await asyncpg.connect(sys.argv[1])\n"
        "    print(c.get_server_pid(), flush=True)\n"
        "    await c.execute('SELECT pg_sleep(600)')\n"
        "asyncio.run(main())\n",
        throwaway.database_url,
    ) as client:
        assert client.stdout is not None
        backend = int(client.stdout.readline())
        client.kill()
    assert all_end([backend])
