"""Families: all leaves over one table, answered for a few clients by one reading of their rows.

This is how leaves are brought up to date at a cost that follows what changed. What all clients are asked by
one statement each (`passes`) few clients are asked together: their rows are found by an index, not by what
each leaf asks.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Select, any_, literal

from clientbase.filters.compiler import compile_leaf
from clientbase.filters.conditions import HasAll
from clientbase.filters.leaves import ActionLeaf, FieldLeaf, Leaf, Universe
from clientbase.filters.moment import Moment
from clientbase.filters.readings import packed, read_fields, read_measures
from clientbase.filters.sources import Rows

MOST = 100
"""Columns of one statement; PostgreSQL takes 1,664."""


def families(leaves: Mapping[str, Leaf]) -> Iterator[tuple[str, ...]]:
    """The keys of the leaves, those together that one reading answers."""
    groups: dict[Hashable, list[str]] = defaultdict(list)
    for key, leaf in leaves.items():
        groups[(type(leaf), table_of(leaf) or key)].append(key)
    for keys in groups.values():
        waiting = iter(keys)
        while batch := tuple(islice(waiting, MOST)):
            yield batch


def compile_family(
    leaves: Sequence[Leaf], account_id: int, moment: Moment, clients: Sequence[int]
) -> Select[Any]:
    """One row with a column for each leaf: which of the given clients are its, as `packed` gives ids."""
    first = leaves[0]
    table = table_of(first)
    if table is None:
        return packed(compile_leaf(first, account_id, moment, clients))
    rows = Rows(table, account_id, clients=clients)
    if isinstance(first, FieldLeaf):
        return read_fields([leaf for leaf in leaves if isinstance(leaf, FieldLeaf)], rows, moment)
    actions = [leaf for leaf in leaves if isinstance(leaf, ActionLeaf)]
    types = {leaf.action.type_id for leaf in actions if leaf.action.type_id is not None}
    if types:
        rows.clauses.append(rows.base.c.type_id == any_(literal(sorted(types), ARRAY(BigInteger))))
    return read_measures(actions, rows, moment)


def table_of(leaf: Leaf) -> str | None:
    """The rows that a leaf shares with others; None when what it asks is not asked of a row by itself."""
    if isinstance(leaf, Universe):
        return None
    if isinstance(leaf, ActionLeaf):
        joins_many = leaf.param is not None and leaf.param.read.how in ("products", "product_groups")
        return None if joins_many else leaf.action.rows
    of_all_rows = isinstance(leaf.condition, HasAll) and leaf.field.read.how == "column"
    return None if of_all_rows or leaf.field.read.how == "any" else leaf.field.read.rows
