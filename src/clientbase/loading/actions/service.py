"""The upsert of actions: known keys are looked up, rows applied one after another, differences written."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from clientbase.accounts.schemas import AccountInfo
from clientbase.clients.stats import Facts, recount
from clientbase.kit.db import WriteSession
from clientbase.kit.errors import Item
from clientbase.loading.actions.checks import check, takes_of
from clientbase.loading.actions.repository import ActionLoadRepository, Key
from clientbase.loading.actions.rows import ActionRow, Checked, Values
from clientbase.loading.locks import lock_account
from clientbase.loading.outcome import Outcome
from clientbase.loading.owners import find_owners
from clientbase.models import BUILT_IN_TYPE_IDS
from clientbase.search import catalogue

_COUNTED = {
    BUILT_IN_TYPE_IDS["visit"]: Facts.VISITS,
    BUILT_IN_TYPE_IDS["loyalty.accrual"]: Facts.LOYALTY,
    BUILT_IN_TYPE_IDS["loyalty.writeoff"]: Facts.LOYALTY,
}
"""Types that counted fields count."""


async def upsert_actions(
    session: WriteSession, *, account: AccountInfo, rows: Sequence[ActionRow]
) -> list[Outcome]:
    """Record actions; one outcome a row, in the order of the rows, as if each had been sent alone.

    The same (type, source, external id) again replaces the action, or is `unchanged` when it says the same; a
    wrong row is `rejected` and hinders no other. Counted fields follow in the same transaction.
    """
    await lock_account(session, account.id)
    repository = ActionLoadRepository(session, account.id)
    types = takes_of(await catalogue.load(session, account=account))
    owners = await find_owners(session, account=account, keys=[row.client for row in rows])
    checked = [check(row, owner, types) for row, owner in zip(rows, owners, strict=True)]
    right = [row for row in checked if not isinstance(row, list)]
    stored = await repository.stored({key for row in right if (key := _key(row)) is not None})
    new = sum(_key(row) not in stored for row in right)
    batch = _Batch(stored, iter(await repository.next_ids(new)))
    outcomes = [batch.apply(index, row) for index, row in enumerate(checked)]
    await repository.insert(batch.new.items())
    await repository.update([(action_id, values) for action_id, values in batch.changed.items()])
    for facts, clients in batch.counted.items():
        await recount(session, account_id=account.id, client_ids=clients, facts=[facts])
    return outcomes


def _key(row: Checked) -> Key | None:
    return None if row.dedupe_key is None else (row.type_id, row.source, row.dedupe_key)


@dataclass
class _Batch:
    """What was stored, and what the rows have made of it so far."""

    known: dict[Key, tuple[int, Values]]
    ids: Iterator[int]
    new: dict[int, Checked] = field(default_factory=dict)
    changed: dict[int, Values] = field(default_factory=dict)
    counted: dict[Facts, set[int]] = field(default_factory=lambda: defaultdict(set))
    """Clients whose counted fields may change, by what they count."""

    def apply(self, index: int, row: Checked | list[Item]) -> Outcome:
        """Apply one row and say what became of it."""
        if isinstance(row, list):
            return Outcome(index, "rejected", errors=row)
        key = _key(row)
        if key is None or key not in self.known:
            return self._create(index, key, row)
        action_id, values = self.known[key]
        if values == row.values:
            return Outcome(index, "unchanged", action_id)
        self._count(row, values.client_id, row.values.client_id)
        self.known[key] = (action_id, row.values)
        if action_id in self.new:
            self.new[action_id] = row
        else:
            self.changed[action_id] = row.values
        return Outcome(index, "updated", action_id)

    def _create(self, index: int, key: Key | None, row: Checked) -> Outcome:
        action_id = next(self.ids)
        self.new[action_id] = row
        if key is not None:
            self.known[key] = (action_id, row.values)
        self._count(row, row.values.client_id)
        return Outcome(index, "created", action_id)

    def _count(self, row: Checked, *clients: int) -> None:
        if row.type_id in _COUNTED:
            self.counted[_COUNTED[row.type_id]].update(clients)
