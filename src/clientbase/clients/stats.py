"""The counted fields: recounted in the transaction that changes the facts, and proved equal to them."""

from collections.abc import Collection, Iterable
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, exists, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql import Executable

from clientbase.clients.counting import (
    AnySelect,
    loyalty_dates,
    of_account,
    stats_query,
    visits_query,
    with_points_query,
)
from clientbase.kit.db import AnySession, WriteSession
from clientbase.models import BUILT_IN_TYPE_IDS, Action, Client, ClientStats, ClientVisits

_KEY = ("account_id", "client_id")


class Facts(Enum):
    """Kinds of facts that are counted."""

    ORDERS = "orders"
    VISITS = "visits"
    LOYALTY = "loyalty"
    """Operations with points. They date the card as well, which a source may date while there are none: to be
    recounted of clients who have or had some."""


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


async def with_points(session: AnySession, *, account_id: int, client_ids: Collection[int]) -> set[int]:
    """Those of the clients who have operations with points."""
    values = {"owner_id": account_id, "client_ids": sorted(client_ids)}
    return set((await session.execute(with_points_query(narrowed=True), values)).scalars())


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
    """Operations date the card; what a source states is for clients who never had any."""
    return (
        update(Client)
        .values(loyalty_dates())
        .where(*of_account(Client.account_id, Client.id, narrowed=True), _is_dated_otherwise())
        .execution_options(synchronize_session=False)
    )


def _is_dated_otherwise() -> ColumnElement[bool]:
    dates = loyalty_dates()
    stated = tuple_(*(getattr(Client, name) for name in dates))
    return stated.is_distinct_from(tuple_(*dates.values()))


def _date_difference() -> AnySelect:
    """Clients with operations whose cards are dated otherwise."""
    return select(Client.id).where(
        Client.account_id == bindparam("owner_id"),
        Client.id.in_(with_points_query(narrowed=False)),
        _is_dated_otherwise(),
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
    _date_difference(),
)
