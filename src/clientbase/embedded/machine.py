"""How large this machine is, as far as this process may use it."""

import os
from contextlib import suppress
from pathlib import Path

CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def cores() -> int:
    """Processors that this process may run on."""
    return len(os.sched_getaffinity(0))


def memory_bytes() -> int:
    """Memory of the machine, or of the container that bounds it."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([physical, *_container_limits()])


def _container_limits() -> list[int]:
    limits = []
    for path in CGROUP_LIMITS:
        with suppress(OSError, ValueError):  # no such control group, or the word "max"
            limits.append(int(path.read_text()))
    return limits
