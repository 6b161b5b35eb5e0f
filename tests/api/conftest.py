"""Tests that need real commits: several connections at once."""

from tests.committed import committed_engine, sessions

__all__ = ["committed_engine", "sessions"]
