"""Orders, statuses, products and groups over HTTP."""

from clientbase.loading.orders import upsert_orders
from clientbase.orders.schemas import MAX_LINES
from tests.orders.facts import line, make_clients, order

ORDER = {
    "source": "shop", "external_id": "1001", "status": "done", "created_at": "2026-01-05T10:00:00Z",
    "lines": [{"product": "tea", "quantity": 2, "price": "150.00"}, {"product": "milk", "amount": "80.50"}],
    "refunds": [{"external_id": "r1", "at": "2026-01-06T10:00:00Z", "amount": "80.50"}],
}  # fmt: skip


async def test_an_order_is_sent_and_read_back(api, session, account):
    (client,) = await make_clients(session, account, 1)
    await session.commit()
    answer = await api.post("/api/v1/orders/batch", json={"items": [ORDER | {"client": {"id": client}}]})
    assert answer.status_code == 207, answer.text
    (item,) = answer.json()["items"]
    assert (item["index"], item["status"], item["errors"]) == (0, "created", [])
    answer = await api.get(f"/api/v1/orders/{item['id']}")
    order = answer.json()
    assert (order["client_id"], order["total"], order["purchased_at"]) == (
        client,
        "380.50",
        "2026-01-05T10:00:00Z",
    )
    assert order["lines"][0] == {
        "product": "tea", "name": "tea", "quantity": 2, "price": "150.00", "amount": "300.00",
    }  # fmt: skip
    assert order["refunds"] == [{"external_id": "r1", "at": "2026-01-06T10:00:00Z", "amount": "80.50"}]
    assert order["status_history"] == [
        {"at": "2026-01-05T10:00:00Z", "status": "done", "status_group": "done", "from_status": None}
    ]
    listed = (await api.get(f"/api/v1/clients/{client}/orders")).json()
    assert ([each["id"] for each in listed["items"]], listed["total"]["value"]) == ([item["id"]], 1)
    stale = await api.delete(f"/api/v1/orders/{item['id']}", headers={"If-Match": '"old"'})
    assert stale.status_code == 412
    gone = await api.delete(f"/api/v1/orders/{item['id']}", headers={"If-Match": answer.headers["ETag"]})
    assert gone.status_code == 204
    assert (await api.get(f"/api/v1/orders/{item['id']}")).status_code == 404


async def test_a_batch_tells_the_fate_of_every_row(api, session, account):
    (client,) = await make_clients(session, account, 1)
    await session.commit()
    rows = [
        ORDER | {"client": {"id": client}},
        ORDER,
        ORDER | {"client": {"id": client + 999}, "external_id": "2"},
        ORDER | {"client": {"id": client}, "external_id": "3", "status": "shipped", "currency": "USD"},
    ]
    body = (await api.post("/api/v1/orders/batch", json={"items": rows})).json()
    assert [item["status"] for item in body["items"]] == ["created", "unchanged", "rejected", "rejected"]
    assert [[error["code"] for error in item["errors"]] for item in body["items"]] == [
        [], [], ["CLIENT_NOT_FOUND"], ["OTHER_CURRENCY", "UNKNOWN_STATUS"],
    ]  # fmt: skip
    assert body["progress"] == {"total": 4, "created": 1, "updated": 0, "skipped": 1, "rejected": 2}


