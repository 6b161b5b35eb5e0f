"""One of everything that an address can name, made through the API: for tests that walk all operations."""

import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx

PREFIX = "/api/v1"
TREE = {
    "version": 1,
    "root": {
        "type": "group",
        "match": "all",
        "nodes": [{"type": "field", "field": "orders_count", "operator": "gte", "value": 0}],
    },
}
Maker = Callable[[httpx.AsyncClient], Awaitable[str]]


def new_name() -> str:
    """A code that nothing has yet."""
    return "r" + uuid.uuid4().hex[:12]


async def post(api: httpx.AsyncClient, path: str, body: Any) -> dict[str, Any]:
    """The answer to a POST that succeeds."""
    answer = await api.post(PREFIX + path, json=body, headers={"Idempotency-Key": uuid.uuid4().hex})
    assert answer.status_code in (200, 201, 202, 207), (path, answer.text)
    return dict(answer.json())


async def client(api: httpx.AsyncClient) -> str:
    """A client; gives its id."""
    return str((await post(api, "/clients", {"full_name": "Анна", "city": "Казань"}))["id"])


async def order(api: httpx.AsyncClient) -> str:
    """An order of a new client; gives its id."""
    row = {
        "source": "shop",
        "external_id": new_name(),
        "client": {"id": int(await client(api))},
        "status": "done",
        "status_group": "done",
        "lines": [{"product": new_name(), "amount": "100"}],
    }
    return str((await post(api, "/orders/batch", {"items": [row]}))["items"][0]["id"])


def _coded(path: str, **fields: Any) -> Maker:
    async def make(api: httpx.AsyncClient) -> str:
        return str((await post(api, path, {"code": new_name(), "name": new_name(), **fields}))["code"])

    return make


async def segment(api: httpx.AsyncClient) -> str:
    """A segment; gives its code."""
    return str((await post(api, "/segments", {"name": new_name(), "filter": TREE}))["code"])


async def run(api: httpx.AsyncClient) -> str:
    """A run; gives its id."""
    return str((await post(api, f"/segments/{await segment(api)}/recalculations", None))["id"])


async def order_status(api: httpx.AsyncClient) -> str:
    """An order status; gives its code."""
    code = new_name()
    body = {"name": code, "status_group": "new"}
    answer = await api.put(f"{PREFIX}/order-statuses/{code}", json=body)
    assert answer.status_code == 200, answer.text
    return code


async def api_key(api: httpx.AsyncClient) -> str:
    """An API key; gives its id."""
    return str((await post(api, "/api-keys", {"name": new_name(), "scopes": ["clients:read"]}))["id"])


async def begun_import(api: httpx.AsyncClient) -> str:
    """An import whose rows are not loaded yet; gives its id."""
    answer = await api.post(
        f"{PREFIX}/imports",
        params={"kind": "clients"},
        content="phone,full_name\n+79161234567,Анна\n".encode(),
        headers={"Content-Type": "text/csv", "Idempotency-Key": uuid.uuid4().hex},
    )
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


async def begun_export(api: httpx.AsyncClient) -> str:
    """An export whose file is not made yet; gives its id."""
    return str((await post(api, "/exports", {"filter": None}))["id"])


MAKERS: dict[str, Maker] = {
    "clients": client,
    "orders": order,
    "segments": segment,
    "runs": run,
    "tags": _coded("/tags"),
    "client-params": _coded("/client-params", type="text"),
    "order-params": _coded("/order-params", type="number"),
    "action-types": _coded("/action-types"),
    "order-statuses": order_status,
    "api-keys": api_key,
    "imports": begun_import,
    "exports": begun_export,
}
"""By the part of the path that stands before the parameter."""


_NAMED = {"members": "clients"}
"""What a part of a path names, where it is called otherwise."""


def named(path: str) -> dict[str, str]:
    """The collection of each parameter of a path: `/tags/{code}` → `{"code": "tags"}`."""
    parts = path.split("/")
    places = [place for place, part in enumerate(parts) if part.startswith("{")]
    return {parts[place].strip("{}"): _NAMED.get(parts[place - 1], parts[place - 1]) for place in places}


def filled(path: str, values: Mapping[str, str]) -> str:
    """A path with values in place of its parameters."""
    for parameter, value in values.items():
        path = path.replace(f"{{{parameter}}}", value)
    return path
