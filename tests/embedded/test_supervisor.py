"""Processes of the service: started again when they die, stopped when asked, told when they cannot start."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from clientbase.embedded.errors import EngineError
from clientbase.embedded.process import TRAMPOLINE, Child, Command
from clientbase.embedded.supervisor import Service, await_ready, supervise
from tests.embedded.processes import comes_true, is_running

NOTE_AND_FAIL = "import sys; open(sys.argv[1], 'a').write('started\\n'); sys.exit(3)"
WAIT_FOR_LINES = """
import sys, time
while True:
    try:
        if len(open(sys.argv[1]).readlines()) >= int(sys.argv[2]):
            break
    except FileNotFoundError:
        pass
    time.sleep(0.01)
"""
IGNORE_SIGTERM = """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
signal.pause()
"""


def service(tmp_path: Path, code: str, *arguments: str | Path) -> Service:
    return Service("sample", Command([sys.executable, "-c", code, *arguments]), tmp_path / "sample.log")


def server_until_lines(path: Path, lines: int) -> Child:
    return Command([sys.executable, "-c", WAIT_FOR_LINES, path, str(lines)]).start()


def test_a_dead_service_is_started_again_and_a_dead_server_ends_everything(tmp_path: Path) -> None:
    notes, said = tmp_path / "notes", list[str]()
    failing = service(tmp_path, NOTE_AND_FAIL, notes)
    failing.start()
    with pytest.raises(EngineError, match="Sample server ended by itself"):
        supervise([failing], {"Sample server": server_until_lines(notes, 3)}, say=said.append)
    failing.stop()
    assert len(notes.read_text().splitlines()) >= 3
    assert said[:2] == ["The sample ended with code 3; starting it again."] * 2


def test_a_service_that_cannot_start_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    broken = service(tmp_path, "raise SystemExit('no such table')")
    broken.start()
    with pytest.raises(EngineError, match=r"(?s)The sample did not start.*no such table"):
        await_ready(broken, lambda: False, seconds=30)


def test_a_service_that_is_slow_to_answer_is_told_too(tmp_path: Path) -> None:
    slow = service(tmp_path, "import signal; signal.pause()")
    slow.start()
    with pytest.raises(EngineError, match="did not start"):
        await_ready(slow, lambda: False, seconds=0)
    slow.stop()


def test_a_child_that_ignores_the_request_to_end_is_killed(tmp_path: Path) -> None:
    stubborn = service(tmp_path, IGNORE_SIGTERM)
    stubborn.start()
    assert stubborn.child is not None
    assert comes_true(lambda: "ready" in stubborn.log_path.read_text())
    stubborn.child.stop((signal.SIGTERM, 0.1))
    assert stubborn.child.exit_code == -signal.SIGKILL


def test_a_child_does_not_begin_when_its_parent_is_gone_already() -> None:
    """The parent may die after it made the child and before the child asks to die with it."""

    def launched_for(parent: int) -> int:
        command = [sys.executable, TRAMPOLINE, str(parent), "9", "-1", "-1", "", sys.executable, "-c", ""]
        return subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode

    assert launched_for(os.getpid()) == 0
    assert launched_for(os.getppid()) == 1


def test_children_belong_to_a_session_of_their_own(tmp_path: Path) -> None:
    """Ctrl-C at the terminal must reach the parent alone, which then stops everything in order."""
    child = Command([sys.executable, "-c", "import signal; signal.pause()"]).start()
    assert os.getsid(child.pid) == child.pid
    assert is_running(child.pid)
    child.stop((signal.SIGTERM, 10))
    assert child.exit_code == -signal.SIGTERM
