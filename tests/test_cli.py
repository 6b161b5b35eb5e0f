"""The `clientbase` command, run as its users run it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from clientbase.embedded.ports import free_port
from tests.embedded.processes import all_end, comes_true, command_line, descendants, is_running

COMMAND = [sys.executable, "-m", "clientbase"]
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("CLIENTBASE_")}


def clientbase(*arguments: str | Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], env=CLEAN | variables, capture_output=True, text=True, check=False
    )


class Up:
    """A running `clientbase up`."""

    def __init__(self, data_dir: Path, *options: str) -> None:
        self.data_dir, self.port = data_dir, free_port()
        place = ["--data-dir", str(data_dir), "--port", str(self.port)]
        self.process = subprocess.Popen(
            [*COMMAND, "up", "--with-parent", *place, *options], env=CLEAN, stdout=subprocess.PIPE, text=True
        )

    def wait(self) -> "Up":
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("Ctrl-C"):
                return self
        raise AssertionError("`up` ended before it was ready")

    def run(self) -> dict[str, str]:
        values: dict[str, str] = json.loads((self.data_dir / "run.json").read_text())
        return values

    def pid_of(self, word: str) -> int | None:
        return next((pid for pid in descendants(self.process.pid) if word in command_line(pid)), None)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.wait_for_end()

    def wait_for_end(self) -> int:
        self.process.communicate(timeout=60)
        return self.process.returncode


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    started = Up(tmp_path_factory.mktemp("up") / "data", "--demo-clients", "200").wait()
    yield started
    started.stop()


def get(up: Up, path: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {up.run()['api_key']}"}
    return httpx.get(up.run()["url"] + path, headers=headers, trust_env=False)


def test_up_serves_a_demo_base_with_the_key_of_its_run_file(up: Up) -> None:
    answer = get(up, "/api/v1/account")
    assert answer.status_code == 200
    assert (up.data_dir / "run.json").stat().st_mode & 0o777 == 0o600


async def test_the_addresses_of_the_run_file_work_and_the_service_changes_no_tables(up: Up) -> None:
    connection = await asyncpg.connect(up.run()["database_url"])
    assert await connection.fetchval("SELECT count(*) FROM clients") == 200
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("CREATE TABLE t (id int)")
    await connection.close()


def test_a_second_up_is_refused_with_the_first_one_named(up: Up) -> None:
    second = clientbase("up", "--data-dir", up.data_dir, "--port", str(free_port()))
    assert second.returncode == 1
    assert f"in use by process {up.process.pid}" in second.stderr
    assert "Traceback" not in second.stderr


def test_a_taken_port_is_told(up: Up, tmp_path: Path) -> None:
    second = clientbase("up", "--data-dir", tmp_path, "--port", str(up.port))
    assert second.returncode == 1
    assert f"Port {up.port} of 127.0.0.1 is taken" in second.stderr


@pytest.mark.parametrize("word", ["api", "worker"])
def test_a_killed_process_of_the_service_is_started_again(up: Up, word: str) -> None:
    first = up.pid_of(word)
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert comes_true(lambda: up.pid_of(word) not in (None, first))


def test_doctor_finds_a_running_service_well(up: Up) -> None:
    result = clientbase("doctor", "--data-dir", up.data_dir)
    assert result.returncode == 0, result.stdout
    assert len(result.stdout.splitlines()) == 7


def test_a_key_made_on_the_command_line_opens_what_its_scopes_allow(up: Up) -> None:
    made = clientbase("keys", "create", "--name", "x", "--scope", "clients:read", "--data-dir", up.data_dir)
    headers = {"Authorization": f"Bearer {made.stdout.strip()}"}
    assert made.stdout.startswith("cb_")
    url = up.run()["url"] + "/api/v1/api-keys"
    assert comes_true(lambda: answers(up))
    assert httpx.get(url, headers=headers, trust_env=False).status_code == 403


def answers(up: Up) -> bool:
    try:
        return get(up, "/livez").status_code == 200
    except httpx.TransportError:
        return False


def test_an_unknown_scope_is_refused_with_the_known_ones(up: Up) -> None:
    made = clientbase("keys", "create", "--name", "x", "--scope", "all", "--data-dir", up.data_dir)
    assert made.returncode == 2
    assert "clients:read" in made.stderr


def test_a_backup_holds_the_base(up: Up, tmp_path: Path) -> None:
    target = tmp_path / "base.dump"
    result = clientbase("backup", target, "--data-dir", up.data_dir)
    assert result.returncode == 0, result.stderr
    assert target.read_bytes().startswith(b"PGDMP")
    assert target.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["base.dump"]


def test_a_backup_that_fails_leaves_no_file(tmp_path: Path) -> None:
    nowhere = f"postgresql://x:y@127.0.0.1:{free_port()}/x"
    variables = dict.fromkeys(("CLIENTBASE_DATABASE_URL", "CLIENTBASE_REDIS_URL"), nowhere)
    result = clientbase("backup", tmp_path / "base.dump", CLIENTBASE_SECRET_KEY="k" * 32, **variables)
    assert result.returncode == 1
    assert result.stderr.startswith("clientbase: pg_dump failed")
    assert not list(tmp_path.iterdir())


def test_doctor_tells_what_is_wrong_with_each_server(tmp_path: Path) -> None:
    port = free_port()
    result = clientbase(
        "doctor",
        "--data-dir",
        tmp_path,
        CLIENTBASE_DATABASE_URL=f"postgresql://x:y@127.0.0.1:{port}/x",
        CLIENTBASE_REDIS_URL=f"redis://127.0.0.1:{port}",
        CLIENTBASE_SECRET_KEY="k" * 32,
    )
    assert result.returncode == 1
    failed = [line.split()[1] for line in result.stdout.splitlines() if line.startswith("FAIL")]
    assert failed == ["database", "tables", "rights", "clock", "redis"]


def test_commands_on_servers_of_ones_own_make_the_data_folder(up: Up, tmp_path: Path) -> None:
    run = up.run()
    variables = {
        "CLIENTBASE_DATABASE_URL": run["database_url"],
        "CLIENTBASE_OWNER_DATABASE_URL": run["owner_database_url"],
        "CLIENTBASE_REDIS_URL": run["redis_url"],
        "CLIENTBASE_SECRET_KEY": "k" * 32,
    }
    create = ("keys", "create", "--name", "x", "--scope", "clients:read", "--data-dir")
    early = clientbase(*create, tmp_path / "early", **variables)
    assert early.returncode == 1
    assert early.stderr.startswith("clientbase: There is no account yet")
    folder = tmp_path / "new" / "data"
    filled = clientbase("demo", "--clients", "3", "--data-dir", folder, **variables)
    assert filled.returncode == 0, filled.stderr
    assert clientbase(*create, folder, **variables).stdout.startswith("cb_")


def test_api_and_worker_alone_say_what_they_need(tmp_path: Path) -> None:
    for command in ("api", "worker"):
        result = clientbase(command, "--data-dir", tmp_path)
        assert result.returncode == 1
        assert "CLIENTBASE_DATABASE_URL" in result.stderr


def test_an_interrupted_first_start_is_made_good_and_the_key_stays(tmp_path: Path) -> None:
    interrupted = Up(tmp_path, "--demo-clients", "100000")
    assert interrupted.process.stdout is not None
    next(line for line in interrupted.process.stdout if line.startswith("Making"))
    assert interrupted.stop(signal.SIGINT) == 0

    second = Up(tmp_path, "--demo-clients", "50").wait()
    key = second.run()["api_key"]
    pids = descendants(second.process.pid)
    assert second.stop() == 0
    assert not [pid for pid in pids if is_running(pid)]
    assert not (tmp_path / "run.json").exists()

    third = Up(tmp_path, "--demo-clients", "50").wait()
    assert third.run()["api_key"] == key
    pids = [third.process.pid, *descendants(third.process.pid)]
    assert third.stop(signal.SIGKILL) == -signal.SIGKILL
    assert all_end(pids)


def test_a_dead_server_ends_everything_with_a_message(tmp_path: Path) -> None:
    started = Up(tmp_path, "--demo-clients", "0").wait()
    pids = descendants(started.process.pid)
    server = next(pid for pid in pids if "valkey-server" in command_line(pid)[0])
    os.kill(server, signal.SIGKILL)
    assert started.wait_for_end() == 1
    assert all_end(pids)


def test_openapi_prints_the_description() -> None:
    result = clientbase("openapi")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["info"]["title"] == "clientbase"
