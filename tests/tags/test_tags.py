"""Tags over HTTP."""

import httpx


async def test_a_tag_is_made_read_changed_and_deleted(api: httpx.AsyncClient) -> None:
    made = await api.post("/api/v1/tags", json={"name": "Постоянный клиент", "color": "#00ff00"})
    assert made.status_code == 201
    assert made.json()["code"] == "postoyannyy-klient"
    path = "/api/v1/tags/postoyannyy-klient"

    changed = await api.patch(path, json={"name": "VIP"}, headers={"If-Match": made.headers["etag"]})
    assert changed.json()["name"] == "VIP"
    stale = await api.patch(path, json={"name": "X"}, headers={"If-Match": made.headers["etag"]})
    assert (stale.status_code, stale.json()["code"]) == (412, "STALE")

    assert (await api.delete(path)).status_code == 204
    assert (await api.get(path)).status_code == 404


async def test_pages_of_tags_are_a_partition(api: httpx.AsyncClient) -> None:
    for number in range(7):
        await api.post("/api/v1/tags", json={"name": "Тег", "code": f"t{number}"})
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = (
            await api.get("/api/v1/tags", params={"limit": 3} | ({"cursor": cursor} if cursor else {}))
        ).json()
        assert page["total"] == {"value": 7, "relation": "exact"}
        seen += [tag["code"] for tag in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [f"t{number}" for number in range(7)]


async def test_a_code_is_taken_once(api: httpx.AsyncClient) -> None:
    assert (await api.post("/api/v1/tags", json={"name": "A", "code": "vip"})).status_code == 201
    second = await api.post("/api/v1/tags", json={"name": "A", "code": "vip"})
    assert (second.status_code, second.json()["code"]) == (409, "CODE_TAKEN")
    assert (await api.post("/api/v1/tags", json={"name": "vip"})).json()["code"] == "vip-2"


async def test_the_same_request_again_gets_the_same_answer(api: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "k1"}
    first = await api.post("/api/v1/tags", json={"name": "Один"}, headers=headers)
    again = await api.post("/api/v1/tags", json={"name": "Один"}, headers=headers)
    assert again.status_code == 201
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
    other = await api.post("/api/v1/tags", json={"name": "Два"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


async def test_tags_of_another_account_do_not_exist(
    api: httpx.AsyncClient, other_api: httpx.AsyncClient
) -> None:
    await api.post("/api/v1/tags", json={"name": "Наш", "code": "ours"})
    assert (await other_api.get("/api/v1/tags/ours")).status_code == 404
    assert (await other_api.get("/api/v1/tags")).json()["items"] == []
