"""The same house as imports have."""

from tests.imports.conftest import files_database, files_engine, house

__all__ = ["files_database", "files_engine", "house"]
