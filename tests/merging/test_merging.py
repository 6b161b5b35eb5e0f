"""Merges over HTTP: points, segments, and what stays the survivor's."""

from typing import Any

import httpx
import pytest

from clientbase.accounts.schemas import AccountInfo
from clientbase.clients.stats import recount_differences
from clientbase.kit.db import WriteSession

CLIENTS = "/api/v1/clients"
SEGMENTS = "/api/v1/segments"


async def make(api: httpx.AsyncClient, **values: Any) -> int:
    client_id: int = (await api.post(CLIENTS, json=values)).json()["id"]
    return client_id


async def add_points(api: httpx.AsyncClient, client_id: int, amount: int, day: int) -> None:
    at = f"2026-01-0{day}T00:00:00Z"
    row = {"type": "loyalty.accrual", "client": {"id": client_id}, "at": at, "params": {"amount": amount}}
    answer = await api.post("/api/v1/actions/batch", json={"items": [row]})
    assert answer.json()["items"][0]["status"] == "created", answer.text


async def merge(api: httpx.AsyncClient, survivor: int, *merged: int) -> dict[str, Any]:
    body = {"survivor_id": survivor, "merged_ids": list(merged)}
    answer = await api.post(f"{CLIENTS}/merges", json=body, headers={"Idempotency-Key": f"m{survivor}"})
    assert answer.status_code == 201, answer.text
    card: dict[str, Any] = (await api.get(f"{CLIENTS}/{survivor}")).json()
    return card


STATED = {"bonus_balance": 500, "last_accrual_at": "2026-02-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("cards", "points", "balance", "accrual"),
    [
        pytest.param([{}, STATED], [0], 10, "2026-01-01T00:00:00Z", id="counted points win"),
        pytest.param([STATED, {}], [1], 500, "2026-01-02T00:00:00Z", id="a stated balance wins"),
        pytest.param([{}, STATED], [], 500, "2026-02-01T00:00:00Z", id="nothing is lost"),
        pytest.param([{}, STATED], [1], 500, "2026-01-02T00:00:00Z", id="one card's own view"),
        pytest.param([{}, {}, STATED], [1], 10, "2026-01-02T00:00:00Z", id="the first of the others"),
        pytest.param([{}, STATED], [0, 1], 20, "2026-01-02T00:00:00Z", id="points add up"),
    ],
)
async def test_points_of_merged_clients(
    api: httpx.AsyncClient,
    session: WriteSession,
    account: AccountInfo,
    cards: list[dict[str, Any]],
    points: list[int],
    balance: int,
    accrual: str,
) -> None:
    ids = [await make(api, first_name="A", **card) for card in cards]
    for place in points:
        await add_points(api, ids[place], 10, place + 1)
    joined = await merge(api, *ids)
    assert (joined["bonus_balance"], joined["last_accrual_at"]) == (balance, accrual)
    assert await recount_differences(session, account_id=account.id) == []


async def test_several_clients_leave_a_segment_in_one_version(api: httpx.AsyncClient) -> None:
    survivor, *others = [await make(api, first_name="A") for _ in range(4)]
    await api.post(SEGMENTS, json={"code": "hand", "name": "hand", "kind": "manual"})
    await api.post(f"{SEGMENTS}/hand/member-additions", json={"ids": others})
    await merge(api, survivor, *others)
    members = (await api.get(f"{SEGMENTS}/hand/clients")).json()["items"]
    assert [client["id"] for client in members] == [survivor]
    points = (await api.get(f"{SEGMENTS}/hand/history")).json()["items"]
    assert [(point["cause"], point["size"]) for point in points[-2:]] == [("hand", 3), ("merge", 1)]
