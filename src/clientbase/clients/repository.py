"""SQL of single clients."""

from sqlalchemy import select

from clientbase.kit.db import AnySession
from clientbase.models import Client, ClientAlias


class ClientRepository:
    """The clients of one account."""

    def __init__(self, session: AnySession, account_id: int) -> None:
        self.session = session
        self.account_id = account_id

    async def get(self, client_id: int) -> Client | None:
        """One living client."""
        return await self.session.get(Client, (self.account_id, client_id), populate_existing=True)

    async def survivor(self, client_id: int) -> int | None:
        """The client into which a merged-away one went."""
        query = select(ClientAlias.client_id).where(
            ClientAlias.account_id == self.account_id, ClientAlias.alias_id == client_id
        )
        return (await self.session.execute(query)).scalar_one_or_none()

    async def lock(self, client_id: int) -> bool:
        """Hold one client until the end of the transaction; False when there is none."""
        query = (
            select(Client.id)
            .where(Client.account_id == self.account_id, Client.id == client_id)
            .with_for_update()
        )
        return (await self.session.execute(query)).scalar_one_or_none() is not None
