"""SQL of consents."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, tuple_

from clientbase.kit.db import AnySession
from clientbase.models import ClientConsent


class ConsentRepository:
    """The consents of one account."""

    def __init__(self, session: AnySession, account_id: int) -> None:
        self.session = session
        self.account_id = account_id

    async def page(
        self, client_id: int, *, before: tuple[datetime, int] | None, limit: int
    ) -> Sequence[ClientConsent]:
        """Records of a client, newest first, before a position (time, id)."""
        query = (
            select(ClientConsent)
            .where(ClientConsent.account_id == self.account_id, ClientConsent.client_id == client_id)
            .order_by(ClientConsent.at.desc(), ClientConsent.id.desc())
            .limit(limit)
        )
        if before is not None:
            query = query.where(tuple_(ClientConsent.at, ClientConsent.id) < before)
        return (await self.session.execute(query)).scalars().all()

    async def total(self, client_id: int) -> int:
        """How many records a client has."""
        query = (
            select(func.count())
            .select_from(ClientConsent)
            .where(ClientConsent.account_id == self.account_id, ClientConsent.client_id == client_id)
        )
        return (await self.session.execute(query)).scalar_one()
