"""A demo base in a database of the module's own: it is loaded by several connections at once."""

from tests.committed import committed_engine, sessions

__all__ = ["committed_engine", "sessions"]
