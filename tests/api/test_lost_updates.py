"""ETags and If-Match: what is read belongs to its ETag, and of two changes at once one is stale."""

import asyncio
from collections.abc import Awaitable

import httpx
import pytest

from tests.resources import MAKERS, PREFIX


async def statuses(*requests: Awaitable[httpx.Response]) -> list[int]:
    return sorted(answer.status_code for answer in await asyncio.gather(*requests))


async def test_a_card_belongs_to_its_etag_while_it_changes(api: httpx.AsyncClient) -> None:
    path = f"{PREFIX}/clients/{await MAKERS['clients'](api)}"
    reads = [api.get(path) for _ in range(120)]
    writes = [api.patch(path, json={"city": str(n)}) for n in range(40)]
    mixed = [
        request for trio in zip(reads[::3], writes, reads[1::3], reads[2::3], strict=True) for request in trio
    ]
    answers = await asyncio.gather(*mixed)
    cities: dict[str, set[str]] = {}
    for answer in answers:
        assert answer.status_code == 200
        cities.setdefault(answer.headers["etag"], set()).add(answer.json()["city"])
    assert [found for found in cities.values() if len(found) > 1] == []


async def test_one_of_many_editors_of_an_action_type_wins(api: httpx.AsyncClient) -> None:
    path = f"{PREFIX}/action-types/{await MAKERS['action-types'](api)}"
    tag = {"If-Match": (await api.get(path)).headers["etag"]}
    edits = (api.patch(path, json={"name": str(n)}, headers=tag) for n in range(8))
    assert await statuses(*edits) == [200] + [412] * 7
    tag = {"If-Match": (await api.get(path)).headers["etag"]}
    ended = await statuses(
        api.delete(path, headers=tag), *(api.patch(path, json={"name": "x"}, headers=tag) for _ in range(4))
    )
    assert ended in ([200] + [412] * 4, [204] + [404] * 4)


async def test_an_order_is_deleted_as_it_was_read(api: httpx.AsyncClient) -> None:
    path = f"{PREFIX}/orders/{await MAKERS['orders'](api)}"
    order = (await api.get(path)).json()
    tag = {"If-Match": (await api.get(path)).headers["etag"]}
    row = {"source": order["source"], "external_id": order["external_id"], "number": "1"}
    answers = await asyncio.gather(
        api.post(f"{PREFIX}/orders/batch", json={"items": [row]}), api.delete(path, headers=tag)
    )
    assert answers[1].status_code in (204, 412)
    assert (await api.get(path)).status_code == (404 if answers[1].status_code == 204 else 200)


async def test_one_of_many_editors_of_an_order_status_wins(api: httpx.AsyncClient) -> None:
    path = f"{PREFIX}/order-statuses/{await MAKERS['order-statuses'](api)}"
    read = await api.get(path)
    tag = {"If-Match": read.headers["etag"]}
    edits = (api.put(path, json={"name": str(n), "status_group": "new"}, headers=tag) for n in range(8))
    assert await statuses(*edits) == [200] + [412] * 7
    absent = await api.put(f"{PREFIX}/order-statuses/absent", json=body(), headers=tag)
    assert (absent.status_code, absent.json()["code"]) == (412, "STALE")
    made = await api.put(f"{PREFIX}/order-statuses/absent", json=body())
    assert (await api.get(f"{PREFIX}/order-statuses/absent")).headers["etag"] == made.headers["etag"]


def body() -> dict[str, str]:
    return {"name": "Новый", "status_group": "new"}


async def test_many_makers_of_one_status_agree(api: httpx.AsyncClient) -> None:
    path = f"{PREFIX}/order-statuses/together"
    assert await statuses(*(api.put(path, json=body()) for _ in range(8))) == [200] * 8


@pytest.mark.parametrize("collection", ["exports"])
async def test_single_resources_carry_an_etag(api: httpx.AsyncClient, collection: str) -> None:
    path = f"{PREFIX}/{collection}/{await MAKERS[collection](api)}"
    first, again = await api.get(path), await api.get(path)
    assert first.headers["etag"] == again.headers["etag"]
    await api.post(f"{PREFIX}/runs/{first.json()['id']}/cancellations")
    assert (await api.get(path)).headers["etag"] != first.headers["etag"]
