"""Makers of test data: keyword functions with believable defaults."""

from collections.abc import Sequence

from clientbase.accounts import service as accounts
from clientbase.accounts.schemas import AccountInfo
from clientbase.kit.db import Sessions, writing


async def create_account(
    sessions: Sessions, *, name: str = "Shop", time_zone: str = "Europe/Moscow", currency: str = "RUB"
) -> AccountInfo:
    """An account."""
    async with writing(sessions) as session:
        account = await accounts.create_account(session, name=name, time_zone=time_zone, currency=currency)
    return accounts.account_info(account)


async def create_key(sessions: Sessions, account: AccountInfo, *, scopes: Sequence[str] = ("admin",)) -> str:
    """A key of the account, as it is sent."""
    async with writing(sessions) as session:
        _, key = await accounts.create_api_key(session, account_id=account.id, name="tests", scopes=scopes)
    return key
