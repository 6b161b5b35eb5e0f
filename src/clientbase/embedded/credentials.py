"""Secrets made for a data folder: passwords of its engines, the service's key, the first API key."""

import secrets
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from clientbase.embedded.errors import EngineError
from clientbase.embedded.private import make_folder, write_private

FILE_NAME = "credentials.json"


def _secret() -> str:
    return secrets.token_urlsafe(32)


class Credentials(BaseModel):
    """The content of `credentials.json`, kept as long as the data folder lives."""

    admin_password: str = Field(default_factory=_secret)
    owner_password: str = Field(default_factory=_secret)
    service_password: str = Field(default_factory=_secret)
    redis_password: str = Field(default_factory=_secret)
    secret_key: str = Field(default_factory=_secret)
    account_id: int | None = None
    api_key: str | None = None

    def save(self, data_dir: Path) -> None:
        """Keep them in the data folder, readable by its owner only."""
        write_private(data_dir / FILE_NAME, self.model_dump_json(indent=2) + "\n")


def load_or_create(data_dir: Path) -> Credentials:
    """The secrets of the folder, made with it at first use.

    Raises EngineError when the file is damaged: other passwords would lock the data away.
    """
    path = data_dir / FILE_NAME
    if not path.exists():
        credentials = Credentials()
        credentials.save(make_folder(data_dir))
        return credentials
    try:
        return Credentials.model_validate_json(path.read_text(encoding="utf-8"))
    except ValidationError as error:
        raise EngineError(f"{path} is damaged: restore it, the database's passwords are in it.") from error
