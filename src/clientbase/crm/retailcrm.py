"""RetailCRM, API v5 (https://docs.retailcrm.ru/Developers/API/APIVersions/APIv5).

Everything is read page by page first, then the history of changes by the id of its last entry. The history
names what has changed; the records themselves are fetched anew, so that they are never patched together.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import httpx

from clientbase.crm.base import (
    BadCredentials,
    Cursor,
    Entry,
    Gone,
    HistoryGap,
    Kind,
    MissingRight,
    Page,
    Record,
    References,
    SourceAnswer,
    Unreadable,
)
from clientbase.crm.talk import Manners, Talk
from clientbase.kit import clock
from clientbase.kit.reach import BadAnswer
from clientbase.kit.remote import Answer, Params, Remote

MANNERS = Manners(requests=1, seconds=0.1)
"""Ten requests a second for a key; more is 503 (https://github.com/retailcrm/api-client-go, rate.go)."""
LIMIT = 100
OVERLAP = timedelta(hours=1)
"""The history is read from so long before the pages were: clocks differ, and late entries come in."""
HISTORY_KEPT = timedelta(days=25)
"""The history goes back a month unless it is asked by a date; a cursor that is older may have a gap."""
NEEDED = ("customer_read", "order_read", "reference_read")
GROUPS = {"new": "new", "complete": "done", "cancel": "cancelled"}
"""Of statuses; what is in any other group of theirs is in progress."""
_INSTANT = "%Y-%m-%d %H:%M:%S"


class _Shape(NamedTuple):
    """How a kind is called in paths and answers."""

    path: str
    many: str
    one: str
    page: str


_SHAPES = {
    Kind.CLIENT: _Shape("customers", "customers", "customer", "/customers/{}"),
    Kind.ORDER: _Shape("orders", "orders", "order", "/orders/{}/edit"),
}


@dataclass(frozen=True)
class Credentials:
    """The address of the account and a key with the rights to read clients, orders and references."""

    url: str
    api_key: str
    time_zone: str = "Europe/Moscow"
    """Of the account: its times are told without one."""


class RetailCrm:
    """One account of RetailCRM."""

    kinds: Sequence[Kind] = (Kind.CLIENT, Kind.ORDER)

    def __init__(self, remote: Remote, credentials: Credentials, *, manners: Manners = MANNERS) -> None:
        self._url = credentials.url.rstrip("/")
        self._zone = ZoneInfo(credentials.time_zone)
        headers = {"X-API-KEY": credentials.api_key}
        self._talk = Talk(remote, f"{self._url}/api", manners, headers=headers, explain=_explain)

    async def validate(self) -> None:
        """Whether there is such an account, it knows the key, and the key may read."""
        given = (await self._get("credentials")).get("scopes") or []
        missing = [scope for scope in NEEDED if scope not in given]
        if missing:
            raise MissingRight(f"The key lacks the rights {', '.join(missing)}.")

    async def references(self) -> References:
        """Statuses with their groups, and sites as shops."""
        statuses = (await self._get("v5/reference/statuses")).get("statuses") or {}
        sites = (await self._get("v5/reference/sites")).get("sites") or {}
        return References(
            {
                code: (str(one.get("name") or code), GROUPS.get(str(one.get("group")), "in_progress"))
                for code, one in _objects(statuses)
            },
            shops={code: str(one.get("name") or code) for code, one in _objects(sites)},
        )

    async def page(self, kind: Kind, cursor: Cursor | None) -> Page:
        """A page of everything, then of the old entries into statuses, then of what changes."""
        cursor = cursor or {"walk": "all", "page": 1, "begun": clock.now().isoformat()}
        return await _WALKS[cursor["walk"]](self, kind, cursor)

    def link(self, kind: Kind, external_id: str) -> str | None:
        """The page of a client or an order."""
        return self._url + _SHAPES[kind].page.format(external_id)

    async def _all(self, kind: Kind, cursor: Cursor) -> Page:
        shape, number = _SHAPES[kind], int(cursor["page"])
        answer = await self._get(f"v5/{shape.path}", [("limit", LIMIT), ("page", number)])
        items = _items(answer, shape.many)
        pages, total = _pagination(answer)
        first_total = int(cursor.get("first_total", total))
        if number > first_total * 2 // LIMIT + 100:
            raise SourceAnswer("The pages have no end.")
        deleted = int(cursor.get("total", total)) - total
        if deleted > 0 or number < pages:
            # The deleted have pulled others over to pages that have been read: these are read again.
            following = number + 1 if deleted <= 0 else max(1, number - 1 - deleted // LIMIT)
            moved = {"page": following, "total": total, "first_total": first_total}
            return Page(_entries(kind, items), {**cursor, **moved}, is_last=False)
        begun = datetime.fromisoformat(cursor["begun"])
        walk = {"walk": "statuses", "since_id": 0} if kind is Kind.ORDER else self._history_from(begun)
        return Page(_entries(kind, items), {**walk, "begun": cursor["begun"]}, is_last=False)

    async def _statuses(self, kind: Kind, cursor: Cursor) -> Page:
        """The entries into statuses from before the pages were read; of the rest the history tells."""
        items = await self._history_page(kind, cursor)
        begun = datetime.fromisoformat(cursor["begun"])
        until = self._said(begun - OVERLAP)
        old = [item for item in items if str(item.get("createdAt")) < until]
        entries = list(_status_entries(old))
        if len(old) < len(items) or not items:
            return Page(entries, self._history_from(begun), is_last=False)
        return Page(entries, {**cursor, "since_id": _last_id(items)}, is_last=False)

    async def _history(self, kind: Kind, cursor: Cursor) -> Page:
        if "read_at" in cursor and clock.now() - datetime.fromisoformat(cursor["read_at"]) > HISTORY_KEPT:
            raise HistoryGap("The history may not go back to the last time.")
        items = await self._history_page(kind, cursor)
        read = {"walk": "history", "read_at": clock.now().isoformat()}
        if not items:
            kept = {name: cursor[name] for name in ("since_id", "from") if name in cursor}
            return Page([], read | kept, is_last=True)
        gone = list(_gone(kind, items))
        changed = _changed(kind, items) - {entry.external_id for entry in gone}
        records = await self._by_ids(kind, sorted(changed, key=int))
        entries: list[Entry] = [*records, *gone]
        if kind is Kind.ORDER:
            entries += _status_entries(items)
        return Page(entries, read | {"since_id": _last_id(items)}, is_last=False)

    async def _history_page(self, kind: Kind, cursor: Cursor) -> list[Any]:
        """Always the first page behind an entry: later pages of a feed that grows do not stay in place."""
        params: list[tuple[str, str | int | float | bool | None]] = [("limit", LIMIT)]
        if "since_id" in cursor:
            params.append(("filter[sinceId]", int(cursor["since_id"])))
        else:
            params.append(("filter[startDate]", cursor["from"]))
        items = _items(await self._get(f"v5/{_SHAPES[kind].path}/history", params), "history")
        ids = [item["id"] for item in items if isinstance(item, dict) and isinstance(item.get("id"), int)]
        if len(ids) < len(items):
            raise SourceAnswer("The history has entries without ids.")
        if ids and (ids != sorted(ids) or ids[0] <= int(cursor.get("since_id", -1))):
            raise SourceAnswer("The history does not move on.")
        return items

    async def _by_ids(self, kind: Kind, ids: Sequence[str]) -> list[Entry]:
        if not ids:
            return []
        shape = _SHAPES[kind]
        params: list[tuple[str, str | int | float | bool | None]] = [("limit", LIMIT)]
        params += [("filter[ids][]", id_) for id_ in ids]
        return _entries(kind, _items(await self._get(f"v5/{shape.path}", params), shape.many))

    def _history_from(self, begun: datetime) -> dict[str, Any]:
        return {"walk": "history", "from": self._said(begun - OVERLAP)}

    def _said(self, instant: datetime) -> str:
        """An instant as RetailCRM says it."""
        return instant.astimezone(self._zone).strftime(_INSTANT)

    async def _get(self, path: str, params: Params = None) -> Mapping[str, Any]:
        answer = await self._talk.get(path, params)
        if not isinstance(answer, dict):
            raise SourceAnswer("The answer is no object.")
        return answer


_WALKS = {"all": RetailCrm._all, "statuses": RetailCrm._statuses, "history": RetailCrm._history}


def _explain(answer: Answer) -> None:
    """Errors of RetailCRM; no JSON at all comes from an address without an account."""
    if answer.status < httpx.codes.BAD_REQUEST:
        return
    try:
        body = answer.json()
    except BadAnswer:
        raise SourceAnswer("There is no account of RetailCRM at this address.") from None
    message = str(body.get("errorMsg", "")) if isinstance(body, dict) else ""
    if "apiKey" in message or "API key" in message:
        raise BadCredentials("RetailCRM does not know the key.")
    if answer.status == httpx.codes.FORBIDDEN or "Access denied" in message:
        raise MissingRight("The key may not read this.")
    raise SourceAnswer(f"RetailCRM refuses the request with status {answer.status}.")


def _items(answer: Mapping[str, Any], name: str) -> list[Any]:
    items = answer.get(name)
    if not isinstance(items, list) or len(items) > LIMIT:
        raise SourceAnswer(f"The answer has no list of at most {LIMIT} {name}.")
    return items


def _pagination(answer: Mapping[str, Any]) -> tuple[int, int]:
    """Pages and records in all."""
    said = answer.get("pagination")
    if not isinstance(said, dict):
        raise SourceAnswer("The answer does not say how many pages there are.")
    pages, total = said.get("totalPageCount"), said.get("totalCount")
    if not isinstance(pages, int) or not isinstance(total, int):
        raise SourceAnswer("The answer does not say how many pages there are.")
    return pages, total


def _objects(found: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(found, dict):
        yield from ((code, one) for code, one in found.items() if isinstance(one, dict))


def _entries(kind: Kind, items: Sequence[Any]) -> list[Entry]:
    return [_entry(kind, item) for item in items]


def _entry(kind: Kind, item: Any) -> Entry:
    if isinstance(item, dict) and isinstance(item.get("id"), int):
        return Record(kind, str(item["id"]), item)
    return Unreadable(kind, "A record without an id.", item)


def _last_id(items: Sequence[Any]) -> int:
    return int(items[-1]["id"])


def _subject(kind: Kind, item: Mapping[str, Any]) -> str | None:
    """The id of what an entry of the history is about."""
    about = item.get(_SHAPES[kind].one)
    return str(about["id"]) if isinstance(about, dict) and isinstance(about.get("id"), int) else None


def _changed(kind: Kind, items: Sequence[Any]) -> set[str]:
    return {id_ for item in items if not item.get("deleted") and (id_ := _subject(kind, item)) is not None}


def _gone(kind: Kind, items: Sequence[Any]) -> Iterator[Gone]:
    for item in items:
        subject = _subject(kind, item)
        if item.get("deleted") and subject is not None:
            into = item.get("combinedTo")
            heir = into.get("id") if isinstance(into, dict) else None
            yield Gone(kind, subject, str(heir) if isinstance(heir, int) else None)


def _status_entries(items: Sequence[Any]) -> Iterator[Entry]:
    """Entries of orders into statuses, as the history tells them."""
    for item in items:
        subject, value = _subject(Kind.ORDER, item), item.get("newValue")
        if item.get("field") == "status" and subject is not None and isinstance(value, dict):
            told = {"status": value.get("code"), "at": item.get("createdAt")}
            yield Record(Kind.STATUS, subject, told)
