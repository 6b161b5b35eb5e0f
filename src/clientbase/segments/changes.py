"""What has happened to the members of a segment: sizes over time, and the feed of who entered and left."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pyroaring import BitMap64
from sqlalchemy import ColumnElement, func, select

from clientbase.accounts.schemas import AccountInfo
from clientbase.kit.db import AnySession
from clientbase.kit.errors import not_found
from clientbase.kit.paging import Keyset, Page, PageRequest, Total, binding, decode_cursor, encode_cursor
from clientbase.models import SegmentChange
from clientbase.segments.repository import SegmentRepository
from clientbase.segments.schemas import Event, EventPage, HistoryPoint

_KINDS = ("entered", "left")


async def history(
    session: AnySession,
    *,
    account: AccountInfo,
    code: str,
    page: PageRequest,
    since: datetime | None,
    until: datetime | None,
) -> Page[HistoryPoint]:
    """Versions of the members in a period, oldest first: a size holds until the next one. Raises NotFound."""
    segment_id = await _segment_id(session, account.id, code)
    keyset = Keyset(page, account.id, "history", segment_id, since, until)
    change = SegmentChange
    wanted = _of(account.id, segment_id)
    if since is not None:
        wanted.append(change.at >= since)
    if until is not None:
        wanted.append(change.at <= until)
    query = (
        select(
            change.version,
            change.at,
            change.size,
            change.entered_count.label("entered"),
            change.left_count.label("left"),
            change.cause,
        )
        .where(*wanted, change.version > (keyset.after_one or 0))
        .order_by(change.version)
        .limit(keyset.take)
    )
    return await keyset.answer(
        (await session.execute(query)).mappings().all(),
        make=lambda row: HistoryPoint(**row),
        position=lambda row: [row["version"]],
        total=lambda: _number(session, func.count(), wanted),
    )


async def events(session: AnySession, *, account: AccountInfo, code: str, page: PageRequest) -> EventPage:
    """Who entered and left, oldest first: by version, those who entered before those who left, then by id.

    `resume_cursor` is the place after the last event, for whoever comes back later. Raises NotFound.
    """
    segment_id = await _segment_id(session, account.id, code)
    bound_to = binding(account.id, "events", segment_id)
    after = tuple(decode_cursor(page.cursor, bound_to)) if page.cursor else (0, 0, 0)
    found = await _read(session, account.id, segment_id, after, page.limit + 1)
    shown = found[: page.limit]
    last = _place(shown[-1]) if shown else list(after)
    cursor = encode_cursor(last, bound_to)
    happened = SegmentChange.entered_count + SegmentChange.left_count
    total = await _number(session, func.sum(happened), _of(account.id, segment_id)) if page.count else None
    return EventPage(
        items=shown,
        next_cursor=cursor if len(found) > page.limit else None,
        resume_cursor=cursor,
        total=None if total is None else Total(value=total),
    )


def _of(account_id: int, segment_id: int) -> list[ColumnElement[bool]]:
    return [SegmentChange.account_id == account_id, SegmentChange.segment_id == segment_id]


async def _number(session: AnySession, number: ColumnElement[Any], wanted: list[ColumnElement[bool]]) -> int:
    return int(await session.scalar(select(number).select_from(SegmentChange).where(*wanted)) or 0)


def _place(event: Event) -> list[int]:
    return [event.version, _KINDS.index(event.kind), event.client_id]


async def _read(
    session: AnySession, account_id: int, segment_id: int, after: tuple[Any, ...], limit: int
) -> list[Event]:
    """Events behind a place; one version is read at a time, since one may hold everybody."""
    found: list[Event] = []
    version = after[0] - 1
    while len(found) < limit:
        change = await _next_change(session, account_id, segment_id, version)
        if change is None:
            break
        version = change.version
        for event in _events(change, after):
            found.append(event)
            if len(found) == limit:
                break
    return found


async def _next_change(
    session: AnySession, account_id: int, segment_id: int, version: int
) -> SegmentChange | None:
    change = SegmentChange
    query = (
        select(change)
        .where(
            change.account_id == account_id,
            change.segment_id == segment_id,
            change.version > version,
            change.entered_count + change.left_count > 0,
        )
        .order_by(change.version)
        .limit(1)
    )
    return (await session.execute(query)).scalar_one_or_none()


def _events(change: SegmentChange, after: tuple[Any, ...]) -> Iterator[Event]:
    """The events of a version that lie behind a place."""
    for number, packed in enumerate((change.entered, change.left)):
        first = _first_id(change.version, number, after)
        for client_id in BitMap64.deserialize(packed).iter_equal_or_larger(first):
            yield Event(
                version=change.version,
                at=change.at,
                kind="left" if number else "entered",
                client_id=client_id,
                cause=change.cause,
            )


def _first_id(version: int, number: int, after: tuple[Any, ...]) -> int:
    if (version, number) == after[:2]:
        return int(after[2]) + 1
    return 0 if (version, number) > after[:2] else 2**63


async def _segment_id(session: AnySession, account_id: int, code: str) -> int:
    segment = await SegmentRepository(session, account_id).by_code(code)
    if segment is None:
        raise not_found("segment")
    return segment.id
