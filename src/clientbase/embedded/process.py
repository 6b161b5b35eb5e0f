"""Child processes that never outlive their parent."""

import os
import pwd
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from clientbase.embedded.errors import EngineError
from clientbase.embedded.waiting import wait_until

TRAMPOLINE = Path(__file__).with_name("trampoline.py")
ENGINE_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
"""What an engine sees: none of the variables with which PostgreSQL's programs can be steered from outside."""


@dataclass(frozen=True)
class Identity:
    """A user that a child runs as."""

    uid: int
    gid: int


SAME_USER = Identity(-1, -1)


def engine_identity() -> Identity:
    """Whom engines run as: PostgreSQL refuses root, so nobody stands in for it."""
    if os.geteuid() != 0:
        return SAME_USER
    nobody = pwd.getpwnam("nobody")
    return Identity(nobody.pw_uid, nobody.pw_gid)


@dataclass(frozen=True)
class Command:
    """A program to run; `{folder}` in its arguments stands for `folder`."""

    arguments: Sequence[str | Path]
    identity: Identity = SAME_USER
    folder: Path | None = None
    environment: Mapping[str, str] | None = None
    death_signal: signal.Signals = signal.SIGKILL
    """What the kernel sends to the child when this process dies."""

    def _argv(self) -> list[str]:
        launcher = [
            sys.executable,
            "-I",
            "-S",
            str(TRAMPOLINE),
            str(os.getpid()),
            str(int(self.death_signal)),
        ]
        identity = [str(self.identity.uid), str(self.identity.gid)]
        return [*launcher, *identity, str(self.folder or ""), *map(str, self.arguments)]

    def run(self, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run to the end and return the result with its combined output."""
        return subprocess.run(  # noqa: S603 - our own launcher
            self._argv(),
            env=self.environment,
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )

    def start(self, *, log: IO[bytes] | None = None, stdin: bytes = b"") -> "Child":
        """Start in a session of its own, so that Ctrl-C reaches only the parent, which then stops in order.

        Raises EngineError off the main thread: the kernel ties the child's life to the thread that made it.
        """
        if threading.current_thread() is not threading.main_thread():
            raise EngineError("Child processes are started from the main thread only.")
        process = subprocess.Popen(  # noqa: S603 - our own launcher
            self._argv(),
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT if log else None,
            start_new_session=True,
        )
        assert process.stdin is not None
        with process.stdin as pipe, suppress(BrokenPipeError):
            pipe.write(stdin)
        return Child(process)


class Child:
    """A running process."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        return self._process.poll()

    def stop(self, *steps: tuple[signal.Signals, float]) -> None:
        """Send each signal and wait so many seconds, until the child ends; SIGKILL is the last resort."""
        for step, seconds in steps:
            if self.exit_code is not None:
                return
            self._process.send_signal(step)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)
        self._process.kill()
        self._process.wait()


def await_nobody_in(folder: Path, *, seconds: float) -> None:
    """Wait until what an earlier, killed parent left running in the folder has ended; raises EngineError."""
    if not wait_until(lambda: not _processes_in(folder), seconds=seconds):
        pids = ", ".join(map(str, _processes_in(folder)))
        raise EngineError(f"An earlier server still works in {folder} (processes {pids}): stop it first.")


def _processes_in(folder: Path) -> list[int]:
    """The processes whose working directory is the folder, as it is for every process of PostgreSQL."""
    wanted = folder.resolve()
    return [pid for pid in _process_ids() if _working_directory(pid) == wanted]


def _process_ids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]


def _working_directory(pid: int) -> Path | None:
    with suppress(OSError):  # gone meanwhile, or somebody else's
        return Path(f"/proc/{pid}/cwd").readlink()
    return None
