"""An account of RetailCRM behind real HTTP: clients, orders and the history of what happens to them."""

import json
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

from tests.kit.serving import Server, http, serving

KEY = "key-of-the-account"
ZONE = ZoneInfo("Europe/Moscow")
SCOPES = ("order_read", "customer_read", "reference_read")
STATUSES = {
    code: {"code": code, "name": name, "group": group, "active": True}
    for code, name, group in (
        ("new", "Новый", "new"), ("assembling", "Комплектуется", "assembling"),
        ("complete", "Выполнен", "complete"), ("cancel-other", "Отменен", "cancel"),
    )
}  # fmt: skip
Query = Sequence[tuple[str, str]]


@dataclass
class Account:
    """What the account holds; every change is written into its history as well."""

    customers: dict[int, dict[str, Any]] = field(default_factory=dict)
    orders: dict[int, dict[str, Any]] = field(default_factory=dict)
    history: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {"customers": [], "orders": []})
    scopes: Sequence[str] = SCOPES
    faults: deque[bytes] = field(default_factory=deque)
    """Answers that come before the right ones."""
    asked: list[str] = field(default_factory=list)
    """Paths with their queries, in the order in which they came."""

    def put(
        self, what: str, id_: int, at: datetime, changed: str = "", value: Any = None, **values: Any
    ) -> None:
        """A customer or an order is made or changed."""
        known, is_new = self._all(what), id_ not in self._all(what)
        known[id_] = {"id": id_, "createdAt": said(at)} | known.get(id_, {}) | values
        entry = {"field": changed or "first_name", "oldValue": None, "newValue": value, "created": is_new}
        self._note(what, id_, at, **entry)

    def drop(self, what: str, id_: int, at: datetime, into: int | None = None) -> None:
        """It is deleted, or merged into another."""
        merged = {} if into is None else {"combinedTo": {"id": into}}
        self._note(what, id_, at, field="id", deleted=True, **merged)
        del self._all(what)[id_]

    def answer(self, head: str) -> bytes:
        """The answer to a request by its head."""
        first, *rest = head.split("\r\n")
        target = urlsplit(first.split()[1])
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in rest)}
        self.asked.append(target.path + (f"?{target.query}" if target.query else ""))
        if self.faults:
            return self.faults.popleft()
        query = parse_qsl(target.query)
        if headers.get("x-api-key", dict(query).get("apiKey")) != KEY:
            return told({"success": False, "errorMsg": 'Wrong "apiKey" value.'}, status="403 Forbidden")
        place = target.path.removeprefix("/api/").removeprefix("v5/")
        if place not in _PLACES:
            return told({"success": False, "errorMsg": "Not found"}, status="404 Not Found")
        return told(_PLACES[place](self, query))

    def read_credentials(self, _: Query) -> Any:
        """What the key may do."""
        return {"scopes": list(self.scopes), "credentials": [], "siteAccess": "access_full"}

    def read_statuses(self, _: Query) -> Any:
        """Statuses of orders."""
        return {"statuses": STATUSES}

    def read_sites(self, _: Query) -> Any:
        """Shops."""
        return {"sites": {"main": {"code": "main", "name": "Магазин"}}}

    def read_customers(self, query: Query) -> Any:
        """A page of customers, the newest first."""
        return self._page("customers", query)

    def read_orders(self, query: Query) -> Any:
        """A page of orders, the newest first."""
        return self._page("orders", query)

    def read_customers_history(self, query: Query) -> Any:
        """What has happened to customers."""
        return self._history("customers", query)

    def read_orders_history(self, query: Query) -> Any:
        """What has happened to orders."""
        return self._history("orders", query)

    def _all(self, what: str) -> dict[int, dict[str, Any]]:
        return self.customers if what == "customers" else self.orders

    def _note(self, what: str, id_: int, at: datetime, **entry: Any) -> None:
        number = 1 + sum(len(entries) for entries in self.history.values())
        one = what.removesuffix("s")
        short = {"id": number, "createdAt": said(at), "source": "api", one: {"id": id_}}
        self.history[what].append(short | entry)

    def _page(self, what: str, query: Query) -> Any:
        found = sorted(self._all(what).values(), key=lambda item: -item["id"])
        ids = {int(value) for name, value in query if name.startswith("filter[ids]")}
        return _paged(what, [item for item in found if not ids or item["id"] in ids], query)

    def _history(self, what: str, query: Query) -> Any:
        asked = dict(query)
        since = int(asked.get("filter[sinceId]", 0))
        start = asked.get("filter[startDate]", "")
        found = [one for one in self.history[what] if one["id"] > since and one["createdAt"] >= start]
        return _paged("history", found, query)


_PLACES: Mapping[str, Any] = {
    "credentials": Account.read_credentials,
    "reference/statuses": Account.read_statuses,
    "reference/sites": Account.read_sites,
    "customers": Account.read_customers,
    "customers/history": Account.read_customers_history,
    "orders": Account.read_orders,
    "orders/history": Account.read_orders_history,
}


def said(at: datetime) -> str:
    """An instant as RetailCRM says it."""
    return at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S")


def told(body: Any, status: str = "200 OK", *headers: str) -> bytes:
    """An answer in JSON."""
    packed = json.dumps({"success": True} | body, ensure_ascii=False).encode()
    return http(packed, "Content-Type: application/json; charset=utf-8", *headers, status=status)


def _paged(name: str, items: list[Any], query: Query) -> Any:
    asked = dict(query)
    limit, page = int(asked.get("limit", 20)), int(asked.get("page", 1))
    assert limit in (20, 50, 100, 250)
    pages = -(-len(items) // limit)
    pagination = {"limit": limit, "totalCount": len(items), "currentPage": page, "totalPageCount": pages}
    return {"pagination": pagination, name: items[(page - 1) * limit : page * limit]}


@asynccontextmanager
async def listening(account: Account) -> AsyncIterator[Server]:
    """The account on a port of this machine."""
    async with serving(account.answer) as server:
        yield server
