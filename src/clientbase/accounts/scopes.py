"""What a key may be allowed to do."""

from enum import StrEnum


class Scope(StrEnum):
    """A right that a key carries; `admin` holds all of them."""

    CLIENTS_READ = "clients:read"
    CLIENTS_PERSONAL = "clients:personal"
    CLIENTS_WRITE = "clients:write"
    SEGMENTS_READ = "segments:read"
    SEGMENTS_WRITE = "segments:write"
    SCHEMA_WRITE = "schema:write"
    FACTS_WRITE = "facts:write"
    IMPORTS_WRITE = "imports:write"
    EXPORTS_WRITE = "exports:write"
    RUNS_READ = "runs:read"
    RUNS_WRITE = "runs:write"
    ADMIN = "admin"
