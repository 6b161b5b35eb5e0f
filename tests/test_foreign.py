"""The access matrix, walked over all operations: another account's ids are absent, scopes hold."""

import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from clientbase.accounts.schemas import AccountInfo
from clientbase.accounts.scopes import Scope
from clientbase.config import settings
from clientbase.kit.db import Sessions
from tests import factories
from tests.committed import committed_engine, sessions
from tests.conftest import http_client
from tests.resources import MAKERS, PREFIX, TREE, filled, named, new_name, post
from tests.test_openapi import DESCRIPTION, operations

__all__ = ["committed_engine", "sessions"]

ABSENT_ID = "999999999999"
BODIES: dict[str, Any] = {
    "copy_segment": {},
    "recalculate_segment": None,
    "cancel_run": None,
    "preview_edit": {"filter": TREE},
    "add_members": {"ids": [1]},
    "remove_members": {"ids": [1]},
    "pin_clients": {"keep": "in", "ids": [1]},
    "unpin_clients": {"ids": [1]},
    "review_segment": {"run_id": 1, "decision": "accepted"},
    "record_consent": {"kind": "marketing", "given": True},
    "put_order_status": {"name": "Новый", "status_group": "new"},
}
"""What is sent to each operation that needs more than `{}`; PATCH and DELETE need nothing."""
STREAM = "follow_run"
"""It answers its owner until the run ends."""
UPSERTS = {"put_order_status"}
"""An absent code is made by these: B gets one of its own, whatever A has."""
Answer = tuple[int, Any]


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Uploads go to a folder of the test's own."""
    monkeypatch.setenv("CLIENTBASE_DATA_DIR", str(tmp_path))
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
async def scoped(sessions: Sessions, account: AccountInfo) -> AsyncIterator[Any]:
    """Makes an HTTP client whose key has one scope."""
    clients: list[httpx.AsyncClient] = []

    async def make(scope: Scope) -> httpx.AsyncClient:
        clients.append(http_client(sessions, await factories.create_key(sessions, account, scopes=[scope])))
        return clients[-1]

    yield make
    for client in clients:
        await client.aclose()


def stripped(answer: httpx.Response) -> Answer:
    """Status and body without what differs from request to request."""
    body = answer.json() if answer.content else None
    if isinstance(body, dict):
        body.pop("request_id", None)
    return answer.status_code, body


async def ask(api: httpx.AsyncClient, method: str, path: str, operation_id: str) -> Answer:
    """The answer to a request that nothing but the id can be wrong with."""
    headers = {"If-Match": "*"}
    if method == "post":
        headers["Idempotency-Key"] = uuid.uuid4().hex
    body = {"json": BODIES.get(operation_id, {})} if method in ("post", "patch", "put") else {}
    return stripped(await api.request(method, path, headers=headers, **body))


WITH_IDS = [
    pytest.param(path, method, operation["operationId"], id=operation["operationId"])
    for path, method, operation in operations()
    if "{" in path
]


def test_everything_that_an_address_names_can_be_made() -> None:
    assert {name for path in DESCRIPTION["paths"] for name in named(path).values()} == MAKERS.keys()
    assert BODIES.keys() <= {operation["operationId"] for _, _, operation in operations()}


@pytest.mark.parametrize(("path", "method", "operation_id"), WITH_IDS)
async def test_another_accounts_id_answers_as_an_absent_one(
    api: httpx.AsyncClient, other_api: httpx.AsyncClient, path: str, method: str, operation_id: str
) -> None:
    theirs = {parameter: await MAKERS[collection](api) for parameter, collection in named(path).items()}
    absent = {name: ABSENT_ID if value.isdigit() else new_name() for name, value in theirs.items()}
    foreign = await ask(other_api, method, filled(path, theirs), operation_id)
    nothing = await ask(other_api, method, filled(path, absent), operation_id)
    if operation_id in UPSERTS:
        nothing[1]["code"] = foreign[1]["code"]
    assert foreign == nothing
    assert foreign[0] == (200 if operation_id in UPSERTS else 404), foreign
    if operation_id != STREAM:
        own = await ask(api, method, filled(path, theirs), operation_id)
        assert own[0] != 404 or own[1]["code"] != "NOT_FOUND" or "rejected-rows" in path, own


def leaf(**keys: Any) -> dict[str, Any]:
    """A filter of one leaf inside a group inside a group."""
    inner = {"type": "group", "match": "any", "nodes": [keys]}
    return {"version": 1, "root": {"type": "group", "match": "all", "nodes": [inner]}}


def entered(code: str) -> dict[str, Any]:
    where = {"type": "field", "field": "segment", "operator": "in", "value": [code]}
    return leaf(type="action", action="segment.entered", where=where)


