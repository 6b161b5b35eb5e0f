"""The list of segments: filters, sorting, pages, a short series of sizes for each."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, true

from clientbase.accounts.schemas import AccountInfo
from clientbase.kit.db import AnySession, among
from clientbase.kit.paging import Page, Total, binding, decode_cursor, encode_cursor
from clientbase.kit.sorting import SortKey, parse_sort
from clientbase.kit.text import fold, like_escape
from clientbase.models import Segment, SegmentChange
from clientbase.search import catalogue as catalogues
from clientbase.segments import reviews
from clientbase.segments.freshness import Freshness
from clientbase.segments.repository import STATE
from clientbase.segments.schemas import SegmentListed, SegmentListQuery, SizePoint
from clientbase.segments.service import SegmentView

SERIES = 24
"""Points of the small chart."""
_SORTS: dict[str, Any] = {
    "name": Segment.name_folded,
    "code": Segment.code,
    "created_at": Segment.created_at,
    "updated_at": Segment.updated_at,
    "computed_at": func.coalesce(Segment.computed_at, func.to_timestamp(0)),
    "size": func.coalesce(Segment.size, -1),
    "kind": Segment.kind,
}
_EMPTY: dict[str, Any] = {
    name: case((column.is_(None), 1), else_=0)
    for name, column in (("computed_at", Segment.computed_at), ("size", Segment.size))
}
"""What puts segments without a value last, either way."""
_CONDITIONS: dict[str, Callable[[Any], ColumnElement[bool]]] = {
    "kind": lambda kind: Segment.kind == kind,
    "is_active": lambda is_active: Segment.is_active.is_(is_active),
    "state": lambda state: state == STATE,
    "size_from": lambda size: Segment.size >= size,
    "size_to": lambda size: Segment.size <= size,
    "created_from": lambda at: Segment.created_at >= at,
    "created_to": lambda at: Segment.created_at <= at,
    "error": lambda code: Segment.error_code == code,
    "has_error": lambda has_error: Segment.error_code.is_not(None).is_(has_error),
    "q": lambda text: Segment.name_folded.like(f"%{like_escape(fold(text))}%", escape="\\"),
}

_OF_FRESHNESS: dict[str, Callable[[Freshness, Any], ColumnElement[bool]]] = {
    "computed_from": lambda fresh, at: fresh.computed_at >= at,
    "computed_to": lambda fresh, at: fresh.computed_at <= at,
    "lag_from": lambda fresh, seconds: fresh.lag_seconds >= seconds,
    "lag_to": lambda fresh, seconds: func.coalesce(fresh.lag_seconds, 0) <= seconds,
}


async def list_segments(
    session: AnySession,
    *,
    account: AccountInfo,
    query: SegmentListQuery,
    personal: bool,
) -> Page[SegmentListed]:
    """A page of segments. Raises Invalid for the sort, Malformed (CURSOR_INVALID)."""
    page = query.page()
    keys = parse_sort(query.sort, _SORTS, "name")
    fresh = await Freshness.read(session, account.id)
    wanted = select(Segment).where(Segment.account_id == account.id, *_conditions(query, fresh))
    bound_to = binding(
        account.id, "segments", query.model_dump(mode="json", exclude={"limit", "cursor", "count"})
    )
    after = decode_cursor(page.cursor, bound_to) if page.cursor else None
    rows = (await session.execute(_paged(wanted, fresh, keys, after, page.limit + 1))).all()
    shown = rows[: page.limit]
    catalogue = await catalogues.load(session, account=account)
    series = await _series(session, account.id, [row[0].id for row in shown])
    open_reviews = await reviews.of_segments(
        session, account_id=account.id, codes=[row[0].code for row in shown]
    )
    views = [view for row in shown if (view := SegmentView.of(row, catalogue, open_reviews)) is not None]
    items = [
        SegmentListed(**view.values(personal=personal), series=series.get(view.segment.id, []))
        for view in views
    ]
    last = [*shown[-1][4:], shown[-1][0].id] if len(rows) > page.limit else None
    return Page(
        items=items,
        next_cursor=encode_cursor(last, bound_to) if last else None,
        total=Total(value=await _count(session, wanted)) if page.count else None,
    )


def _conditions(query: SegmentListQuery, fresh: Freshness) -> list[ColumnElement[bool]]:
    known = _CONDITIONS | {name: partial(make, fresh) for name, make in _OF_FRESHNESS.items()}
    given = {name: getattr(query, name) for name in known}
    return [known[name](value) for name, value in given.items() if value is not None]


def _paged(
    wanted: Select[Any],
    fresh: Freshness,
    keys: Sequence[SortKey],
    after: Sequence[Any] | None,
    limit: int,
) -> Select[Any]:
    """A page with what views are made of and the values that it is sorted by.

    The id goes the way of the last key.
    """
    places = []
    for key in keys:
        places += [(_EMPTY[key.field], False)] if key.field in _EMPTY else []
        places.append((_SORTS[key.field], key.descending))
    order = [*places, (Segment.id, keys[-1].descending)]
    if after is not None:
        wanted = wanted.where(_behind(order, after))
    wanted = wanted.order_by(*(source.desc() if descends else source for source, descends in order))
    shown = (STATE, fresh.computed_at, fresh.lag_seconds)
    return wanted.add_columns(*shown, *(source for source, _ in places)).limit(limit)


def _behind(order: Sequence[tuple[Any, bool]], after: Sequence[Any]) -> ColumnElement[bool]:
    """Behind a position: equal in its first values, and further in the next one."""
    cases = []
    same: list[ColumnElement[bool]] = []
    for (source, descends), value in zip(order, after, strict=True):
        cases.append(and_(*same, source < value if descends else source > value))
        same.append(source == value)
    return or_(*cases)


async def _count(session: AnySession, wanted: Select[Any]) -> int:
    counted = select(func.count()).select_from(wanted.with_only_columns(Segment.id).subquery())
    return (await session.execute(counted)).scalar_one()


async def _series(
    session: AnySession, account_id: int, segment_ids: Sequence[int]
) -> dict[int, list[SizePoint]]:
    """The latest sizes of each segment, oldest first."""
    change = SegmentChange
    latest = (
        select(change.at, change.size, change.version)
        .where(change.account_id == account_id, change.segment_id == Segment.id)
        .order_by(change.version.desc())
        .limit(SERIES)
        .lateral("latest")
    )
    query = (
        select(Segment.id, latest.c.at, latest.c.size)
        .join(latest, true())
        .where(Segment.account_id == account_id, among(Segment.id, segment_ids))
        .order_by(Segment.id, latest.c.version)
    )
    found: dict[int, list[SizePoint]] = {}
    for segment_id, at, size in await session.execute(query):
        found.setdefault(segment_id, []).append(SizePoint(at=at, size=size))
    return found
