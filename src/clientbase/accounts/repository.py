"""SQL of accounts and keys."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, insert, select, text, update

from clientbase.kit.db import AnySession, WriteSession
from clientbase.models import Account, ApiKey, FieldChoice, OrderStatus

_KNOWS_ZONE = text("SELECT EXISTS (SELECT FROM pg_timezone_names WHERE name = :name)")


async def knows_zone(session: AnySession, name: str) -> bool:
    """Whether the database has a time zone of this name."""
    return bool(await session.scalar(_KNOWS_ZONE, {"name": name}))


async def find_key(session: AnySession, key_id: str) -> tuple[ApiKey, Account] | None:
    """A key with its account, by the public part of the key."""
    query = (
        select(ApiKey, Account).join(Account, Account.id == ApiKey.account_id).where(ApiKey.key_id == key_id)
    )
    row = (await session.execute(query)).one_or_none()
    return (row[0], row[1]) if row else None


async def touch_key(session: WriteSession, key_id: str, at: datetime) -> None:
    """Note that a key was used, at most once a minute."""
    await session.execute(update(ApiKey).where(ApiKey.key_id == key_id).values(last_used_at=at))


class AccountRepository:
    """Everything of one account."""

    def __init__(self, session: AnySession, account_id: int) -> None:
        self.session = session
        self.account_id = account_id

    async def get(self, *, lock: bool = False) -> Account:
        """The account itself, held until the end of the transaction with `lock`."""
        query = select(Account).where(Account.id == self.account_id)
        if lock:
            query = query.with_for_update().execution_options(populate_existing=True)
        return (await self.session.execute(query)).scalar_one()

    async def keys(self, *, below: int | None, limit: int) -> Sequence[ApiKey]:
        """Keys with an id below the given one, newest first."""
        query = select(ApiKey).where(ApiKey.account_id == self.account_id)
        if below is not None:
            query = query.where(ApiKey.id < below)
        return (await self.session.execute(query.order_by(ApiKey.id.desc()).limit(limit))).scalars().all()

    async def count_keys(self) -> int:
        """How many keys there are."""
        query = select(func.count()).select_from(ApiKey).where(ApiKey.account_id == self.account_id)
        return (await self.session.execute(query)).scalar_one()

    async def key(self, key_id: str) -> ApiKey | None:
        """One key by its public part."""
        query = select(ApiKey).where(ApiKey.account_id == self.account_id, ApiKey.key_id == key_id)
        return (await self.session.execute(query)).scalar_one_or_none()

    async def seed(self, statuses: Sequence[dict[str, str]], choices: Sequence[dict[str, str]]) -> None:
        """What every new account begins with."""
        for table, rows in ((OrderStatus, statuses), (FieldChoice, choices)):
            await self.session.execute(
                insert(table), [{"account_id": self.account_id, **row} for row in rows]
            )
