"""SQL of loading clients: what is stored of some clients, and writing what became of them."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import func, select, text, update

from clientbase.kit.bulk import Rows, delete_rows, rows_as_table, upsert_rows
from clientbase.kit.db import AnySession, WriteSession, among, copy_rows
from clientbase.loading.clients.fields import COLUMNS
from clientbase.loading.clients.states import Card, Consent, Contact
from clientbase.loading.typed_values import TypedValue
from clientbase.models import (
    Client,
    ClientConsent,
    ClientContact,
    ClientHistory,
    ClientIdentity,
    ClientParamValue,
    ClientSearch,
    ClientTag,
    FieldChoice,
    Param,
    ParamChoice,
    Tag,
)

_NEW_IDS = text("SELECT nextval('clients_id_seq') FROM generate_series(1, CAST(:count AS int))")


class ClientLoadRepository:
    """The clients of one account as loading reads and writes them."""

    def __init__(self, session: AnySession, account_id: int) -> None:
        self.session = session
        self.account_id = account_id

    async def params(self) -> Sequence[tuple[str, int, str, list[str]]]:
        """Params of clients: code, id, type, choices."""
        choices = (
            select(func.array_agg(ParamChoice.code))
            .where(ParamChoice.account_id == self.account_id, ParamChoice.param_id == Param.id)
            .scalar_subquery()
        )
        query = select(Param.code, Param.id, Param.type, choices).where(
            Param.account_id == self.account_id, Param.entity == "client"
        )
        return [(row[0], row[1], row[2], row[3] or []) for row in await self.session.execute(query)]

    async def tags(self) -> dict[str, int]:
        """Ids of tags by code."""
        query = select(Tag.code, Tag.id).where(Tag.account_id == self.account_id)
        return {row[0]: row[1] for row in await self.session.execute(query)}

    async def choices(self) -> Sequence[tuple[str, str]]:
        """Values of the choice fields: (field, code)."""
        query = select(FieldChoice.field, FieldChoice.code).where(FieldChoice.account_id == self.account_id)
        return [(row[0], row[1]) for row in await self.session.execute(query)]

    async def cards(self, ids: Sequence[int]) -> dict[int, Card]:
        """What is stored of these clients, in six statements, locked until the end of the transaction."""
        table = Client.__table__
        query = select(table.c.id, *(table.c[name] for name in COLUMNS))
        query = query.where(table.c.account_id == self.account_id, among(table.c.id, ids)).with_for_update()
        cards = {
            row[0]: Card(columns=dict(zip(COLUMNS, row[1:], strict=True)))
            for row in await self.session.execute(query)
        }
        contact, identity, value = ClientContact, ClientIdentity, ClientParamValue
        async for row in self._of(
            contact, ids, contact.kind, contact.value, contact.is_primary, contact.verified
        ):
            cards[row[0]].contacts[row[1], row[2]] = Contact(row[3], row[4])
        async for row in self._of(identity, ids, identity.source, identity.external_id, identity.url):
            cards[row[0]].identities[row[1], row[2]] = row[3]
        async for row in self._of(
            value, ids, value.param_id, value.text, value.folded, value.number, value.day, value.boolean
        ):
            cards[row[0]].params[row[1]] = TypedValue(*row[2:])
        async for row in self._of(ClientTag, ids, ClientTag.tag_id):
            cards[row[0]].tags.add(row[1])
        consent = ClientConsent
        async for row in self._of(
            consent, ids, consent.kind, consent.given, consent.at, consent.source, consent.text_version
        ):
            cards[row[0]].consents.add(Consent(*row[1:]))
        return cards

    async def _of(self, table: Any, ids: Sequence[int], *columns: Any) -> Any:
        query = select(table.client_id, *columns).where(
            table.account_id == self.account_id, among(table.client_id, ids)
        )
        for row in await self.session.execute(query):
            yield row


class ClientLoadWriter:
    """Writes of one load; every method takes rows without the account."""

    def __init__(self, session: WriteSession, account_id: int) -> None:
        self.session = session
        self.account_id = account_id

    async def new_ids(self, count: int) -> Sequence[int]:
        """Ids for clients to come."""
        return (await self.session.execute(_NEW_IDS, {"count": count})).scalars().all() if count else []

    async def add_choices(self, choices: Iterable[tuple[str, str]]) -> None:
        """Register values of open choice fields; the code is the name until somebody names it."""
        rows = [(self.account_id, name, code, code) for name, code in sorted(choices)]
        await upsert_rows(self.session, FieldChoice.__table__, ("account_id", "field", "code", "name"), rows)

    async def insert_clients(self, rows: Rows) -> None:
        """New clients: id, then all columns; with their row of counted fields."""
        if not rows:
            return
        await copy_rows(
            self.session,
            "clients",
            ("account_id", "id", *COLUMNS),
            ((self.account_id, *row) for row in rows),
        )
        await copy_rows(
            self.session,
            "client_stats",
            ("account_id", "client_id"),
            ((self.account_id, row[0]) for row in rows),
        )

    async def update_clients(self, rows: Rows) -> None:
        """Changed clients: id, then all columns."""
        if not rows:
            return
        table = Client.__table__
        given = rows_as_table([table.c.id, *(table.c[name] for name in COLUMNS)], rows)
        statement = (
            update(Client)
            .where(Client.account_id == self.account_id, Client.id == given.c.id)
            .values({name: given.c[name] for name in COLUMNS})
        )
        await self.session.execute(statement, execution_options={"synchronize_session": False})

    async def add(self, table: Any, names: Sequence[str], rows: Rows) -> None:
        """New rows of a table that hangs off clients."""
        if rows:
            columns = ("account_id", *names)
            await copy_rows(self.session, table.name, columns, ((self.account_id, *row) for row in rows))

    async def replace(self, table: Any, names: Sequence[str], gone: Rows, kept: Rows) -> None:
        """Delete and upsert rows of a table that hangs off clients; `names` begins with its key."""
        keys = [column.name for column in table.primary_key.columns if column.name != "account_id"]
        await delete_rows(
            self.session, table, ("account_id", *keys), [(self.account_id, *row) for row in gone]
        )
        await upsert_rows(
            self.session, table, ("account_id", *names), [(self.account_id, *row) for row in kept]
        )

    async def add_history(self, rows: Rows) -> None:
        """Changed fields: client_id, at, actor, field, old, new."""
        names = ("account_id", "client_id", "at", "actor", "field", "old", "new")
        await upsert_rows(
            self.session,
            ClientHistory.__table__,
            names,
            [(self.account_id, *row) for row in rows],
        )


CONTACTS = ClientContact.__table__
IDENTITIES = ClientIdentity.__table__
PARAMS = ClientParamValue.__table__
TAGS = ClientTag.__table__
CONSENTS = ClientConsent.__table__
SEARCH = ClientSearch.__table__
