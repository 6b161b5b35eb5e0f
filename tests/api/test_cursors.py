"""Cursors: an empty one is as wrong in every list as a made-up one."""

import uuid

import httpx
import pytest

from tests.resources import PREFIX, client, segment

LISTS = [
    "/tags", "/clients", "/exports", "/imports", "/runs", "/orders", "/segments", "/api-keys",
    "/order-statuses",
    "/clients/{client}/timeline", "/segments/{segment}/clients", "/segments/{segment}/history",
    "/segments/{segment}/events",
]  # fmt: skip


@pytest.mark.parametrize("cursor", ["", "made-up"])
async def test_a_wrong_cursor_is_refused_everywhere(api: httpx.AsyncClient, cursor: str) -> None:
    made = {"client": await client(api), "segment": await segment(api)}
    manual = {"name": "hand", "code": made["segment"] + "-hand", "kind": "manual"}
    assert (await api.post(f"{PREFIX}/segments", json=manual)).status_code == 201
    made["segment"] = manual["code"]
    for path in LISTS:
        answer = await api.get(PREFIX + path.format(**made), params={"cursor": cursor})
        assert (answer.status_code, answer.json()["code"]) == (400, "CURSOR_INVALID"), path
    body = {"cursor": cursor}
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    answer = await api.post(f"{PREFIX}/clients/search", json=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "CURSOR_INVALID")
