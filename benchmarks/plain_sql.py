"""A tree as the one SQL query that is written where nobody keeps the clients of single conditions.

Conditions on tables with one row a client are asked of the row itself, all others by IN: PostgreSQL makes
joins of those that all must hold, and hashes of those under OR and NOT.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pyroaring import BitMap64
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    and_,
    false,
    func,
    literal,
    or_,
    select,
    true,
)

from clientbase.filters import Leaf, Moment, Plan, compile_leaf
from clientbase.filters.expressions import And, Const, Expression, LeafRef, Not, Or, SegmentRef
from clientbase.filters.leaves import FieldLeaf
from clientbase.filters.passes import CARD_ROWS
from clientbase.filters.readers import read
from clientbase.filters.sources import Rows

Clause = ColumnElement[bool]


class OneQuery:
    """The clients of a plan as one SELECT; `members` are those of the segments that it refers to."""

    def __init__(
        self, plan: Plan, account_id: int, moment: Moment, members: Mapping[int, BitMap64] | None = None
    ) -> None:
        self._plan, self._account_id, self._moment = plan, account_id, moment
        self._members = members or {}
        self._clients = Rows("clients", account_id)
        self._cards: dict[str, FromClause] = {}
        self.client = self._clients.client
        self._holds = self._of(plan.root, negative=False)

    def ids(self, *also: Clause) -> Select[int]:
        """Each client of the tree once, of those only who satisfy the other clauses too."""
        return (
            select(self.client).select_from(self._tables()).where(*self._clients.clauses, self._holds, *also)
        )

    def _tables(self) -> FromClause:
        tables = self._clients.base
        for card in self._cards.values():
            same = and_(card.c.account_id == self._clients.account, card.c.client_id == self.client)
            tables = tables.outerjoin(card, same)
        return tables

    def _of(self, node: Expression, *, negative: bool) -> Clause:
        """NOT stands before single conditions only."""
        return _NODES[type(node)](self, node, negative)

    def _not(self, node: Not, negative: bool) -> Clause:
        return self._of(node.item, negative=not negative)

    def _group(self, node: And | Or, negative: bool) -> Clause:
        junction = and_ if isinstance(node, And) is not negative else or_
        return junction(*(self._of(item, negative=negative) for item in node.items))

    def _leaf(self, node: LeafRef, negative: bool) -> Clause:
        leaf = self._plan.leaves[node.key]
        holds = self._on_card(leaf)
        if holds is None:
            holds = self._among(compile_leaf(leaf, self._account_id, self._moment))
        return holds.is_not(True) if negative else holds

    def _segment(self, node: SegmentRef, negative: bool) -> Clause:
        ids = literal(list(self._members[node.id]), ARRAY(BigInteger))
        holds = self._among(select(func.unnest(ids)))
        return holds.is_not(True) if negative else holds

    def _among(self, ids: Select[Any]) -> Clause:
        return self.client.in_(select(ids.subquery().c[0]))

    def _on_card(self, leaf: Leaf) -> Clause | None:
        """The condition on the client's own row; None where it has many, or joins others to it."""
        if not isinstance(leaf, FieldLeaf) or leaf.field.read.rows not in CARD_ROWS:
            return None
        rows = Rows(leaf.field.read.rows, self._account_id)
        holds = read(leaf.field, rows, self._moment).holds(leaf.condition)
        if rows.tables is not rows.base:
            return None
        if rows.base is not self._clients.base:
            self._cards[leaf.field.read.rows] = rows.base
        return holds


_NODES: dict[type, Callable[[OneQuery, Any, bool], Clause]] = {
    Const: lambda _, node, negative: true() if node.everyone is not negative else false(),
    LeafRef: OneQuery._leaf,
    SegmentRef: OneQuery._segment,
    Not: OneQuery._not,
    And: OneQuery._group,
    Or: OneQuery._group,
}
