"""Custom params of clients and of orders over HTTP."""

import httpx
import pytest

from clientbase.accounts.schemas import AccountInfo
from clientbase.kit.db import Sessions
from tests import factories
from tests.conftest import http_client

PATHS = ["/api/v1/client-params", "/api/v1/order-params"]


@pytest.mark.parametrize("path", PATHS)
async def test_a_param_is_made_changed_and_deleted(api: httpx.AsyncClient, path: str) -> None:
    made = await api.post(
        path,
        json={"name": "Размер", "type": "choice", "choices": [{"name": "S"}, {"code": "m", "name": "M"}]},
    )
    assert made.status_code == 201
    assert made.json()["code"] == "razmer"
    assert [choice["code"] for choice in made.json()["choices"]] == ["s", "m"]

    one = f"{path}/razmer"
    blind = await api.patch(one, json={"name": "Размер одежды"})
    assert (blind.status_code, blind.json()["code"]) == (428, "IF_MATCH_MISSING")
    headers = {"If-Match": made.headers["etag"]}
    changed = await api.patch(
        one, json={"name": "Размер одежды", "choices": [{"code": "m", "name": "M"}]}, headers=headers
    )
    assert changed.json()["choices"] == [{"code": "m", "name": "M"}]
    assert (await api.delete(one, headers=headers)).status_code == 412
    assert (await api.delete(one, headers={"If-Match": changed.headers["etag"]})).status_code == 204
    assert (await api.get(one)).status_code == 404


async def test_params_of_clients_and_of_orders_are_apart(api: httpx.AsyncClient) -> None:
    for path in PATHS:
        assert (await api.post(path, json={"code": "x", "name": "X", "type": "text"})).status_code == 201
    assert [(await api.get(path)).json()["total"]["value"] for path in PATHS] == [1, 1]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"name": "A", "type": "choice"}, "CHOICES_NEEDED"),
        ({"name": "A", "type": "text", "choices": [{"name": "S"}]}, "NO_CHOICES_HERE"),
        ({"name": "A", "type": "choice", "choices": [{"name": "S"}, {"name": "s"}]}, "DUPLICATE_CHOICE"),
        ({"name": "A", "type": "colour"}, "NOT_ALLOWED"),
        ({"name": "A", "type": "text", "hue": 1}, "UNKNOWN_FIELD"),
        ({"name": " ", "type": "text"}, "BLANK_TEXT"),
        ({"type": "text"}, "MISSING_FIELD"),
    ],
)
async def test_a_wrong_param_is_refused_with_its_place(
    api: httpx.AsyncClient, body: dict[str, object], code: str
) -> None:
    answer = await api.post(PATHS[0], json=body)
    assert answer.status_code == 422
    assert [error["code"] for error in answer.json()["errors"]] == [code]


@pytest.mark.parametrize("path", PATHS)
async def test_what_is_personal_is_opened_only_by_who_may_read_it(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo, path: str
) -> None:
    body = {"code": "secret", "name": "Секрет", "type": "text", "personal": True}
    tag = {"If-Match": (await api.post(path, json=body)).headers["etag"]}
    one = f"{path}/secret"
    key = await factories.create_key(sessions, account, scopes=["schema:write"])
    async with http_client(sessions, key) as blind:
        refused = await blind.patch(one, json={"personal": False}, headers=tag)
        assert (refused.status_code, refused.json()["code"]) == (403, "PERSONAL_SCOPE_NEEDED")
        assert refused.json()["errors"][0]["pointer"] == "/personal"
        renamed = await blind.patch(one, json={"name": "Тайна", "personal": True}, headers=tag)
        assert renamed.status_code == 200
    tag = {"If-Match": renamed.headers["etag"]}
    opened = await api.patch(one, json={"personal": False}, headers=tag)
    assert (opened.status_code, opened.json()["personal"]) == (200, False)
