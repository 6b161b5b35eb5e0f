"""Files on disk: streamed in with a bound and a digest, then kept by account and id."""

import asyncio
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from clientbase.config import settings
from clientbase.kit.errors import Malformed, TooLarge

WORK = "work"
"""The folder of files on their way in or out, without a row yet."""
IN_THE_MAKING = "incoming-"
"""How the names of files begin that nobody needs once their maker is gone."""
_BLOCK = 1 << 20
_CHUNK_SECONDS = 30.0
"""A sender that is silent for so long has gone away."""
_SLOWEST = 32 * 1024
"""Bytes a second, on average, below which a sender only holds the place."""
_GRACE_SECONDS = 60.0


@dataclass(frozen=True)
class Received:
    """A file that has come in whole: in the work folder until it is kept or discarded."""

    path: Path
    size: int
    sha256: str


def path_of(account_id: int, file_id: int) -> Path:
    """Where the bytes of a stored file lie."""
    return settings().files_dir / str(account_id) / str(file_id)


def work_path(name: str) -> Path:
    """A place for a file in the making; the folder is there."""
    return _folder(settings().files_dir / WORK) / name


async def receive(chunks: AsyncIterable[bytes], *, bound: int) -> Received:
    """Write what comes to the work folder, never more than a block of it in memory.

    Raises TooLarge past `bound` bytes, Malformed (UPLOAD_TOO_SLOW); then nothing is left on disk.
    """
    handle, name = tempfile.mkstemp(prefix=IN_THE_MAKING, dir=work_path(""))
    try:
        with os.fdopen(handle, "wb") as file:
            size, sha256 = await _write(file, chunks, bound)
        return Received(Path(name), size, sha256)
    except BaseException:
        discard(Path(name))
        raise


async def _write(file: BinaryIO, chunks: AsyncIterable[bytes], bound: int) -> tuple[int, str]:
    digest, size, waiting, started = hashlib.sha256(), 0, bytearray(), time.monotonic()

    def flush(block: bytes) -> None:
        file.write(block)
        digest.update(block)

    stream = aiter(chunks)
    while (chunk := await _next(stream)) is not None:
        size += len(chunk)
        if size > bound:
            raise TooLarge("FILE_TOO_LARGE", f"The file is larger than {bound} bytes.")
        _check_speed(size, time.monotonic() - started)
        waiting += chunk
        if len(waiting) >= _BLOCK:
            await asyncio.to_thread(flush, bytes(waiting))
            waiting.clear()
    await asyncio.to_thread(flush, bytes(waiting))
    await asyncio.to_thread(sync, file)
    return size, digest.hexdigest()


async def _next(stream: object) -> bytes | None:
    try:
        async with asyncio.timeout(_CHUNK_SECONDS):
            return await anext(stream, None)  # type: ignore[call-overload, no-any-return]
    except TimeoutError:
        raise Malformed("UPLOAD_TOO_SLOW", "The upload stands still; send it again.") from None


def _check_speed(size: int, seconds: float) -> None:
    if seconds > _GRACE_SECONDS and size < _SLOWEST * seconds:
        raise Malformed("UPLOAD_TOO_SLOW", "The upload is too slow; send it again.")


def sync(file: BinaryIO) -> None:
    """Make sure that what was written survives a loss of power."""
    file.flush()
    os.fsync(file.fileno())


def digest_of(path: Path) -> tuple[int, str]:
    """Size and SHA-256 of a file."""
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()


def keep(path: Path, account_id: int, file_id: int) -> None:
    """Move a finished file from the work folder to its place."""
    target = path_of(account_id, file_id)
    _folder(target.parent)
    os.replace(path, target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def discard(path: Path) -> None:
    """Delete a file if it is there."""
    path.unlink(missing_ok=True)


def copy_prefix(source: Path, target: Path, size: int) -> None:
    """Begin a file with the first bytes of another."""
    with source.open("rb") as given, target.open("wb") as made:
        shutil.copyfileobj(given, made, _BLOCK)
        made.truncate(size)


def older_than(seconds: float, folder: Path) -> Iterable[Path]:
    """Files in a folder that nobody has written to for so long."""
    limit = time.time() - seconds
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        try:
            if path.is_file() and path.stat().st_mtime < limit:
                yield path
        except FileNotFoundError:
            continue


def account_folders() -> Iterable[tuple[int, Path]]:
    """The folder of each account that has files."""
    root = settings().files_dir
    if root.is_dir():
        yield from ((int(path.name), path) for path in root.iterdir() if path.name.isdigit())


def _folder(path: Path) -> Path:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path
