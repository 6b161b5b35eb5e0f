"""SQL of stored files."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select

from clientbase.kit.db import AnySession, WriteSession, among
from clientbase.models import StoredFile


class FileRepository:
    """The files of one account."""

    def __init__(self, session: AnySession, account_id: int) -> None:
        self.session = session
        self.account_id = account_id

    async def add(self, **values: object) -> StoredFile:
        """A new row."""
        file = StoredFile(account_id=self.account_id, **values)
        self.session.add(file)
        await self.session.flush()
        return file

    async def get(self, file_id: int) -> StoredFile | None:
        """One row."""
        return await self.session.get(StoredFile, (self.account_id, file_id))

    async def known(self, ids: Collection[int]) -> set[int]:
        """Those of the ids that have a row."""
        query = select(StoredFile.id).where(
            StoredFile.account_id == self.account_id, among(StoredFile.id, ids)
        )
        return set((await self.session.execute(query)).scalars())


async def delete_expired(session: WriteSession, now: datetime, limit: int) -> Sequence[tuple[int, int]]:
    """Delete rows past their end, of all accounts: (account, id) of each."""
    old = select(StoredFile.id).where(StoredFile.expires_at < now).limit(limit)
    statement = (
        delete(StoredFile)
        .where(StoredFile.id.in_(old))
        .returning(StoredFile.account_id, StoredFile.id)
        .execution_options(synchronize_session=False)
    )
    return [(row[0], row[1]) for row in await session.execute(statement)]
