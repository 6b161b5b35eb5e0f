"""Starts worker processes by forking: the imports are paid for once, a worker starts in milliseconds.

Reads orders (a JSON object a line: `environment`, `log`) and answers each with a process id.
The workers end with it.
"""

import ctypes
import json
import os
import signal
import sys

from clientbase.config import settings
from tests.jobs import worker_app

PR_SET_PDEATHSIG = 1


def _become_a_worker(environment: dict[str, str], log_path: str) -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ.update(environment)
    settings.cache_clear()
    worker_app.main()


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps the dead
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _become_a_worker(order["environment"], order["log"])
            os._exit(0)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
