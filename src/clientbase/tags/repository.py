"""SQL of tags."""

from collections.abc import Collection, Sequence

from sqlalchemy import Row, delete, func, select

from clientbase.kit.db import AnySession, among
from clientbase.models import ClientTag, Tag


class TagRepository:
    """The tags of one account."""

    def __init__(self, session: AnySession, account_id: int) -> None:
        self.session = session
        self.account_id = account_id

    async def by_code(self, code: str, *, lock: bool = False) -> Tag | None:
        """One tag, held until the end of the transaction with `lock`."""
        query = select(Tag).where(Tag.account_id == self.account_id, Tag.code == code)
        if lock:
            query = query.with_for_update().execution_options(populate_existing=True)
        return (await self.session.execute(query)).scalar_one_or_none()

    async def ids_by_code(self, codes: Collection[str]) -> dict[str, int]:
        """The ids of those codes that exist."""
        query = select(Tag.code, Tag.id).where(Tag.account_id == self.account_id, among(Tag.code, codes))
        return {row[0]: row[1] for row in await self.session.execute(query)}

    async def page(self, *, after: str | None, limit: int) -> Sequence[Row[Tag, int]]:
        """Tags with their number of clients, by code, after a code."""
        counts = (
            select(func.count())
            .where(ClientTag.account_id == self.account_id, ClientTag.tag_id == Tag.id)
            .scalar_subquery()
        )
        query = select(Tag, counts).where(Tag.account_id == self.account_id).order_by(Tag.code).limit(limit)
        if after is not None:
            query = query.where(Tag.code > after)
        return (await self.session.execute(query)).all()

    async def total(self) -> int:
        """How many tags there are."""
        query = select(func.count()).select_from(Tag).where(Tag.account_id == self.account_id)
        return (await self.session.execute(query)).scalar_one()

    async def clients_count(self, tag_id: int) -> int:
        """How many clients carry a tag."""
        query = (
            select(func.count())
            .select_from(ClientTag)
            .where(ClientTag.account_id == self.account_id, ClientTag.tag_id == tag_id)
        )
        return (await self.session.execute(query)).scalar_one()

    async def delete(self, tag_id: int) -> None:
        """Take a tag off all clients and away."""
        where = (ClientTag.account_id == self.account_id, ClientTag.tag_id == tag_id)
        await self.session.execute(delete(ClientTag).where(*where))
        await self.session.execute(delete(Tag).where(Tag.account_id == self.account_id, Tag.id == tag_id))
