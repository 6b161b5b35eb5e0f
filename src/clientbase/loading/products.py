"""Set-based upserts of products and groups of products; a moved group takes its whole subtree along."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from clientbase.kit.db import WriteSession
from clientbase.kit.errors import Item
from clientbase.kit.text import clean
from clientbase.loading.keep import KEEP, Keep
from clientbase.loading.locks import lock_account
from clientbase.loading.outcome import Outcome
from clientbase.orders.product_repository import ProductRepository


@dataclass(slots=True, kw_only=True)
class ProductRow:
    """A product by the code of its source; what is not given stays."""

    code: str
    name: str | None = None
    group: str | Keep | None = KEEP


@dataclass(slots=True, kw_only=True)
class GroupRow:
    """A group of products by the code of its source; what is not given stays, no parent makes it a root."""

    code: str
    name: str | None = None
    parent: str | Keep | None = KEEP


class Node(NamedTuple):
    """Name of a product or group, and the code of the group that it lies in."""

    name: str
    parent: str | None


async def ensure_products(
    session: WriteSession, *, account_id: int, codes: Collection[str]
) -> dict[str, int]:
    """Ids of these products; those not known yet are made without a group, their code as their name."""
    repository = ProductRepository(session, account_id)
    found = await repository.product_ids(codes)
    missing = sorted(set(codes) - found.keys())
    if missing:
        await repository.insert_products([(code, code, None) for code in missing])
        found |= await repository.product_ids(missing)
    return found


async def upsert_products(
    session: WriteSession, *, account_id: int, rows: Sequence[ProductRow]
) -> list[Outcome]:
    """Create or change products by code; one outcome a row, applied in the order of the rows."""
    await lock_account(session, account_id)
    repository = ProductRepository(session, account_id)
    stored = {code: Node(*node) for code, node in await repository.products([row.code for row in rows])}
    groups = await repository.group_ids([row.group for row in rows if isinstance(row.group, str)])
    nodes = dict(stored)
    outcomes = [
        _applied(index, nodes, row.code, row.name, row.group, _unknown_group(row.group, groups))
        for index, row in enumerate(rows)
    ]
    await repository.insert_products(_rows(nodes, nodes.keys() - stored.keys()))
    await repository.update_products(_rows(nodes, _differing(nodes, stored)))
    return _with_ids(outcomes, [row.code for row in rows], await repository.product_ids(nodes))


async def upsert_groups(session: WriteSession, *, account_id: int, rows: Sequence[GroupRow]) -> list[Outcome]:
    """Create or change groups by code; one outcome a row. A parent may stand after its children in the batch.

    A group is never put below itself: such a row is rejected (GROUP_CYCLE).
    """
    await lock_account(session, account_id)
    repository = ProductRepository(session, account_id)
    stored = {code: Node(*node) for code, node in await repository.groups()}
    nodes = dict(stored)
    outcomes = _apply_groups(rows, nodes)
    added = nodes.keys() - stored.keys()
    await repository.insert_groups(_rows(nodes, added))
    await repository.update_groups(_rows(nodes, added | _differing(nodes, stored)))
    codes = [row.code for row in rows]
    return _with_ids(outcomes, codes, await repository.group_ids(codes))


def _apply_groups(rows: Sequence[GroupRow], nodes: dict[str, Node]) -> list[Outcome]:
    """Apply rows in order, those whose parent is still to come once it has come."""
    outcomes: dict[int, Outcome] = {}
    waiting = list(enumerate(rows))
    while True:
        later = []
        for index, row in waiting:
            if isinstance(row.parent, str) and row.parent not in nodes and row.parent != row.code:
                later.append((index, row))
                continue
            fault = _cycle(row, nodes)
            outcomes[index] = _applied(index, nodes, row.code, row.name, row.parent, fault)
        if not later or len(later) == len(waiting):
            break
        waiting = later
    unknown = Item("/parent", "UNKNOWN_PRODUCT_GROUP", "There is no such group of products.")
    outcomes |= {index: Outcome(index, "rejected", errors=[unknown]) for index, _ in later}
    return [outcomes[index] for index in range(len(rows))]


def _cycle(row: GroupRow, nodes: dict[str, Node]) -> Item | None:
    """Whether the group would lie below itself."""
    above = row.parent if isinstance(row.parent, str) else None
    while above is not None:
        if above == row.code:
            return Item("/parent", "GROUP_CYCLE", "A group cannot lie below itself.")
        above = nodes[above].parent
    return None


def _unknown_group(group: str | Keep | None, known: dict[str, int]) -> Item | None:
    if isinstance(group, str) and group not in known:
        return Item("/group", "UNKNOWN_PRODUCT_GROUP", "There is no such group of products.")
    return None


def _applied(
    index: int,
    nodes: dict[str, Node],
    code: str,
    name: str | None,
    parent: str | Keep | None,
    fault: Item | None,
) -> Outcome:
    """Put one row into the nodes, or say what is wrong with it."""
    if fault is not None:
        return Outcome(index, "rejected", errors=[fault])
    before = nodes.get(code)
    old = before or Node(code, None)
    after = Node((name and clean(name)) or old.name, old.parent if parent is KEEP else parent)
    if before == after:
        return Outcome(index, "unchanged")
    nodes[code] = after
    return Outcome(index, "created" if before is None else "updated")


def _differing(nodes: dict[str, Node], stored: dict[str, Node]) -> set[str]:
    return {code for code, node in stored.items() if nodes[code] != node}


def _rows(nodes: dict[str, Node], codes: Collection[str]) -> list[tuple[str, str, str | None]]:
    return [(code, *nodes[code]) for code in sorted(codes)]


def _with_ids(outcomes: list[Outcome], codes: Sequence[str], ids: dict[str, int]) -> list[Outcome]:
    for outcome, code in zip(outcomes, codes, strict=True):
        if outcome.status != "rejected":
            outcome.id = ids[code]
    return outcomes
