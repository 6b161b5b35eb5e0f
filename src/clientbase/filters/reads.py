"""The tables that a leaf reads, found in its SQL, so that none can be forgotten."""

from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Column, FromClause, Table
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.sql.visitors import iterate

from clientbase.filters.compiler import compile_leaf
from clientbase.filters.leaves import Leaf
from clientbase.filters.moment import Moment

_ANY_MOMENT = Moment(datetime(2000, 1, 1, tzinfo=UTC), ZoneInfo("UTC"))


def tables_read(leaf: Leaf) -> frozenset[str]:
    """The names of all tables that a leaf's SELECT reads."""
    found: set[str] = set()
    seen: set[FromClause] = set()
    waiting: list[ClauseElement] = [compile_leaf(leaf, 0, _ANY_MOMENT)]
    while waiting:
        for from_ in _sources_in(waiting.pop()):
            if isinstance(from_, Table):
                found.add(from_.name)
            if from_ not in seen:
                seen.add(from_)
                waiting.append(from_)
    return frozenset(found)


def _sources_in(element: ClauseElement) -> Iterable[FromClause]:
    for item in iterate(element):
        if isinstance(item, FromClause):
            yield item
        elif isinstance(item, Column) and item.table is not None:
            yield item.table