async def test_pages_of_orders_are_a_partition(api, session, account):
    (client,) = await make_clients(session, account, 1)
    await session.commit()
    rows = [ORDER | {"client": {"id": client}, "external_id": str(number)} for number in range(7)]
    made = (await api.post("/api/v1/orders/batch", json={"items": rows})).json()
    seen, cursor = [], None
    while True:
        params = {"limit": 3, "client_id": client} | ({"cursor": cursor} if cursor else {})
        page = (await api.get("/api/v1/orders", params=params)).json()
        seen += [order["id"] for order in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == sorted(item["id"] for item in made["items"])
    assert seen == sorted(seen, reverse=True)


async def test_orders_of_another_account_are_absent(api, other_api, session, account):
    (client,) = await make_clients(session, account, 1)
    await session.commit()
    made = await api.post("/api/v1/orders/batch", json={"items": [ORDER | {"client": {"id": client}}]})
    order_id = made.json()["items"][0]["id"]
    for answer in (
        await other_api.get(f"/api/v1/orders/{order_id}"),
        await other_api.delete(f"/api/v1/orders/{order_id}"),
        await other_api.get(f"/api/v1/clients/{client}/orders"),
        await other_api.get("/api/v1/orders", params={"client_id": client}),
    ):
        assert answer.status_code == 404
    assert (await other_api.get("/api/v1/orders")).json()["items"] == []


async def test_shapes_are_strict(api):
    wrong = [
        {"source": "shop"},
        ORDER | {"colour": "red"},
        ORDER | {"total": 10},
        ORDER | {"lines": [{"quantity": "2"}]},
        ORDER | {"status_group": "odd"},
        ORDER | {"created_at": "2026-01-05"},
    ]
    for row in wrong:
        assert (await api.post("/api/v1/orders/batch", json={"items": [row]})).status_code == 422
    assert (await api.post("/api/v1/orders/batch", json={"items": []})).status_code == 422


async def test_params_of_an_order_are_written_by_their_types(api, session, account):
    (client,) = await make_clients(session, account, 1)
    await session.commit()
    choices = [{"code": "gold", "name": "Золотой"}]
    kinds = {"height": "number", "day": "date", "gift": "boolean", "note": "text", "wrap": "choice"}
    for code, kind in kinds.items():
        body = {"code": code, "name": code, "type": kind} | ({"choices": choices} if kind == "choice" else {})
        assert (await api.post("/api/v1/order-params", json=body)).status_code == 201
    params = {"height": 12.5, "day": "2026-01-05", "gift": False, "note": "Да", "wrap": "gold"}
    row = ORDER | {"client": {"id": client}, "params": params}
    (item,) = (await api.post("/api/v1/orders/batch", json={"items": [row]})).json()["items"]
    assert item["status"] == "created", item
    read = (await api.get(f"/api/v1/orders/{item['id']}")).json()["params"]
    assert read == params
    assert read["gift"] is False


async def test_an_order_of_ten_thousand_lines_is_read_and_deleted(api, session, account):
    (client,) = await make_clients(session, account, 1)
    rows = [order(client, status="done", lines=[line(amount="1")] * MAX_LINES)]
    (outcome,) = await upsert_orders(session, account=account, rows=rows)
    assert outcome.errors == []
    await session.commit()
    path = f"/api/v1/orders/{outcome.id}"
    read = await api.get(path)
    assert read.status_code == 200, read.text
    assert len(read.json()["lines"]) == MAX_LINES
    assert (await api.delete(path, headers={"If-Match": read.headers["etag"]})).status_code == 204


async def test_pages_of_statuses_are_a_partition(api):
    for number in range(5):
        body = {"name": "Новый", "status_group": "new"}
        assert (await api.put(f"/api/v1/order-statuses/s{number}", json=body)).status_code == 200
    seen, cursor = [], None
    while True:
        params = {"limit": 4} | ({"cursor": cursor} if cursor else {})
        page = (await api.get("/api/v1/order-statuses", params=params)).json()
        assert page["total"]["value"] == 9
        seen += [status["code"] for status in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == 9
    assert seen == sorted(seen)


async def test_statuses(api, session, account):
    listed = (await api.get("/api/v1/order-statuses")).json()["items"]
    assert {status["code"]: status["status_group"] for status in listed} == {
        "new": "new", "in-progress": "in_progress", "done": "done", "cancelled": "cancelled",
    }  # fmt: skip
    body = {"name": "Доставлен", "status_group": "done"}
    answer = await api.put("/api/v1/order-statuses/delivered", json=body)
    assert answer.json() == {"code": "delivered", **body}
    assert (await api.get("/api/v1/order-statuses/delivered")).json() == answer.json()
    assert (await api.get("/api/v1/order-statuses/absent")).status_code == 404
    (client,) = await make_clients(session, account, 1)
    await session.commit()
    order = ORDER | {"client": {"id": client}, "status": "delivered"}
    await api.post("/api/v1/orders/batch", json={"items": [order]})
    renamed = await api.put("/api/v1/order-statuses/delivered", json=body | {"name": "Вручён"})
    assert renamed.status_code == 200
    moved = await api.put("/api/v1/order-statuses/delivered", json=body | {"status_group": "new"})
    assert (moved.status_code, moved.json()["code"]) == (409, "STATUS_IN_USE")


async def groups(api) -> dict[str, list[str]]:
    page = (await api.get("/api/v1/product-groups")).json()
    assert page["total"]["value"] == len(page["items"])
    return {group["code"]: group["path"] for group in page["items"]}


async def send_groups(api, *rows: dict) -> list[str]:
    answer = await api.post("/api/v1/product-groups/batch", json={"items": list(rows)})
    return [
        "".join(error["code"] for error in item["errors"]) or item["status"]
        for item in answer.json()["items"]
    ]


async def test_a_moved_group_takes_its_subtree_along(api):
    rows = [
        {"code": "green", "parent": "tea"},
        {"code": "tea", "name": "Чай", "parent": "food"},
        {"code": "food"},
        {"code": "other"},
    ]
    assert await send_groups(api, *rows) == ["created"] * 4
    assert (await groups(api))["green"] == ["food", "tea", "green"]
    assert await send_groups(api, {"code": "tea", "parent": "other"}) == ["updated"]
    assert await groups(api) == {
        "food": ["food"], "green": ["other", "tea", "green"], "other": ["other"], "tea": ["other", "tea"],
    }  # fmt: skip
    assert await send_groups(api, {"code": "tea", "parent": None}, {"code": "tea"}) == [
        "updated",
        "unchanged",
    ]
    assert (await groups(api))["green"] == ["tea", "green"]


async def test_groups_never_lie_below_themselves(api):
    await send_groups(api, {"code": "a"}, {"code": "b", "parent": "a"}, {"code": "c", "parent": "b"})
    rows = [{"code": "a", "parent": "c"}, {"code": "d", "parent": "d"}, {"code": "e", "parent": "absent"}]
    assert await send_groups(api, *rows) == ["GROUP_CYCLE", "GROUP_CYCLE", "UNKNOWN_PRODUCT_GROUP"]
    rows = [{"code": "x", "parent": "y"}, {"code": "y", "parent": "x"}]
    assert await send_groups(api, *rows) == ["UNKNOWN_PRODUCT_GROUP"] * 2
    assert list(await groups(api)) == ["a", "b", "c"]


async def test_products(api):
    await send_groups(api, {"code": "food"}, {"code": "tea", "parent": "food"})
    rows = [
        {"code": "t1", "name": "Чай", "group": "tea"},
        {"code": "t1", "name": "Чай чёрный"},
        {"code": "t2"},
        {"code": "t3", "group": "absent"},
    ]
    body = (await api.post("/api/v1/products/batch", json={"items": rows})).json()
    assert [item["status"] for item in body["items"]] == ["created", "updated", "created", "rejected"]
    assert [error["pointer"] for error in body["items"][3]["errors"]] == ["/group"]
    first, second = (await api.get("/api/v1/products")).json()["items"]
    assert (first["name"], first["group"], first["path"]) == ("Чай чёрный", "tea", ["food", "tea"])
    assert (second["code"], second["name"], second["group"], second["path"]) == ("t2", "t2", None, [])
    page = (await api.get("/api/v1/products", params={"limit": 1})).json()
    rest = (await api.get("/api/v1/products", params={"limit": 1, "cursor": page["next_cursor"]})).json()
    assert [item["code"] for item in (*page["items"], *rest["items"])] == ["t1", "t2"]
