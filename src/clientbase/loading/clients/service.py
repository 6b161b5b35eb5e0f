"""The upsert: rows are matched and applied in memory one by one, then the differences are written at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from clientbase.accounts.schemas import AccountInfo
from clientbase.kit.db import WriteSession
from clientbase.kit.errors import Item
from clientbase.loading.clients.check import RowCheck
from clientbase.loading.clients.context import LoadContext
from clientbase.loading.clients.difference import write_differences
from clientbase.loading.clients.repository import ClientLoadRepository, ClientLoadWriter
from clientbase.loading.clients.rows import ClientRow, Mode
from clientbase.loading.clients.states import Card, Change
from clientbase.loading.locks import lock_account
from clientbase.loading.matching import AMBIGUOUS, Found, Match, find, first_match
from clientbase.loading.outcome import Outcome


async def upsert(
    session: WriteSession,
    *,
    account: AccountInfo,
    rows: Sequence[ClientRow],
    actor: str,
    mode: Mode = Mode.UPSERT,
) -> list[Outcome]:
    """Create and change clients; one outcome a row, in their order, as if they were sent one by one.

    A row that is wrong is rejected with all its faults and the others go on. A client is found by (source,
    external_id), then by phone, then by e-mail; a contact that several clients share rejects the row, and two
    existing clients are never made one.
    """
    await lock_account(session, account.id)
    context = await LoadContext.load(session, account)
    checked = [_check(row, context) for row in rows]
    wanted = {key for change, _ in checked if change for key in change.keys}
    load = _Load(mode, await find(session, account_id=account.id, keys=wanted))
    ids = sorted({client_id for clients in load.found.values() for client_id in clients})
    load.cards = await ClientLoadRepository(session, account.id).cards(ids) if ids else {}
    load.before = {client_id: card.copy() for client_id, card in load.cards.items()}
    for index, (change, faults) in enumerate(checked):
        load.outcomes.append(load.row(index, change) if change else Outcome(index, "rejected", errors=faults))
    await _write(session, account, context, load, actor)
    return load.outcomes


def _check(row: ClientRow, context: LoadContext) -> tuple[Change | None, list[Item]]:
    check = RowCheck(row, context)
    change = check.change()
    return (None, check.faults) if check.faults else (change, [])


@dataclass
class _Load:
    """One batch on its way: new clients have negative ids until they are written."""

    mode: Mode
    found: Found
    cards: dict[int, Card] = field(default_factory=dict)
    before: dict[int, Card] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    born: dict[int, Change] = field(default_factory=dict)
    """The first change of each new client."""

    def row(self, index: int, change: Change) -> Outcome:
        """Apply one row to the client that it finds, or to a new one."""
        client_id = self._match(change)
        if client_id is AMBIGUOUS:
            message = "Several clients have this contact; name one by id or by its id in a source."
            return _reject(index, "AMBIGUOUS_CLIENT", message)
        if self.mode is Mode.CREATE and client_id is not None:
            return _reject(index, "CLIENT_EXISTS", "There is a client with this key already.", (client_id,))
        if client_id is None and change.keys[:1] and change.keys[0][0] == "id":
            return _reject(index, "UNKNOWN_CLIENT", "There is no such client.")
        taken = self._taken(change, client_id)
        if taken is not None:
            return _reject(index, "IDENTITY_TAKEN", "Another client has this id in the source.", (taken,))
        return self._apply(index, change, client_id)

    def _match(self, change: Change) -> int | Match | None:
        """By the first key that finds; a contact does not join two records of one source."""
        if change.keys and change.keys[0][0] == "id":
            return first_match(change.keys[:1], self.found)
        client_id = first_match((key for key in change.keys if key[0] == "identity"), self.found)
        if client_id is not None:
            return client_id
        client_id = first_match((key for key in change.keys if key[0] in ("phone", "email")), self.found)
        if isinstance(client_id, int) and change.identities:
            known = {source for source, _ in self.cards[client_id].identities}
            if known & {source for source, _ in change.identities}:
                return None
        return client_id

    def _taken(self, change: Change, client_id: int | None) -> int | None:
        """Another client that holds one of the identities."""
        for key in change.identities or ():
            holders = self.found.get(("identity", *key), set()) - {client_id}
            if holders:
                return next(iter(holders))
        return None

    def _apply(self, index: int, change: Change, client_id: int | None) -> Outcome:
        created = client_id is None
        if client_id is None:
            client_id = -len(self.born) - 1
            self.born[client_id] = change
            self.cards[client_id] = Card()
        card = self.cards[client_id]
        before = None if created else card.copy()
        change.apply(card, replace=self.mode is Mode.REPLACE)
        self._learn(client_id, card)
        status = "created" if created else "unchanged" if card == before else "updated"
        return Outcome(index, status, client_id)  # type: ignore[arg-type]

    def _learn(self, client_id: int, card: Card) -> None:
        """Later rows of the batch find the client by what it has now."""
        for source, external_id in card.identities:
            self.found.setdefault(("identity", source, external_id), set()).add(client_id)
        for contact in card.contacts:
            self.found.setdefault(contact, set()).add(client_id)


def _reject(index: int, code: str, message: str, allowed: tuple[object, ...] | None = None) -> Outcome:
    return Outcome(index, "rejected", errors=[Item("", code, message, allowed)])


async def _write(
    session: WriteSession, account: AccountInfo, context: LoadContext, load: _Load, actor: str
) -> None:
    writer = ClientLoadWriter(session, account.id)
    born = list(load.born)
    ids = dict(zip(born, await writer.new_ids(len(born)), strict=True))
    for outcome in load.outcomes:
        if outcome.id is not None:
            outcome.id = ids.get(outcome.id, outcome.id)
    for negative, client_id in ids.items():
        card = load.cards.pop(negative)
        card.columns["created_at"] = load.born[negative].created_at or context.now
        load.cards[client_id] = card
    used = {(name, card.columns.get(name)) for card in load.cards.values() for name in ("loyalty_level",)}
    await writer.add_choices(choice for choice in context.new_choices if choice in used)
    await write_differences(writer, before=load.before, after=load.cards, context=context, actor=actor)
