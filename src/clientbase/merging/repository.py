"""SQL of merging and deleting."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CursorResult, delete, update

from clientbase.kit.bulk import upsert_rows
from clientbase.kit.db import WriteSession, among
from clientbase.merging.register import HANDLING, Handling
from clientbase.models import Client, ClientAlias


class MergeRepository:
    """The clients of one account as they are joined and removed."""

    def __init__(self, session: WriteSession, account_id: int) -> None:
        self.session = session
        self.account_id = account_id

    async def move_facts(self, merged_ids: Sequence[int], survivor_id: int) -> dict[str, int]:
        """Make the facts of some clients the survivor's. Returns the number of rows by table."""
        moved: dict[str, int] = {}
        for model, handling in HANDLING.items():
            if handling is Handling.MOVE:
                statement = (
                    update(model)
                    .where(model.account_id == self.account_id, among(model.client_id, merged_ids))
                    .values(client_id=survivor_id)
                    .execution_options(synchronize_session=False)
                )
                result = await self.session.execute(statement)
                assert isinstance(result, CursorResult)
                moved[model.__tablename__] = result.rowcount
        return moved

    async def add_aliases(self, merged_ids: Sequence[int], survivor_id: int, at: datetime) -> None:
        """Let the merged ids answer as the survivor."""
        names = ("account_id", "alias_id", "client_id", "merged_at")
        rows = [(self.account_id, merged_id, survivor_id, at) for merged_id in merged_ids]
        await upsert_rows(self.session, ClientAlias.__table__, names, rows)

    async def delete_clients(self, ids: Sequence[int]) -> None:
        """Delete clients; what hangs off them goes with them by its foreign keys."""
        statement = delete(Client).where(Client.account_id == self.account_id, among(Client.id, ids))
        await self.session.execute(statement, execution_options={"synchronize_session": False})
