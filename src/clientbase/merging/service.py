"""Two or more clients become one; a client leaves the base."""

from collections.abc import Mapping

from clientbase.accounts.schemas import Caller
from clientbase.clients.repository import ClientRepository
from clientbase.clients.stats import Facts, recount, with_points
from clientbase.kit.db import WriteSession
from clientbase.kit.errors import Item, invalid, not_found
from clientbase.loading.clients.context import LoadContext
from clientbase.loading.clients.difference import write_differences
from clientbase.loading.clients.repository import ClientLoadRepository, ClientLoadWriter
from clientbase.loading.clients.states import Card, Contact
from clientbase.loading.locks import lock_account
from clientbase.merging.repository import MergeRepository
from clientbase.merging.schemas import MergeIn, MergeOut
from clientbase.segments import membership, telling


async def merge(session: WriteSession, *, caller: Caller, request: MergeIn) -> MergeOut:
    """Join clients into the survivor, whose values win; lists are united, facts move, counted fields follow.

    The merged ids go on answering as the survivor. Raises Invalid (UNKNOWN_CLIENT, SAME_CLIENT).
    """
    account = caller.account
    await lock_account(session, account.id)
    await telling.pause(session, account.id)
    survivor_id, merged_ids = request.survivor_id, sorted(set(request.merged_ids))
    cards = await ClientLoadRepository(session, account.id).cards([survivor_id, *merged_ids])
    _check(request, set(cards))
    await membership.replace_clients(session, account_id=account.id, old_ids=merged_ids, new_id=survivor_id)
    points = await with_points(session, account_id=account.id, client_ids=cards.keys())
    context = await LoadContext.load(session, account)
    joined = _join(survivor_id, merged_ids, cards, points)
    await write_differences(
        ClientLoadWriter(session, account.id),
        before={survivor_id: cards[survivor_id]},
        after={survivor_id: joined},
        context=context,
        actor=caller.actor,
    )
    repository = MergeRepository(session, account.id)
    moved = await repository.move_facts(merged_ids, survivor_id)
    await repository.add_aliases(merged_ids, survivor_id, context.now)
    await repository.delete_clients(merged_ids)
    facts = [kind for kind in Facts if points or kind is not Facts.LOYALTY]
    await recount(session, account_id=account.id, client_ids=[survivor_id], facts=facts)
    return MergeOut(survivor_id=survivor_id, merged_ids=merged_ids, moved=moved)


async def delete_client(session: WriteSession, *, caller: Caller, client_id: int) -> None:
    """Remove a client from everything: facts, lists, memberships. Raises NotFound."""
    account_id = caller.account.id
    await lock_account(session, account_id)
    await telling.pause(session, account_id)
    if not await ClientRepository(session, account_id).lock(client_id):
        raise not_found("client")
    await membership.remove_clients(session, account_id=account_id, client_ids=[client_id])
    await MergeRepository(session, account_id).delete_clients([client_id])


def _check(request: MergeIn, known: set[int]) -> None:
    faults = []
    named = {"/survivor_id": request.survivor_id}
    named |= {f"/merged_ids/{index}": client_id for index, client_id in enumerate(request.merged_ids)}
    for pointer, client_id in named.items():
        if client_id not in known:
            faults.append(Item(pointer, "UNKNOWN_CLIENT", "There is no such client."))
        elif pointer != "/survivor_id" and client_id == request.survivor_id:
            faults.append(Item(pointer, "SAME_CLIENT", "The survivor is not merged into itself."))
    if faults:
        raise invalid(faults)


def _join(survivor_id: int, others: list[int], cards: Mapping[int, Card], with_points: set[int]) -> Card:
    """The survivor's values win; what it lacks comes from the others in their order.

    Points that a source states and those that operations give are one value of two makes: once one card has
    its own operations and states nothing, nothing that another states replaces them.
    """
    joined = cards[survivor_id].copy()
    counted = survivor_id in with_points
    for other_id in others:
        other = cards[other_id]
        for name, value in other.columns.items():
            if joined.columns.get(name) is None and not (counted and name == "stated_bonus_balance"):
                joined.columns[name] = value
        counted = counted or (other_id in with_points and joined.columns["stated_bonus_balance"] is None)
        joined.identities = other.identities | joined.identities
        joined.params = other.params | joined.params
        joined.tags |= other.tags
        joined.consents |= other.consents
        _add_contacts(joined, other)
    joined.settle_consents()
    joined.columns["created_at"] = min(cards[one].columns["created_at"] for one in (survivor_id, *others))
    return joined


def _add_contacts(joined: Card, other: Card) -> None:
    kinds = {kind for kind, _ in joined.contacts}
    for key, contact in other.contacts.items():
        keeps_primary = key[0] not in kinds and contact.is_primary
        joined.contacts.setdefault(key, Contact(keeps_primary, contact.verified))
