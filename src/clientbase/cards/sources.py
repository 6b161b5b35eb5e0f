"""Where the items of a timeline lie: every source walks its index, none is sorted whole."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    any_,
    column,
    func,
    literal,
    select,
    true,
    tuple_,
    union_all,
)

from clientbase.models import BUILT_IN_TYPE_IDS, Action, ClientHistory, Order, OrderStatusChange, Refund

AnySelect = Select[*tuple[Any, ...]]


class Position(NamedTuple):
    """Where an item stands: instant, then the rank of its source, then its id."""

    at: datetime
    rank: int
    id: int


@dataclass(frozen=True)
class Span:
    """What part of whose timeline is asked for; both ends belong to it."""

    account_id: int
    client_id: int
    since: datetime | None = None
    until: datetime | None = None
    after: Position | None = None
    """The page begins below it."""


@dataclass(frozen=True)
class Source:
    """A table of items: its columns, what of it counts, and its rank among items of one instant."""

    name: str
    rank: int
    model: Any
    at: Any
    only: tuple[ColumnElement[bool], ...] = ()

    def rows(self, span: Span) -> list[ColumnElement[bool]]:
        """The rows of the span."""
        conditions = [
            self.model.account_id == span.account_id,
            self.model.client_id == span.client_id,
            *self.only,
        ]
        if span.since is not None:
            conditions.append(self.at >= span.since)
        if span.until is not None:
            conditions.append(self.at <= span.until)
        return [*conditions, *self._below(span.after)]

    def keys(self, span: Span, limit: int) -> AnySelect:
        """Rank, id and instant of the newest rows of the span."""
        return _newest(self._columns().where(*self.rows(span)), self, limit)

    def _columns(self) -> AnySelect:
        return select(literal(self.rank).label("rank"), self.model.id.label("id"), self.at.label("at"))

    def _below(self, after: Position | None) -> list[ColumnElement[bool]]:
        """Items of one instant stand by rank, then by id, the higher first."""
        if after is None:
            return []
        if self.rank == after.rank:
            return [tuple_(self.at, self.model.id) < tuple_(literal(after.at), literal(after.id))]
        return [self.at <= after.at if self.rank < after.rank else self.at < after.at]


@dataclass(frozen=True)
class Actions(Source):
    """The actions of some types: the index holds the time inside a type, so each type is walked by itself."""

    type_ids: tuple[int, ...] = ()

    def rows(self, span: Span) -> list[ColumnElement[bool]]:
        """The rows of the span."""
        types = literal(list(self.type_ids), ARRAY(BigInteger))
        return [*super().rows(span), Action.type_id == any_(types)]

    def keys(self, span: Span, limit: int) -> AnySelect:
        """Rank, id and instant of the newest rows of the span."""
        types = literal(list(self.type_ids), ARRAY(BigInteger))
        wanted = (
            func.unnest(types).table_valued(column("type_id", BigInteger), name="wanted").render_derived()
        )
        rows = super().rows(span)
        of_type = _newest(self._columns().where(*rows, Action.type_id == wanted.c.type_id), self, limit)
        newest = of_type.lateral("newest")
        query = select(newest.c.rank, newest.c.id, newest.c.at).select_from(wanted.join(newest, true()))
        return query.order_by(newest.c.at.desc(), newest.c.id.desc()).limit(limit)


def _newest(query: AnySelect, source: Source, limit: int) -> AnySelect:
    return query.order_by(source.at.desc(), source.model.id.desc()).limit(limit)


DEALS = (
    Source("created", 2, Order, Order.created_at),
    Source(
        "status", 3, OrderStatusChange, OrderStatusChange.at, (OrderStatusChange.from_status.is_not(None),)
    ),
    Source("purchase", 4, Order, Order.purchased_at, (Order.purchased_at.is_not(None),)),
    Source("refund", 5, Refund, Refund.at),
)
HISTORY = Source("history", 1, ClientHistory, ClientHistory.at)
_OF_KIND = {
    "visits": ("visit",),
    "leads": ("lead",),
    "calls": ("call",),
    "mailings": tuple(code for code in BUILT_IN_TYPE_IDS if code.startswith("mailing.")),
    "loyalty": ("loyalty.accrual", "loyalty.writeoff"),
    "segments": ("segment.entered", "segment.left"),
}
KIND_OF_TYPE = {BUILT_IN_TYPE_IDS[code]: kind for kind, codes in _OF_KIND.items() for code in codes}
"""Own types are events."""


def sources_of(kind: str, own_types: Iterable[int]) -> list[Source]:
    """The sources of a kind of items, or of `all`."""
    types = [type_id for type_id, of in KIND_OF_TYPE.items() if kind in (of, "all")]
    if kind in ("events", "all"):
        types += own_types
    found: list[Source] = [*DEALS] if kind in ("deals", "all") else []
    if kind in ("history", "all"):
        found.append(HISTORY)
    if types:
        found.append(Actions("action", 6, Action, Action.at, type_ids=tuple(types)))
    return found


def page_keys(sources: Sequence[Source], span: Span, limit: int) -> AnySelect:
    """Rank, id and instant of the newest items of all sources, at most `limit` of each being read."""
    parts = [select(source.keys(span, limit).subquery()) for source in sources]
    merged = union_all(*parts).subquery("merged")
    return (
        select(merged.c.rank, merged.c.id, merged.c.at)
        .order_by(merged.c.at.desc(), merged.c.rank.desc(), merged.c.id.desc())
        .limit(limit)
    )


def total(sources: Sequence[Source], span: Span) -> AnySelect:
    """How many items there are."""
    counts = [
        select(func.count()).select_from(source.model).where(*source.rows(span)).scalar_subquery()
        for source in sources
    ]
    return select(sum(counts[1:], start=counts[0]))
