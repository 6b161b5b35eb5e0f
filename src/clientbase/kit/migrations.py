"""Where the migrations lie and which is the newest."""

from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

_PACKAGE = Path(__file__).resolve().parents[1]
_PLACES = (_PACKAGE / "_migrations", _PACKAGE.parents[1] / "migrations")
"""In a wheel, and in a checkout."""


def config() -> Config:
    """The configuration with which alembic commands run."""
    folder = next(place for place in _PLACES if place.is_dir())
    values = Config()
    values.set_main_option("script_location", str(folder))
    return values


@cache
def head() -> str | None:
    """The newest migration that this code knows."""
    return ScriptDirectory.from_config(config()).get_current_head()
