"""Keeping files, finding them, and deleting them when their time is over."""

from datetime import datetime
from functools import partial
from pathlib import Path

from clientbase.config import settings
from clientbase.files.repository import FileRepository, delete_expired
from clientbase.kit import clock, files
from clientbase.kit.db import AnySession, WriteSession, after_commit
from clientbase.kit.errors import Gone, not_found
from clientbase.kit.files import Received
from clientbase.models import StoredFile

FILES_AT_ONCE = 1000
LEFT_BEHIND_SECONDS = 86_400.0
"""A file without a row that nobody has written to for so long is what a killed process left."""


async def keep(
    session: WriteSession,
    *,
    account_id: int,
    received: Received,
    name: str,
    content_type: str,
    expires_at: datetime,
) -> StoredFile:
    """A stored file from one in the work folder: the bytes are in their place before the row is committed."""
    file = await FileRepository(session, account_id).add(
        name=name,
        content_type=content_type,
        size=received.size,
        sha256=received.sha256,
        created_at=clock.now(),
        expires_at=expires_at,
    )
    files.keep(received.path, account_id, file.id)
    return file


async def find(session: AnySession, *, account_id: int, file_id: int) -> tuple[StoredFile, Path]:
    """A stored file and where its bytes are. Raises NotFound, Gone (FILE_EXPIRED)."""
    file = await FileRepository(session, account_id).get(file_id)
    if file is None:
        raise not_found("file")
    path = files.path_of(account_id, file_id)
    if (file.expires_at is not None and file.expires_at <= clock.now()) or not path.exists():
        raise expired()
    return file, path


def expired() -> Gone:
    """What is answered when a file was there."""
    return Gone("FILE_EXPIRED", "The file has been deleted after its time.")


async def purge(session: WriteSession, slot: datetime) -> None:
    """Delete files past their end, and what killed processes left behind."""
    for account_id, file_id in await delete_expired(session, clock.now(), FILES_AT_ONCE):
        after_commit(session, partial(_delete, files.path_of(account_id, file_id)))
    for path in files.older_than(LEFT_BEHIND_SECONDS, files.work_path("")):
        if path.name.startswith(files.IN_THE_MAKING):
            files.discard(path)
    for path in files.older_than(settings().import_retention_hours * 3600.0, files.work_path("")):
        files.discard(path)
    for account_id, folder in files.account_folders():
        await _delete_unknown(session, account_id, folder)


async def _delete(path: Path) -> None:
    files.discard(path)


async def _delete_unknown(session: WriteSession, account_id: int, folder: Path) -> None:
    old = {int(path.name): path for path in files.older_than(LEFT_BEHIND_SECONDS, folder)}
    for file_id in old.keys() - await FileRepository(session, account_id).known(list(old)):
        files.discard(old[file_id])
