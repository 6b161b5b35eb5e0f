"""The counted fields: recounted in the transaction that changes the facts, and proved equal to them."""

from collections.abc import Collection, Iterable
from enum import Enum
from typing import Any

from sqlalchemy import bindparam, delete, exists, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql import Executable

from clientbase.clients.counting import AnySelect, loyalty_operations, of_account, stats_query, visits_query
from clientbase.kit.db import AnySession, WriteSession
from clientbase.models import BUILT_IN_TYPE_IDS, Action, Client, ClientStats, ClientVisits

_KEY = ("account_id", "client_id")


class Facts(Enum):
    """Kinds of facts that are counted."""

    ORDERS = "orders"
    VISITS = "visits"
    LOYALTY = "loyalty"


async def recount(
    session: WriteSession,
    *,
    account_id: int,
    client_ids: Iterable[int],
    facts: Collection[Facts] = frozenset(Facts),
) -> None:
    """Bring the counted fields of these clients to what their facts of these kinds say.

    The same few statements for any number of clients; rows that stay the same are not written. Call it in the
    transaction that changed the facts, after the last change. Of two transactions at once the second waits
    here for the first, and then counts what both have done.
    """
    ids = sorted(set(client_ids))
    if not ids:
        return
    for statement in dict.fromkeys(
        statement for kind in Facts if kind in facts for statement in _RECOUNT[kind]
    ):
        await session.execute(statement, {"owner_id": account_id, "client_ids": ids})


async def recount_differences(session: AnySession, *, account_id: int) -> list[int]:
    """Ids of the clients whose counted fields differ from a full recount: empty when all is right."""
    found: set[int] = set()
    for query in _DIFFERENCES:
        found.update((await session.execute(query, {"owner_id": account_id})).scalars())
    return sorted(found)


def _lock() -> Executable:
    """The rows to be written, in one order for all: nobody counts what another is about to change."""
    return (
        select(ClientStats.client_id)
        .where(*of_account(ClientStats.account_id, ClientStats.client_id, narrowed=True))
        .order_by(ClientStats.client_id)
        .with_for_update(key_share=True)
    )


def _upsert(model: type[Any], computed: AnySelect) -> Executable:
    """Insert the computed rows; change one that exists only where it differs."""
    table = model.__table__
    names = [column.name for column in computed.selected_columns]
    counted = [name for name in names if name not in _KEY]
    statement = insert(table).from_select(names, computed)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=_KEY,
        set_={name: new[name] for name in counted},
        where=tuple_(*(table.c[name] for name in counted)).is_distinct_from(
            tuple_(*(new[name] for name in counted))
        ),
    )


def _drop_visits() -> Executable:
    """Clients without a visit have no row."""
    visit = exists().where(
        Action.account_id == ClientVisits.account_id,
        Action.client_id == ClientVisits.client_id,
        Action.type_id == BUILT_IN_TYPE_IDS["visit"],
    )
    return delete(ClientVisits).where(
        *of_account(ClientVisits.account_id, ClientVisits.client_id, narrowed=True), ~visit
    )


def _date_loyalty() -> Executable:
    """Operations date the card; what a source states stays for clients who have none."""
    operations = loyalty_operations(narrowed=True)
    dates = {
        name: func.coalesce(operations.c[name], getattr(Client, name))
        for name in ("last_accrual_at", "last_writeoff_at")
    }
    return (
        update(Client)
        .values(dates)
        .where(
            Client.account_id == bindparam("owner_id"),
            Client.id == operations.c.client_id,
            tuple_(Client.last_accrual_at, Client.last_writeoff_at).is_distinct_from(tuple_(*dates.values())),
        )
        .execution_options(synchronize_session=False)
    )


def _difference(model: type[Any], computed: AnySelect) -> AnySelect:
    """Clients with a row on one side that the other side has not."""
    table = model.__table__
    stored = select(*(table.c[column.name] for column in computed.selected_columns)).where(
        table.c.account_id == bindparam("owner_id")
    )
    sides = (computed.except_(stored).subquery(), stored.except_(computed).subquery())
    # A union runs as a select does; only its class is another.
    return select(sides[0].c.client_id).union(select(sides[1].c.client_id))  # type: ignore[return-value]


_LOCK = _lock()
_STATS = _upsert(ClientStats, stats_query(narrowed=True))
_RECOUNT: dict[Facts, tuple[Executable, ...]] = {
    Facts.ORDERS: (_LOCK, _STATS),
    Facts.VISITS: (_LOCK, _upsert(ClientVisits, visits_query(narrowed=True)), _drop_visits()),
    Facts.LOYALTY: (_LOCK, _STATS, _date_loyalty()),
}
"""What is run for each kind, each statement once, the lock first."""
_DIFFERENCES = (
    _difference(ClientStats, stats_query(narrowed=False)),
    _difference(ClientVisits, visits_query(narrowed=False)),
)
