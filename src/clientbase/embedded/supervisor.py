"""Processes of the service: kept running while the servers live, stopped in order."""

import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from clientbase.embedded.errors import EngineError
from clientbase.embedded.logs import open_log, tail
from clientbase.embedded.process import Child, Command

POLL_SECONDS = 0.1
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
STABLE_SECONDS = 60.0
"""After so long a run the next death is a new story: the pause starts small again."""
STOP_SECONDS = 20.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass
class Service:
    """A process to keep running: its command, its log, and when to start it again."""

    name: str
    command: Command
    log_path: Path
    child: Child | None = None
    _pause: float = field(default=FIRST_PAUSE_SECONDS, init=False)
    _started_at: float = field(default=0.0, init=False)
    _restart_at: float | None = field(default=None, init=False)

    def start(self) -> None:
        """Start the process now."""
        with open_log(self.log_path) as log:
            self.child = self.command.start(log=log)
        self._started_at, self._restart_at = time.monotonic(), None

    def keep_running(self, say: Callable[[str], None]) -> None:
        """Start the process again when it has ended, each time after a longer pause."""
        now = time.monotonic()
        if self.child is None or self.child.exit_code is None:
            return
        if self._restart_at is None:
            lived_long = now - self._started_at > STABLE_SECONDS
            self._pause = FIRST_PAUSE_SECONDS if lived_long else self._pause
            self._restart_at = now + self._pause
            say(f"The {self.name} ended with code {self.child.exit_code}; starting it again.")
        elif now >= self._restart_at:
            self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)
            self.start()

    def stop(self) -> None:
        """Ask it to end, and end it when it takes too long."""
        if self.child is not None:
            self.child.stop((signal.SIGTERM, STOP_SECONDS))


def supervise(
    services: Sequence[Service], servers: Mapping[str, Child], *, say: Callable[[str], None]
) -> None:
    """Keep the services running until a signal raises; raises EngineError when a server has ended."""
    while True:
        for name, server in servers.items():
            if server.exit_code is not None:
                raise EngineError(f"{name} ended by itself (code {server.exit_code}); stopping everything.")
        for service in services:
            service.keep_running(say)
        time.sleep(POLL_SECONDS)


def await_ready(service: Service, is_ready: Callable[[], bool], *, seconds: float) -> None:
    """Wait until a started service answers; raises EngineError with the end of its log."""
    deadline = time.monotonic() + seconds
    while not is_ready():
        ended = service.child is None or service.child.exit_code is not None
        if ended or time.monotonic() > deadline:
            raise EngineError(
                f"The {service.name} did not start. The end of {service.log_path}:\n{tail(service.log_path)}"
            )
        time.sleep(POLL_SECONDS)


def stop_on_signals() -> None:
    """Turn the first Ctrl-C, SIGTERM or SIGHUP into KeyboardInterrupt; the rest do not disturb the stop."""
    for number in STOP_SIGNALS:
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:  # so `nohup` leaves it
            signal.signal(number, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    for other in STOP_SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    raise KeyboardInterrupt
