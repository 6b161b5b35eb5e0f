"""Search reads snapshots, so its tests commit; each has an account of its own."""

from tests.committed import committed_engine, sessions

__all__ = ["committed_engine", "sessions"]
