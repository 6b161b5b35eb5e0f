"""Merges reach segments, which are read in snapshots: their tests commit, each with an account of its own."""

from tests.committed import committed_engine, sessions

__all__ = ["committed_engine", "sessions"]
