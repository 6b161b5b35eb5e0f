"""Files of order lines: the rows of one order stand together, and replace its lines.

Columns of the order itself may stand beside those of its lines; the first value of the order's rows counts.
Where no total is given, it is the sum of the lines.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby

from clientbase.accounts.schemas import AccountInfo
from clientbase.imports.cells import Reading, text
from clientbase.imports.kinds import OWNER, Batch, Grouping, Kind, Values
from clientbase.imports.options import Options
from clientbase.imports.orders import KEY, NO_KEY, order_row, order_targets
from clientbase.imports.targets import Targets, table, target
from clientbase.kit.db import AnySession, WriteSession
from clientbase.kit.errors import Item
from clientbase.loading.orders import LineRow, upsert_orders
from clientbase.loading.outcome import Outcome

_LINE = ("product", "quantity", "price", "amount")
_OTHER = Item("", "OTHER_LINE_REJECTED", "Another line of the order is wrong, so none of them is loaded.")


async def _targets(session: AnySession, account: AccountInfo, reading: Reading) -> Targets:
    convert = reading.converters()
    lines = [
        target("product", text),
        target("quantity", convert["number"]),
        target("price", convert["money"]),
        target("amount", convert["money"]),
    ]
    return table([*lines, *await order_targets(session, account, reading)])


def _required(options: Options) -> list[tuple[str, ...]]:
    return [(KEY,), ("price", "amount")]


async def _load(session: WriteSession, batch: Batch) -> list[Outcome]:
    groups = [list(rows) for _, rows in groupby(enumerate(batch.rows), key=lambda row: row[1].get(KEY))]
    keyed = [group for group in groups if group[0][1].get(KEY)]
    orders = [
        order_row(_merged(row for _, row in group), batch.options, [_line(row) for _, row in group])
        for group in keyed
    ]
    outcomes = [Outcome(index, "rejected", errors=[NO_KEY]) for index in range(len(batch.rows))]
    loaded = await upsert_orders(session, account=batch.account, rows=orders)
    for group, outcome in zip(keyed, loaded, strict=True):
        for place, (index, _) in enumerate(group):
            outcomes[index] = _of_line(index, place, outcome)
    return outcomes


def _merged(rows: Iterable[Values]) -> Values:
    """The order's values: of each the first that a row has."""
    merged: Values = {}
    for row in rows:
        for name, value in row.items():
            if name not in _LINE and merged.get(name) is None:
                merged[name] = value
    return merged


def _line(row: Values) -> LineRow:
    quantity = row.get("quantity")
    given = {} if quantity is None else {"quantity": quantity}
    return LineRow(product=row.get("product"), price=row.get("price"), amount=row.get("amount"), **given)


def _of_line(index: int, place: int, outcome: Outcome) -> Outcome:
    """What became of the order, told of one of its lines: faults of other lines are not its own."""
    if outcome.status != "rejected":
        return Outcome(index, outcome.status, outcome.id)
    own = [fault for fault in outcome.errors if _is_about(fault, place)]
    return Outcome(index, "rejected", errors=own or [_OTHER])


def _is_about(fault: Item, place: int) -> bool:
    parts: Sequence[str] = fault.pointer.split("/")
    return parts[1:2] != ["lines"] or parts[2:3] == [str(place)]


ORDER_LINES = Kind(
    targets=_targets,
    load=_load,
    required=_required,
    sourced=(KEY,),
    pointers={"client": OWNER, "lines": ()},
    grouping=Grouping(KEY, NO_KEY, _OTHER),
)
