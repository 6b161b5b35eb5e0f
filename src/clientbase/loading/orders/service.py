"""The upsert of orders: read what is stored, apply the rows one after another, write the differences."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from clientbase.accounts.schemas import AccountInfo
from clientbase.clients.stats import Facts, recount
from clientbase.kit import clock
from clientbase.kit.db import WriteSession
from clientbase.kit.errors import Item
from clientbase.kit.text import fold
from clientbase.loading.locks import lock_account
from clientbase.loading.orders.batch import Batch, Key
from clientbase.loading.orders.checks import OrderCheck, OrderContext
from clientbase.loading.orders.differences import Difference
from clientbase.loading.orders.repository import OrderLoadRepository, written
from clientbase.loading.orders.rows import OrderRow
from clientbase.loading.orders.states import OrderChange, OrderState
from clientbase.loading.outcome import Outcome
from clientbase.loading.owners import find_owners
from clientbase.loading.products import ensure_products

Changes = Sequence[tuple[Key, OrderState, OrderState]]


async def upsert_orders(
    session: WriteSession, *, account: AccountInfo, rows: Sequence[OrderRow]
) -> list[Outcome]:
    """Create or change orders by (source, external_id); one outcome a row, in the order of the rows.

    A batch means the same as its rows sent one by one: of two rows for one order the later builds on the
    earlier. A row that changes nothing is `unchanged` and writes nothing; a wrong row is `rejected` and
    hinders no other. Counted fields of the clients follow in the same transaction.
    """
    await lock_account(session, account.id)
    repository = OrderLoadRepository(session, account.id)
    statuses = await repository.statuses()
    context = OrderContext(account, dict(statuses), await repository.params())
    owners = await find_owners(session, account=account, keys=[row.client for row in rows])
    batch = await _begin(repository, rows)
    outcomes = [
        batch.apply(index, (row.source, row.external_id), _read(row, owner, context))
        for index, (row, owner) in enumerate(zip(rows, owners, strict=True))
    ]
    changes = batch.changes()
    if changes:
        await repository.add_statuses(_new_statuses(changes, statuses))
        await _write(repository, changes, batch)
        clients = _clients(changes)
        await recount(session, account_id=account.id, client_ids=clients, facts=[Facts.ORDERS])
    return outcomes


def _read(row: OrderRow, owner: int | Item | None, context: OrderContext) -> OrderChange | list[Item]:
    """The row as a change, or all that is wrong with it."""
    check = OrderCheck(row, context)
    change = check.change(owner if isinstance(owner, int) else None)
    faults = [*([owner] if isinstance(owner, Item) else []), *check.faults]
    return faults or change


async def _begin(repository: OrderLoadRepository, rows: Sequence[OrderRow]) -> Batch:
    """Read the orders that rows name, with those parts only that rows touch."""
    keys = {(row.source, row.external_id): None for row in rows}
    stored = await repository.states(keys)

    def touched(by: Iterable[OrderRow]) -> list[OrderState]:
        named = {(row.source, row.external_id) for row in by}
        return [state for key, state in stored.items() if key in named]

    await repository.read_lines(touched(row for row in rows if row.lines is not None))
    await repository.read_history(
        touched(row for row in rows if row.status is not None or row.status_history is not None)
    )
    await repository.read_refunds(touched(row for row in rows if row.refunds))
    await repository.read_params(touched(row for row in rows if row.params))
    ids = await repository.next_ids(len(keys) - len(stored))
    return Batch(stored, iter(ids), clock.now())


async def _write(repository: OrderLoadRepository, changes: Changes, batch: Batch) -> None:
    codes = {line.product for _, _, after in changes for line in after.lines if line.product is not None}
    products = await ensure_products(repository.session, account_id=repository.account_id, codes=codes)
    difference = Difference(products)
    new, old = [], []
    for key, before, after in changes:
        assert after.head is not None
        number = after.head.number
        values = written(after, fold(number) if number is not None else None, batch.now)
        if before.head is None:
            new.append((key, values))
        else:
            old.append(values)
        difference.add(before, after)
    await repository.insert_orders(new)
    await repository.update_orders(old)
    await repository.write_parts(difference)
    await repository.follow_heads(_moved(changes))


def _moved(changes: Changes) -> list[int]:
    """Orders whose parts repeat a client or a time of purchase that has changed."""
    return [
        after.id
        for _, before, after in changes
        if before.head is not None
        and after.head is not None
        and (before.head.client_id, before.head.purchased_at)
        != (after.head.client_id, after.head.purchased_at)
    ]


def _new_statuses(changes: Changes, known: Mapping[str, str]) -> dict[str, str]:
    entries = {entry.status: entry.group for _, _, after in changes for entry in after.history}
    return {code: group for code, group in entries.items() if code not in known}


def _clients(changes: Changes) -> Collection[int]:
    """Everybody whose facts have changed: of an order that was moved, both."""
    heads = [state.head for _, *states in changes for state in states]
    return {head.client_id for head in heads if head is not None}
