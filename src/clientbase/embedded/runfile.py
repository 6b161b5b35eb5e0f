"""`run.json`: where a running service is, for tools on the same machine."""

from pathlib import Path

from pydantic import BaseModel

from clientbase.embedded.lock import is_held
from clientbase.embedded.private import write_private

FILE_NAME = "run.json"


class Run(BaseModel):
    """Addresses and the first API key of a running service."""

    url: str | None = None
    database_url: str
    owner_database_url: str
    redis_url: str
    api_key: str | None = None
    pid: int


def write(data_dir: Path, run: Run) -> None:
    """Announce the service; the file holds secrets and only its owner may read it."""
    write_private(data_dir / FILE_NAME, run.model_dump_json(indent=2) + "\n")


def read(data_dir: Path) -> Run | None:
    """The service that runs on the folder now; a file left by a killed one counts as none."""
    path = data_dir / FILE_NAME
    if not path.exists() or not is_held(data_dir):
        return None
    return Run.model_validate_json(path.read_text(encoding="utf-8"))


def remove(data_dir: Path) -> None:
    """Take the announcement back."""
    (data_dir / FILE_NAME).unlink(missing_ok=True)
