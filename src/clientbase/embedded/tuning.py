"""PostgreSQL's settings for this machine and for what the service asks of it."""

import shutil
from pathlib import Path

from clientbase.embedded.machine import cores, memory_bytes

MIB = 1024 * 1024
GIB = 1024 * MIB
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - a mount, not a file of ours

DURABILITY_OFF = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""For throw-away servers, whose data need not survive a crash of the machine."""


def server_settings(*, port: int, throwaway: bool) -> dict[str, str]:
    """Every setting that differs from PostgreSQL's own default."""
    memory = 2 * GIB if throwaway else memory_bytes()
    return _fixed_settings(port) | _sized_settings(memory, cores()) | (DURABILITY_OFF if throwaway else {})


def _fixed_settings(port: int) -> dict[str, str]:
    return {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        "max_connections": "100",
        "password_encryption": "scram-sha-256",
        "timezone": "UTC",
        "log_timezone": "UTC",
        # A statement stops soon after its client has gone away.
        "client_connection_check_interval": "1s",
        "tcp_keepalives_idle": "60",
        # Plans for segments are short of milliseconds: compiling them costs more than running them.
        "jit": "off",
        "random_page_cost": "1.1",
        "effective_io_concurrency": "200",
        # Backups are dumps: no replica reads the log, so bulk loads into new tables need not fill it.
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "max_logical_replication_workers": "0",
        "checkpoint_timeout": "15min",
        "max_wal_size": "4GB",
        "min_wal_size": "256MB",
        # Index-only scans depend on a fresh visibility map.
        "autovacuum_naptime": "20s",
        "autovacuum_vacuum_cost_limit": "2000",
        # Details, contexts and statements of errors carry values, and values are personal data.
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
        "log_line_prefix": "%m [%p] %a ",
    }


def _sized_settings(memory: int, processors: int) -> dict[str, str]:
    return {
        "shared_buffers": _share(memory, 4, 128 * MIB, 8 * GIB),
        "effective_cache_size": _share(memory, 2, 256 * MIB, 64 * GIB),
        "work_mem": _share(memory, 384, 8 * MIB, 64 * MIB),
        "maintenance_work_mem": _share(memory, 32, 64 * MIB, GIB),
        "autovacuum_work_mem": _share(memory, 96, 32 * MIB, 256 * MIB),
        "wal_buffers": "16MB",
        "max_worker_processes": str(max(8, processors)),
        "max_parallel_workers": str(processors),
        "max_parallel_workers_per_gather": str(min(4, processors // 2)),
        "max_parallel_maintenance_workers": str(min(4, max(1, processors // 2))),
        "dynamic_shared_memory_type": _shared_memory_type(),
    }


def _share(memory: int, part: int, least: int, most: int) -> str:
    return f"{min(max(memory // part, least), most) // MIB}MB"


def _shared_memory_type() -> str:
    # Containers often have 64 MiB there, which a parallel hash join exceeds.
    if SHARED_MEMORY.is_dir() and shutil.disk_usage(SHARED_MEMORY).total >= GIB:
        return "posix"
    return "mmap"
