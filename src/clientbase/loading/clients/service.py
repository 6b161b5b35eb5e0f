"""The upsert: rows are matched and applied in memory one by one, then the differences are written at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from clientbase.accounts.schemas import AccountInfo
from clientbase.clients.stats import with_points
from clientbase.kit.db import WriteSession
from clientbase.kit.errors import Item
from clientbase.loading.clients.check import RowCheck
from clientbase.loading.clients.context import LoadContext
from clientbase.loading.clients.difference import write_differences
from clientbase.loading.clients.fields import DATES_OF_POINTS
from clientbase.loading.clients.repository import ClientLoadRepository, ClientLoadWriter
from clientbase.loading.clients.rows import ClientRow, Mode
from clientbase.loading.clients.states import Card, Change
from clientbase.loading.locks import lock_account
from clientbase.loading.matching import Found, Keys, find
from clientbase.loading.outcome import Outcome, Status


async def upsert(
    session: WriteSession,
    *,
    account: AccountInfo,
    rows: Sequence[ClientRow],
    actor: str,
    mode: Mode = Mode.UPSERT,
) -> list[Outcome]:
    """Create and change clients; one outcome a row, in their order, as if they were sent one by one.

    A row that is wrong is rejected with all its faults and the others go on; an accepted one may carry in
    `errors` what was not taken of it (CONSENT_WITHDRAWN).

    A client is found by id, else by (source, external_id), else by its contacts. An id decides whoever else
    has the contacts: families share them. Without one, clients that have another id in a source of the row
    are out of the question; of the rest the first contact that finds any decides, and the row is rejected
    when it finds several (AMBIGUOUS_CLIENT) or when another contact finds only others (MERGE_CONFLICT): two
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
    if any(change and change.columns.keys() & DATES_OF_POINTS for change, _ in checked):
        load.with_points = await with_points(session, account_id=account.id, client_ids=ids)
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
    with_points: set[int] = field(default_factory=set)
    """Clients whose dates of points follow their operations."""

    def row(self, index: int, change: Change) -> Outcome:
        """Apply one row to the client that it finds, or to a new one."""
        by_id = [key for key in change.keys if key[0] == "id"]
        client_id = self._match(change, by_id)
        if isinstance(client_id, Item):
            return Outcome(index, "rejected", errors=[client_id])
        if self.mode is Mode.CREATE and client_id is not None:
            return _reject(index, "CLIENT_EXISTS", "There is a client with this key already.", (client_id,))
        if client_id is None and by_id:
            return _reject(index, "UNKNOWN_CLIENT", "There is no such client.")
        taken = self._taken(change, client_id)
        if taken is not None:
            return _reject(index, "IDENTITY_TAKEN", "Another client has this id in the source.", (taken,))
        return self._apply(index, change, client_id)

    def _match(self, change: Change, by_id: Keys) -> int | Item | None:
        """The client that the row means; None for a new one, or what forbids to tell."""
        decisive = by_id or [key for key in change.keys if key[0] == "identity"]
        client_id = next((client_id for key in decisive for client_id in self.found.get(key, ())), None)
        return client_id if client_id is not None or by_id else self._by_contacts(change)

    def _by_contacts(self, change: Change) -> int | Item | None:
        """By the first contact that finds any, of those who have no other id in a source of the row."""
        sources = {source for source, _ in change.identities or ()}
        found = [
            {one for one in self.found.get(key, ()) if not self._is_of(one, sources)}
            for key in change.keys
            if key[0] in ("phone", "email")
        ]
        found = [clients for clients in found if clients]
        if not found:
            return None
        if len(found[0]) > 1:
            return _AMBIGUOUS
        (client_id,) = found[0]
        if any(client_id not in clients for clients in found):
            # Those that are born in this batch have negative ids, of which the last is the least.
            allowed = sorted(set().union(*found), key=lambda one: (one < 0, abs(one)))
            return Item("", "MERGE_CONFLICT", _MERGE_CONFLICT, tuple(allowed))
        return client_id

    def _is_of(self, client_id: int, sources: set[str]) -> bool:
        return any(source in sources for source, _ in self.cards[client_id].identities)

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
        if client_id in self.with_points:
            columns = {name: cell for name, cell in change.columns.items() if name not in DATES_OF_POINTS}
            change = replace(change, columns=columns)
        card = self.cards[client_id]
        before = None if created else card.copy()
        untaken = change.apply(card, replace=self.mode is Mode.REPLACE)
        self._learn(client_id, card)
        status: Status = "created" if created else "unchanged" if card == before else "updated"
        return Outcome(index, status, client_id, untaken)

    def _learn(self, client_id: int, card: Card) -> None:
        """Later rows of the batch find the client by what it has now."""
        for source, external_id in card.identities:
            self.found.setdefault(("identity", source, external_id), set()).add(client_id)
        for contact in card.contacts:
            self.found.setdefault(contact, set()).add(client_id)


def _reject(index: int, code: str, message: str, allowed: tuple[object, ...] | None = None) -> Outcome:
    return Outcome(index, "rejected", errors=[Item("", code, message, allowed)])


def _with_ids(fault: Item, ids: Mapping[Any, int]) -> Item:
    """The fault with the ids that clients of this batch have been given."""
    if not fault.allowed or ids.keys().isdisjoint(fault.allowed):
        return fault
    return replace(fault, allowed=tuple(ids.get(one, one) for one in fault.allowed))


_AMBIGUOUS = Item(
    "", "AMBIGUOUS_CLIENT", "Several clients have this contact; name one by id or by its id in a source."
)
_MERGE_CONFLICT = "The contacts belong to different clients; name one of them by id, or merge them."


async def _write(
    session: WriteSession, account: AccountInfo, context: LoadContext, load: _Load, actor: str
) -> None:
    writer = ClientLoadWriter(session, account.id)
    born = list(load.born)
    ids = dict(zip(born, await writer.new_ids(len(born)), strict=True))
    for outcome in load.outcomes:
        if outcome.id is not None:
            outcome.id = ids.get(outcome.id, outcome.id)
        outcome.errors = [_with_ids(fault, ids) for fault in outcome.errors]
    for negative, client_id in ids.items():
        card = load.cards.pop(negative)
        card.columns["created_at"] = load.born[negative].created_at or context.now
        load.cards[client_id] = card
    used = {(name, card.columns.get(name)) for card in load.cards.values() for name in ("loyalty_level",)}
    await writer.add_choices(choice for choice in context.new_choices if choice in used)
    await write_differences(writer, before=load.before, after=load.cards, context=context, actor=actor)
