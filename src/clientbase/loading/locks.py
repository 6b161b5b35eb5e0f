"""One loader at a time: keys are looked up and written under one lock, so no key is made twice."""

from sqlalchemy import text

from clientbase.kit.db import WriteSession

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('loading', :account_id))")


async def lock_account(session: WriteSession, account_id: int) -> None:
    """Wait for other loads of the account, and hold them off until this transaction ends."""
    await session.execute(_LOCK, {"account_id": account_id})
