"""The account and its API keys over HTTP."""

import httpx
import pytest

ACCOUNT = "/api/v1/account"
KEYS = "/api/v1/api-keys"


@pytest.mark.parametrize(
    "name", ["localtime", "Factory", "posixrules", "posix/Europe/Moscow", "right/UTC", "UTC+3", "../UTC"]
)
async def test_only_zones_that_mean_one_time_everywhere_are_taken(api: httpx.AsyncClient, name: str) -> None:
    answer = await api.patch(ACCOUNT, json={"time_zone": name})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/time_zone", "UNKNOWN_TIME_ZONE")


async def test_an_account_moves_under_its_etag(api: httpx.AsyncClient) -> None:
    read = await api.get(ACCOUNT)
    tag = {"If-Match": read.headers["etag"]}
    moved = await api.patch(ACCOUNT, json={"time_zone": "Asia/Omsk", "name": "Магазин"}, headers=tag)
    assert (moved.status_code, moved.json()["time_zone"]) == (200, "Asia/Omsk")
    stale = await api.patch(ACCOUNT, json={"name": "B"}, headers=tag)
    assert (stale.status_code, stale.json()["code"]) == (412, "STALE")
    again = await api.get(ACCOUNT)
    assert (again.json(), again.headers["etag"]) == (moved.json(), moved.headers["etag"])
    assert (await api.patch(ACCOUNT, json={"name": "B"})).status_code == 200


async def test_pages_of_keys_are_a_partition(api: httpx.AsyncClient) -> None:
    made = []
    for number in range(4):
        body = {"name": str(number), "scopes": ["clients:read"]}
        made.append((await api.post(KEYS, json=body)).json()["id"])
    seen: list[str] = []
    cursor: str | None = None
    while True:
        answer = await api.get(KEYS, params={"limit": 2} | ({"cursor": cursor} if cursor else {}))
        page = answer.json()
        assert page["total"]["value"] == 5
        seen += [key["id"] for key in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen[:4] == made[::-1]
    assert len(set(seen)) == 5
    assert (await api.get(KEYS, params={"count": "none"})).json()["total"] is None
