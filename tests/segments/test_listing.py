"""The list of segments in an order of several keys; totals of the history and of the feed."""

from typing import Any

import httpx
import pytest

from clientbase.accounts.schemas import AccountInfo
from clientbase.kit.db import Sessions
from tests.search.bases import field, make_base, tree
from tests.segments.work import SEGMENTS, change, make, recount

EVERYONE = tree(field("revenue", "gte", "0.00"))


async def walk(api: httpx.AsyncClient, path: str, key: str, **params: Any) -> list[Any]:
    """All pages of two items, which must tell the same total."""
    found: list[Any] = []
    totals = set()
    cursor: str | None = None
    while True:
        given = {"limit": 2, **params} | ({"cursor": cursor} if cursor else {})
        answer = await api.get(path, params=given)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        totals.add(page["total"]["value"])
        found += [item[key] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert totals == {len(found)}
    return found


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("kind,code", ["b", "d", "f", "a", "c", "e"]),
        ("kind,-code", ["f", "d", "b", "e", "c", "a"]),
        ("-kind,code", ["a", "c", "e", "b", "d", "f"]),
        ("kind,-created_at", ["f", "d", "b", "e", "c", "a"]),
        ("kind", ["b", "d", "f", "a", "c", "e"]),
        ("-kind", ["e", "c", "a", "f", "d", "b"]),
        ("size,code", ["a", "c", "e", "b", "d", "f"]),
        ("-size,code", ["a", "c", "e", "b", "d", "f"]),
        ("computed_at,code", ["a", "c", "e", "b", "d", "f"]),
    ],
)
async def test_every_key_of_a_sort_counts(api: httpx.AsyncClient, sort: str, expected: list[str]) -> None:
    for place, code in enumerate("abcdef"):
        manual = place % 2 == 0
        await make(api, code, None if manual else EVERYONE, kind="manual" if manual else "dynamic")
    assert await walk(api, SEGMENTS, "code", sort=sort) == expected


async def test_history_and_feed_tell_their_totals(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    clients = await make_base(sessions, account, 5)
    ids = [client.id for client in clients]
    await make(api, "hand", None, kind="manual")
    for path, some in (("additions", ids[:3]), ("additions", ids[3:]), ("removals", ids[1:4])):
        answer = await api.post(f"{SEGMENTS}/hand/member-{path}", json={"ids": some})
        assert answer.status_code == 200
    versions = await walk(api, f"{SEGMENTS}/hand/history", "version")
    assert versions == sorted(set(versions))
    points = (await api.get(f"{SEGMENTS}/hand/history")).json()["items"]
    assert [point["size"] for point in points][-3:] == [3, 5, 2]
    later = {"from": points[-1]["at"]}
    assert await walk(api, f"{SEGMENTS}/hand/history", "version", **later) == versions[-1:]
    entered = [*ids[:3], *ids[3:], *ids[1:4]]
    assert await walk(api, f"{SEGMENTS}/hand/events", "client_id") == entered
    for path in ("history", "events"):
        page = (await api.get(f"{SEGMENTS}/hand/{path}", params={"count": "none"})).json()
        assert page["total"] is None
    await make(api, "all", EVERYONE)
    await recount(sessions, account)
    await change(api, "all", name="All")
    assert len(await walk(api, f"{SEGMENTS}/all/history", "version")) == 1
