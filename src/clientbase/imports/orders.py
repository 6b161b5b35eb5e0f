"""Files of orders, one a row."""

from collections.abc import Sequence

from clientbase.accounts.schemas import AccountInfo
from clientbase.imports.cells import Reading, choice, text
from clientbase.imports.kinds import OWNER, Batch, Kind, Values, owner, param_targets, params_of
from clientbase.imports.options import Options
from clientbase.imports.repository import ImportRepository
from clientbase.imports.targets import Target, Targets, owner_targets, table, target
from clientbase.imports.vocabulary import OF_ORDER
from clientbase.kit.db import AnySession, WriteSession
from clientbase.kit.errors import Item
from clientbase.kit.text import fold
from clientbase.loading.keep import KEEP
from clientbase.loading.orders import LineRow, OrderRow, upsert_orders
from clientbase.loading.outcome import Outcome

KEY = "external_id"
NO_KEY = Item(f"/{KEY}", "KEY_MISSING", "An order is known by its external id.")
_STATUS_GROUPS = {
    fold(word): code
    for code, words in {
        "new": ("new", "новый", "новые"),
        "in_progress": ("in progress", "in_progress", "в работе"),
        "done": ("done", "выполнен", "выполненные", "завершён"),
        "cancelled": ("cancelled", "canceled", "отменён", "отменённые"),
    }.items()
    for word in words
}


async def order_targets(session: AnySession, account: AccountInfo, reading: Reading) -> list[Target]:
    """The fields of an order."""
    repository = ImportRepository(session, account.id)
    convert = reading.converters()
    return [
        target(KEY, text, *OF_ORDER),
        target("number", text),
        target("status", choice(await repository.statuses())),
        target("status_group", choice(_STATUS_GROUPS)),
        target("status_changed_at", convert["datetime"]),
        target("created_at", convert["datetime"], "дата"),
        target("total", convert["money"]),
        target("discount", convert["money"]),
        target("cost", convert["money"]),
        target("currency", text),
        target("shop", text),
        target("manager", text),
        target("url", text),
        *owner_targets(),
        *param_targets(await repository.params("order"), convert),
    ]


async def _targets(session: AnySession, account: AccountInfo, reading: Reading) -> Targets:
    return table(await order_targets(session, account, reading))


def _required(options: Options) -> list[tuple[str, ...]]:
    return [(KEY,)]


def order_row(row: Values, options: Options, lines: Sequence[LineRow] | None = None) -> OrderRow:
    """An order as it is loaded; the row has a key."""
    assert options.source is not None
    return OrderRow(
        source=options.source,
        external_id=row[KEY],
        client=owner(row, options.owner_source),
        number=row.get("number", KEEP),
        status=row.get("status"),
        status_group=row.get("status_group"),
        status_changed_at=row.get("status_changed_at"),
        created_at=row.get("created_at"),
        currency=row.get("currency"),
        total=row.get("total"),
        discount=row.get("discount"),
        cost=row.get("cost", KEEP),
        shop=row.get("shop", KEEP),
        manager=row.get("manager", KEEP),
        url=row.get("url", KEEP),
        lines=lines,
        params=params_of(row),
    )


async def _load(session: WriteSession, batch: Batch) -> list[Outcome]:
    keyed = [index for index, row in enumerate(batch.rows) if row.get(KEY)]
    rows = [order_row(batch.rows[index], batch.options) for index in keyed]
    outcomes = [Outcome(index, "rejected", errors=[NO_KEY]) for index in range(len(batch.rows))]
    loaded = await upsert_orders(session, account=batch.account, rows=rows)
    for index, outcome in zip(keyed, loaded, strict=True):
        outcomes[index] = outcome
    return outcomes


ORDERS = Kind(
    targets=_targets,
    load=_load,
    required=_required,
    sourced=(KEY,),
    pointers={"client": OWNER},
)
