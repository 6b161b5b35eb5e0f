"""Edits of a segment: what they start, and which filters can be kept."""

import json
from typing import Any

import httpx
import pytest

from clientbase.accounts.schemas import AccountInfo
from clientbase.kit.db import Sessions
from tests import factories
from tests.conftest import http_client
from tests.search.bases import field, make_base, tree
from tests.segments.work import SEGMENTS, change, make, members, read, recount

RICH = tree(field("revenue", "gte", "10000.00"))


async def test_switching_on_what_is_on_computes_nothing(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    await make_base(sessions, account, 10)
    await make(api, "static", RICH, kind="static")
    await make(api, "dynamic", RICH)
    await recount(sessions, account)
    before = [(await read(api, code))["due_at"] for code in ("static", "dynamic")]
    for code in ("static", "dynamic"):
        assert (await change(api, code, is_active=True)).status_code == 200
    assert [(await read(api, code))["due_at"] for code in ("static", "dynamic")] == before


async def test_switched_on_again_a_static_segment_keeps_its_members_unless_it_was_edited(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    clients = await make_base(sessions, account, 10)
    await make(api, "static", RICH, kind="static")
    await make(api, "dynamic", RICH)
    await recount(sessions, account)
    for code in ("static", "dynamic"):
        await change(api, code, is_active=False)
        await change(api, code, is_active=True)
    assert (await read(api, "static"))["due_at"] is None
    assert (await read(api, "dynamic"))["lag_seconds"] is not None
    await change(api, "static", is_active=False, filter=tree(field("id", "gt", 0)))
    await change(api, "static", is_active=True)
    await recount(sessions, account)
    assert await members(api, "static") == {client.id for client in clients}


def _deep(levels: int) -> dict[str, Any]:
    node = field("id", "gt", 0)
    for _ in range(levels):
        node = {"type": "group", "match": "all", "nodes": [node]}
    return tree(node)


@pytest.mark.parametrize(
    "filter",
    [tree(field("id", "gt", 2**64)), tree(field("items_count", "gt", 2**70)), _deep(260), {"version": 2**64}],
)
async def test_an_edit_checks_the_filter_before_anything_else(
    api: httpx.AsyncClient, filter: dict[str, Any]
) -> None:
    await make(api, "rich", RICH)
    refused = await change(api, "rich", filter=filter)
    assert refused.status_code == 422, refused.text


@pytest.mark.parametrize("digits", ["10000000000000.1234", "99999999999999.9999"])
async def test_a_number_that_would_not_be_kept_is_refused(api: httpx.AsyncClient, digits: str) -> None:
    body = json.dumps({"name": "x", "filter": tree(field("items_count", "gt", "here"))})
    content = body.replace('"here"', digits).encode()
    refused = await api.post(SEGMENTS, content=content, headers={"Content-Type": "application/json"})
    assert refused.status_code == 422, refused.text
    error = refused.json()["errors"][0]
    assert (error["pointer"], error["code"]) == ("/filter/root/nodes/0/value", "NUMBER_NOT_KEPT")


async def test_a_number_is_kept_to_fifteen_digits(api: httpx.AsyncClient) -> None:
    body = json.dumps({"code": "x", "name": "x", "filter": tree(field("items_count", "gt", "here"))})
    content = body.replace('"here"', "10000000000.1234").encode()
    await api.post(SEGMENTS, content=content, headers={"Content-Type": "application/json"})
    assert "10000000000.1234" in (await api.get(f"{SEGMENTS}/x")).text


async def test_a_hidden_filter_is_not_to_be_guessed_by_edits(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    hidden = tree(field("full_name", "contains", "иван"))
    await make(api, "ivans", hidden)
    scopes = ["segments:read", "segments:write"]
    async with http_client(sessions, await factories.create_key(sessions, account, scopes=scopes)) as partner:
        for guess in (hidden, RICH):
            refused = await change(partner, "ivans", filter=guess)
            assert (refused.status_code, refused.json()["code"]) == (403, "PERSONAL_SCOPE_NEEDED")
        assert (await change(partner, "ivans", name="Иваны")).status_code == 200
