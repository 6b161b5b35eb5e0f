"""Bad bodies, headers and addresses: a clear problem, never a 500, and the value is never echoed."""

import httpx
import pytest

from tests.committed import committed_engine, sessions

__all__ = ["committed_engine", "sessions"]

SECRET = "canary-value"
BODIES = [
    (b'{"name": "\\ud800"}', 400, "INVALID_UNICODE"),
    (b'{"name": "a\\u0000b"}', 422, "NUL_NOT_ALLOWED"),
    (b'{"name": NaN}', 400, "INVALID_JSON_NUMBER"),
    (b'{"name": -Infinity}', 400, "INVALID_JSON_NUMBER"),
    (b'{"name": ' + b"9" * 5000 + b"}", 400, "INVALID_JSON_NUMBER"),
    (b'{"name": 1e99999999999999999999}', 400, "INVALID_JSON_NUMBER"),
    (b'{"name": 1e-99999999999999999999}', 400, "INVALID_JSON_NUMBER"),
    (b'{"name": 0e-20000}', 400, "INVALID_JSON_NUMBER"),
    (b'{"name": "a", "name": "b"}', 400, "DUPLICATE_KEY"),
    (b'{"name": ', 400, "INVALID_JSON"),
    (b"\xff\xfe", 400, "INVALID_UNICODE"),
    (b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 422, "JSON_TOO_DEEP"),
    (b'{"name": "' + b"a" * 1_100_000 + b'"}', 413, "BODY_TOO_LARGE"),
    (b"", 422, "VALIDATION_FAILED"),
    (b"[]", 422, "VALIDATION_FAILED"),
    (b'{"name": 1e999}', 422, "VALIDATION_FAILED"),
    (b'{"name": true}', 422, "VALIDATION_FAILED"),
    (b'{"name": {"canary-value": 1}}', 422, "VALIDATION_FAILED"),
]


@pytest.mark.parametrize(("body", "status", "code"), BODIES, ids=[str(i) for i in range(len(BODIES))])
async def test_a_bad_body_is_refused(api: httpx.AsyncClient, body: bytes, status: int, code: str) -> None:
    answer = await api.post("/api/v1/tags", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert SECRET not in answer.text


async def test_another_media_type_is_refused(api: httpx.AsyncClient) -> None:
    answer = await api.post("/api/v1/tags", content=b"name=a", headers={"Content-Type": "text/plain"})
    assert (answer.status_code, answer.json()["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_another_method_is_refused_with_those_allowed(api: httpx.AsyncClient) -> None:
    for path, methods in (("tags", "GET, POST"), ("tags/a", "DELETE, GET, PATCH")):
        answer = await api.put(f"/api/v1/{path}")
        assert (answer.status_code, answer.headers["allow"]) == (405, methods)
        assert answer.json()["code"] == "METHOD_NOT_ALLOWED"


@pytest.mark.parametrize("key", ["", "a" * 256, "ключ"])
async def test_a_bad_idempotency_key_is_refused(api: httpx.AsyncClient, key: str) -> None:
    headers = [(b"Idempotency-Key", key.encode())]
    answer = await api.post("/api/v1/tags", json={"name": "a"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_HEADER")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/tags/%00", 422),
        ("/api/v1/tags?cursor=%00", 422),
        ("/api/v1/tags?cursor=abc", 400),
        ("/api/v1/tags?limit=0", 422),
        ("/api/v1/tags?limit=1001", 422),
        ("/api/v1/tags?limit=1e3", 422),
        ("/api/v1/tags/" + "a" * 300, 422),
        ("/api/v1/clients/99999999999999999999", 404),
        ("/api/v1/clients/-1", 404),
        ("/api/v1/runs/0", 404),
        ("/api/v1/runs/9007199254740992", 404),
        ("/api/v1/exports/99999999999999999999", 404),
        ("/api/v1/imports/-1/rejected-rows", 404),
        ("/api/v1/nothing", 404),
    ],
)
async def test_a_bad_address_is_refused(api: httpx.AsyncClient, path: str, status: int) -> None:
    answer = await api.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_key_needs_the_scope(api: httpx.AsyncClient) -> None:
    made = await api.post("/api/v1/api-keys", json={"name": "reader", "scopes": ["clients:read"]})
    reader = {"Authorization": f"Bearer {made.json()['key']}"}
    assert (await api.get("/api/v1/tags", headers=reader)).status_code == 200
    refused = await api.post("/api/v1/tags", json={"name": "a"}, headers=reader)
    assert (refused.status_code, refused.json()["code"]) == (403, "SCOPE_MISSING")
    await api.delete(f"/api/v1/api-keys/{made.json()['id']}")
    assert (await api.get("/api/v1/tags", headers=reader)).status_code == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/tags"),
        ("GET", "/api/v1/clients"),
        ("GET", "/api/v1/segments/vip/clients"),
        ("GET", "/api/v1/tags/a"),
        ("POST", "/api/v1/tags"),
        ("DELETE", "/api/v1/tags/a"),
    ],
)
async def test_unknown_parameters_are_refused(api: httpx.AsyncClient, method: str, path: str) -> None:
    answer = await api.request(method, path, params={"a/b": "canary-value", "limt": "1", "code": "a"})
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION_FAILED")
    found = [(error["pointer"], error["code"]) for error in answer.json()["errors"]]
    assert found == [(f"/query/{name}", "UNKNOWN_FIELD") for name in ("a~1b", "limt", "code")]
    assert SECRET not in answer.text


async def test_every_list_links_to_its_next_page(api: httpx.AsyncClient) -> None:
    for name in ("a", "b", "c"):
        await api.post("/api/v1/tags", json={"name": name, "code": name})
    codes, address = [], "/api/v1/tags?limit=2&count=none"
    while address:
        answer = await api.get(address)
        codes += [tag["code"] for tag in answer.json()["items"]]
        address = answer.links.get("next", {}).get("url", "")
    assert codes == ["a", "b", "c"]


async def test_a_code_with_a_slash_is_no_address(api: httpx.AsyncClient) -> None:
    body = {"name": "Новый", "status_group": "new"}
    answer = await api.put("/api/v1/order-statuses/a%2Fb", json=body)
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
