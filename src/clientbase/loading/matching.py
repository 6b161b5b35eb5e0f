"""Which client a record means: by id, then by the id in its source, then by phone, then by e-mail."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from sqlalchemy import select, union_all

from clientbase.accounts.schemas import AccountInfo
from clientbase.kit import emails, phones
from clientbase.kit.bulk import rows_as_table
from clientbase.kit.db import AnySession, among
from clientbase.models import Client, ClientAlias, ClientContact, ClientIdentity

Found = dict[tuple[str, ...], set[int]]
"""Clients by key: ("id", …), ("identity", source, external_id), ("phone", …), ("email", …)."""
Keys = Sequence[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class ClientKey:
    """How a record names its client; the first key that finds one decides."""

    id: int | None = None
    source: str | None = None
    external_id: str | None = None
    phone: str | None = None
    email: str | None = None

    def keys(self, region: str) -> list[tuple[str, ...]]:
        """The keys in order of precedence, as stored ones are; those that cannot be are left out."""
        found: list[tuple[str, ...]] = []
        if self.id is not None:
            found.append(("id", str(self.id)))
        if self.source is not None and self.external_id is not None:
            found.append(("identity", self.source, self.external_id))
        phone = phones.normalise(self.phone, region) if self.phone else None
        email = emails.normalise(self.email) if self.email else None
        return found + ([("phone", phone)] if phone else []) + ([("email", email)] if email else [])


class Match(Enum):
    """A key that finds more than one client."""

    AMBIGUOUS = "ambiguous"


AMBIGUOUS = Match.AMBIGUOUS


async def resolve(
    session: AnySession, *, account: AccountInfo, keys: Sequence[ClientKey]
) -> list[int | Match | None]:
    """For each key the id of its client, None where there is none, AMBIGUOUS where a contact has several."""
    orders = [key.keys(account.region) for key in keys]
    found = await find(session, account_id=account.id, keys={key for order in orders for key in order})
    return [first_match(order, found) for order in orders]


def first_match(keys: Iterable[tuple[str, ...]], found: Found) -> int | Match | None:
    """The client of the first key that finds any."""
    for key in keys:
        clients = found.get(key)
        if clients:
            return next(iter(clients)) if len(clients) == 1 else AMBIGUOUS
    return None


async def find(session: AnySession, *, account_id: int, keys: Collection[tuple[str, ...]]) -> Found:
    """All clients that the keys find, in at most three statements."""
    found: Found = {}
    ids = [int(key[1]) for key in keys if key[0] == "id"]
    if ids:
        for asked, client_id in await _by_id(session, account_id, ids):
            found.setdefault(("id", str(asked)), set()).add(client_id)
    identities = [key[1:] for key in keys if key[0] == "identity"]
    if identities:
        for source, external_id, client_id in await _by_identity(session, account_id, identities):
            found.setdefault(("identity", source, external_id), set()).add(client_id)
    contacts = [key for key in keys if key[0] in ("phone", "email")]
    if contacts:
        for kind, value, client_id in await _by_contact(session, account_id, contacts):
            found.setdefault((kind, value), set()).add(client_id)
    return found


async def _by_id(session: AnySession, account_id: int, ids: list[int]) -> Iterable[tuple[int, int]]:
    living = select(Client.id, Client.id.label("client_id")).where(
        Client.account_id == account_id, among(Client.id, ids)
    )
    merged = select(ClientAlias.alias_id, ClientAlias.client_id).where(
        ClientAlias.account_id == account_id, among(ClientAlias.alias_id, ids)
    )
    return [(row[0], row[1]) for row in await session.execute(union_all(living, merged))]


async def _by_identity(
    session: AnySession, account_id: int, keys: Sequence[tuple[str, ...]]
) -> Iterable[tuple[str, str, int]]:
    table = ClientIdentity.__table__
    given = rows_as_table([table.c.source, table.c.external_id], keys)
    query = (
        select(table.c.source, table.c.external_id, table.c.client_id)
        .join(given, (given.c.source == table.c.source) & (given.c.external_id == table.c.external_id))
        .where(table.c.account_id == account_id)
    )
    return [(row[0], row[1], row[2]) for row in await session.execute(query)]


async def _by_contact(
    session: AnySession, account_id: int, keys: Sequence[tuple[str, ...]]
) -> Iterable[tuple[str, str, int]]:
    table = ClientContact.__table__
    given = rows_as_table([table.c.kind, table.c.value], keys)
    query = (
        select(table.c.kind, table.c.value, table.c.client_id)
        .join(given, (given.c.kind == table.c.kind) & (given.c.value == table.c.value))
        .where(table.c.account_id == account_id)
    )
    return [(row[0], row[1], row[2]) for row in await session.execute(query)]
