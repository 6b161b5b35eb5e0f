"""Peak memory of a process, as the kernel counts it."""

import re
from pathlib import Path


def peak_mb(pid: int) -> float:
    """The most memory that the process has held since its start or the last `forget_peak`, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None, "the kernel does not tell the peak"
    return int(found[1]) * 1024 / 1e6


def forget_peak(pid: int) -> None:
    """Begin counting the peak anew."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