FILTERS = {
    "segment": ("segments", lambda code: leaf(type="segment", operator="in", value=[code])),
    "segment in a where": ("segments", entered),
    "tag": ("tags", lambda code: leaf(type="field", field="tags", operator="has_any", value=[code])),
    "param": ("client-params", lambda code: leaf(type="field", field=f"params.{code}", operator="empty")),
    "order param": (
        "order-params",
        lambda code: leaf(
            type="action",
            action="purchase",
            where={"type": "field", "field": f"order.{code}", "operator": "empty"},
        ),
    ),
    "action": ("action-types", lambda code: leaf(type="action", action=code)),
}
PLACES = {
    "/clients/search": lambda tree: {"filter": tree},
    "/clients/count": lambda tree: {"filter": tree},
    "/segments/preview": lambda tree: {"filter": tree},
    "/segments": lambda tree: {"filter": tree, "name": "Чужие"},
    "/exports": lambda tree: {"filter": tree},
    "/filter-descriptions": lambda tree: {"filter": tree},
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", FILTERS)
async def test_another_accounts_code_in_a_filter_is_an_unknown_one(
    api: httpx.AsyncClient, other_api: httpx.AsyncClient, kind: str, place: str
) -> None:
    collection, tree = FILTERS[kind]
    answers = []
    for code in (await MAKERS[collection](api), new_name()):
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        answer = await other_api.post(PREFIX + place, json=PLACES[place](tree(code)), headers=headers)
        answers.append(stripped(answer))
    assert answers[0] == answers[1]
    assert answers[0][0] == 422


ROWS: dict[str, Any] = {
    "/clients/batch": lambda ref: {"id": ref, "city": "Казань"},
    "/orders/batch": lambda ref: {"source": "s", "external_id": "1", "client": {"id": ref}, "total": "1"},
    "/actions/batch": lambda ref: {"type": "visit", "client": {"id": ref}, "at": "2026-01-01T00:00:00Z"},
}


@pytest.mark.parametrize("path", ROWS)
async def test_another_accounts_client_in_a_batch_is_an_absent_one(
    api: httpx.AsyncClient, other_api: httpx.AsyncClient, path: str
) -> None:
    theirs = int(await MAKERS["clients"](api))
    answers = [await post(other_api, path, {"items": [ROWS[path](ref)]}) for ref in (theirs, int(ABSENT_ID))]
    assert answers[0] == answers[1]
    assert answers[0]["items"][0]["status"] == "rejected"


async def test_another_accounts_client_cannot_be_merged_or_put_into_a_segment(
    api: httpx.AsyncClient, other_api: httpx.AsyncClient
) -> None:
    theirs, own = int(await MAKERS["clients"](api)), int(await MAKERS["clients"](other_api))
    for body in ("survivor_id", "merged_ids"):
        answers = []
        for ref in (theirs, int(ABSENT_ID)):
            pair = {"survivor_id": own, "merged_ids": [ref]}
            if body == "survivor_id":
                pair = {"survivor_id": ref, "merged_ids": [own]}
            headers = {"Idempotency-Key": uuid.uuid4().hex}
            answers.append(
                stripped(await other_api.post(f"{PREFIX}/clients/merges", json=pair, headers=headers))
            )
        assert answers[0] == answers[1]
        assert answers[0][0] in (404, 422)
    code = (await post(other_api, "/segments", {"name": "Ручной", "kind": "manual"}))["code"]
    changed = await post(other_api, f"/segments/{code}/member-additions", {"ids": [theirs, int(ABSENT_ID)]})
    assert (changed["unknown_ids"], changed["size"]) == ([theirs, int(ABSENT_ID)], 0)


async def test_another_accounts_names_in_queries_and_bodies_are_unknown(
    api: httpx.AsyncClient, other_api: httpx.AsyncClient
) -> None:
    made = {name: await MAKERS[name](api) for name in ("segments", "tags", "client-params", "clients")}
    asked = {
        "/clients?segment={}": made["segments"],
        "/clients?segment_not={}": made["segments"],
        "/clients?tag={}": made["tags"],
        "/clients?fields=params.{}": made["client-params"],
        "/clients?sort=params.{}": made["client-params"],
        "/clients?id={}": made["clients"],
        "/orders?client_id={}": made["clients"],
    }
    for path, theirs in asked.items():
        absent = ABSENT_ID if theirs.isdigit() else new_name()
        answers = [await other_api.get(PREFIX + path.format(ref)) for ref in (theirs, absent)]
        bodies = [stripped(answer) for answer in answers]
        for _, body in bodies:
            body.pop("as_of", None)
        assert bodies[0] == bodies[1], path
        assert bodies[0][0] in (200, 404, 422), path
        assert bodies[0][1].get("items", []) == [], path
    for fields in ({"tags": [made["tags"]]}, {"params": {made["client-params"]: "x"}}):
        refused = await other_api.post(f"{PREFIX}/clients", json={"full_name": "Анна", **fields})
        assert refused.status_code == 422
    refused = await other_api.post(
        f"{PREFIX}/exports", json={"segment": made["segments"]}, headers={"Idempotency-Key": "e"}
    )
    unknown = await other_api.post(
        f"{PREFIX}/exports", json={"segment": new_name()}, headers={"Idempotency-Key": "f"}
    )
    assert stripped(refused) == stripped(unknown)


async def test_another_accounts_cursor_is_a_wrong_one(
    api: httpx.AsyncClient, other_api: httpx.AsyncClient
) -> None:
    lists = ["/tags", "/clients", "/runs", "/orders", "/segments"]
    for name in lists:
        for _ in range(2):
            await MAKERS[name.strip("/")](api)
        cursor = (await api.get(f"{PREFIX}{name}?limit=1")).json()["next_cursor"]
        assert (await api.get(f"{PREFIX}{name}", params={"cursor": cursor})).status_code == 200
        foreign = await other_api.get(f"{PREFIX}{name}", params={"cursor": cursor})
        broken = await other_api.get(f"{PREFIX}{name}", params={"cursor": cursor[:-4] + "AAAA"})
        assert stripped(foreign) == stripped(broken)
        assert (foreign.status_code, foreign.json()["code"]) == (400, "CURSOR_INVALID")


@pytest.mark.parametrize("scope", Scope)
async def test_a_scope_opens_its_own_operations_and_no_others(scoped: Any, scope: Scope) -> None:
    api = await scoped(scope)
    for path, method, operation in operations():
        answer = await api.request(method, filled(path, dict.fromkeys(named(path), ABSENT_ID)))
        missing = answer.status_code == 403 and answer.json()["code"] == "SCOPE_MISSING"
        assert missing == (scope not in (operation["x-scope"], Scope.ADMIN)), operation["operationId"]
