"""Files of orders, their lines, and actions."""

import csv
import io

import pytest

from clientbase.imports import slices
from tests.imports.house import House

CLIENTS = "Код;Телефон;Имя\n1;+79161234567;Анна\n2;+79161234568;Олег\n"
ORDERS = """Номер заказа;Внешний код;Код клиента;Статус;Дата заказа;Сумма;Скидка;Магазин
A-1;1;1;Выполнен;01.03.2026 12:30;1 500,50;100;main
A-2;2;2;Новый;2026-03-02;200;;
A-3;3;9;Новый;2026-03-02;200;;
A-4;4;1;Парит;2026-03-02;200;;
;5;1;Выполнен;;-3;;
"""


async def rejects(house: House, import_id: int, delimiter: str = ";") -> list[list[str]]:
    """Line, column and code of each."""
    text = io.StringIO(await house.rejected(import_id), newline="")
    rows = list(csv.reader(text, delimiter=delimiter))
    return [row[:3] for row in rows[1:]]


async def test_orders(house: House) -> None:
    await house.load(CLIENTS, source="crm")
    made = await house.load(ORDERS, kind="orders", source="shop", client_source="crm")
    progress = made["run"]["progress"]
    assert (progress["total"], progress["created"], progress["rejected"]) == (5, 2, 3)
    assert await rejects(house, made["id"]) == [
        ["4", "Код клиента", "CLIENT_NOT_FOUND"],
        ["5", "Статус", "UNKNOWN_STATUS"],
        ["6", "Сумма", "NEGATIVE_AMOUNT"],
    ]
    found = await house.rows(
        "SELECT external_id, number, status, total, discount, shop, created_at::text FROM orders"
        " WHERE account_id = :account_id ORDER BY 1"
    )
    assert found == [
        ("1", "A-1", "done", 150050, 10000, "main", "2026-03-01 09:30:00+00"),
        ("2", "A-2", "new", 20000, 0, None, "2026-03-01 21:00:00+00"),
    ]
    stats = "SELECT revenue FROM client_stats WHERE account_id = :account_id ORDER BY client_id"
    assert await house.rows(stats) == [(150050,), (0,)]
    again = await house.load(ORDERS, kind="orders", source="shop", client_source="crm")
    assert again["run"]["progress"]["skipped"] == 2
    assert again["run"]["progress"]["created"] == 0


LINES = """Код заказа;Артикул;Количество;Цена;Сумма строки
1;milk;2;50,25;
1;bread;1;;30
2;tea;1,5;100;
2;sugar;-1;10;
7;tea;1;1;
;tea;1;1;
1
"""


async def test_lines_of_orders_replace_what_is_stored(house: House) -> None:
    await house.load(CLIENTS, source="crm")
    await house.load(ORDERS, kind="orders", source="shop", client_source="crm")
    made = await house.load(LINES, kind="order_lines", source="shop")
    progress = made["run"]["progress"]
    assert (progress["total"], progress["updated"], progress["rejected"]) == (7, 2, 5)
    assert await rejects(house, made["id"]) == [
        ["4", "", "OTHER_LINE_REJECTED"],
        ["5", "Количество", "WRONG_QUANTITY"],
        ["6", "", "CLIENT_MISSING"],
        ["7", "Код заказа", "KEY_MISSING"],
        ["8", "", "WRONG_COLUMN_COUNT"],
    ]
    query = (
        "SELECT o.external_id, p.code, l.quantity::text, l.price, l.amount, o.total FROM order_lines l"
        " JOIN orders o ON (o.account_id, o.id) = (l.account_id, l.order_id)"
        " JOIN products p ON (p.account_id, p.id) = (l.account_id, l.product_id)"
        " WHERE l.account_id = :account_id ORDER BY 1, l.position"
    )
    assert await house.rows(query) == [
        ("1", "milk", "2.0000", 5025, 10050, 13050),
        ("1", "bread", "1.0000", 3000, 3000, 13050),
    ]
    await house.load("order_id,product,amount\n1,milk,7\n", kind="order_lines", source="shop")
    assert await house.rows(query) == [("1", "milk", "1.0000", 700, 700, 700)]


async def test_orders_come_whole_with_their_lines(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where a slice would end within an order."""
    monkeypatch.setattr(slices, "ROWS", 4)
    await house.load(CLIENTS, source="crm")
    lines = [f"{n},1,done,2026-01-0{1 + n % 9},p{line},{n}.5" for n in range(13) for line in range(3)]
    lines.insert(4, "ragged, where a slice is full and order 1 is not at its end")
    content = "order id,customer id,status,created,sku,line total\n" + "\n".join(lines) + "\n"
    made = await house.load(content, kind="order_lines", source="shop", client_source="crm")
    assert made["run"]["progress"]["created"] == 36
    assert await rejects(house, made["id"], ",") == [
        ["5", "", "OTHER_LINE_REJECTED"],
        ["6", "", "WRONG_COLUMN_COUNT"],
        ["7", "", "OTHER_LINE_REJECTED"],
        ["8", "", "OTHER_LINE_REJECTED"],
    ]
    query = (
        "SELECT count(DISTINCT o.id), count(*), sum(l.amount) FROM orders o JOIN order_lines l"
        " ON (l.account_id, l.order_id) = (o.account_id, o.id) WHERE o.account_id = :account_id"
    )
    assert await house.rows(query) == [(12, 36, 3 * sum(n * 100 + 50 for n in range(13) if n != 1))]


SPOILT = """order id,customer id,status,created,sku,amount
1,1,done,2026-01-01,a,100
1,1,done,2026-01-01,b,"12,3O"
1,1,done,2026-01-01,c,5
2,1,done,2026-01-01,a,1
ragged
2,1,done,2026-01-01,b,1
3,1,done,2026-01-01,a,1
3,1,done,2026-01-01,b,1,9
4,1,done,2026-01-01,a,2
,1,done,2026-01-01,b,3
4,1,done,2026-01-01,c,2
5,1
5,1,done,2026-01-01,a,1
9,9
6,1,done,2026-01-01,a,7
6,1,done,2026-01-01,b,7
"""


async def test_an_order_is_not_loaded_without_one_of_its_lines(house: House) -> None:
    """Whatever is wrong with the line: a cell, the row, or that it names no order."""
    await house.load(CLIENTS, source="crm")
    made = await house.load(SPOILT, kind="order_lines", source="shop", client_source="crm")
    progress = made["run"]["progress"]
    assert (progress["total"], progress["created"], progress["rejected"]) == (16, 2, 14)
    assert [code for _, _, code in await rejects(house, made["id"], ",")] == [
        "OTHER_LINE_REJECTED", "NOT_A_NUMBER", "OTHER_LINE_REJECTED",
        "OTHER_LINE_REJECTED", "WRONG_COLUMN_COUNT", "OTHER_LINE_REJECTED",
        "OTHER_LINE_REJECTED", "WRONG_COLUMN_COUNT",
        "OTHER_LINE_REJECTED", "KEY_MISSING", "OTHER_LINE_REJECTED",
        "WRONG_COLUMN_COUNT", "OTHER_LINE_REJECTED",
        "WRONG_COLUMN_COUNT",
    ]  # fmt: skip
    found = await house.rows("SELECT external_id, total FROM orders WHERE account_id = :account_id")
    assert found == [("6", 1400)]


async def test_rows_of_one_order_that_stand_apart_stop_the_import(house: House) -> None:
    content = "order id,sku,amount\n1,a,1\n2,b,1\n1,c,1\n"
    run = await house.work((await house.send(content, kind="order_lines", source="shop")).json()["id"])
    assert (run["state"], run["error"]["code"]) == ("failed", "ROWS_APART")
    assert run["progress"]["done"] == 0


ACTIONS = """Тип;Дата;Телефон;Сумма;utm_source;Длительность
visit;01.03.2026 10:00;+79161234567;;yandex;
loyalty.accrual;01.03.2026;+79161234567;150,5;;
call;2026-03-01T10:00:00+03:00;8 916 123-45-68;;;65
loyalty.accrual;02.03.2026;+79161234567;много;;
dance;02.03.2026;+79161234567;;;
visit;;+79161234567;;;
visit;02.03.2026;+79990000000;;;
"""


async def test_actions(house: House) -> None:
    await house.load(CLIENTS, source="crm")
    mapping = '{"Сумма": "params.amount", "Длительность": "params.duration"}'
    made = await house.load(ACTIONS, kind="actions", mapping=mapping)
    progress = made["run"]["progress"]
    assert (progress["total"], progress["created"], progress["rejected"]) == (7, 3, 4)
    assert await rejects(house, made["id"]) == [
        ["5", "Сумма", "NOT_A_NUMBER"],
        ["6", "Тип", "UNKNOWN_ACTION_TYPE"],
        ["7", "Дата", "TIME_MISSING"],
        ["8", "Телефон", "CLIENT_NOT_FOUND"],
    ]
    query = (
        "SELECT type_id, at::text, amount::text, params->>'utm_source' FROM actions"
        " WHERE account_id = :account_id ORDER BY 1"
    )
    assert await house.rows(query) == [
        (1, "2026-03-01 07:00:00+00", None, "yandex"),
        (2, "2026-03-01 07:00:00+00", "65.0000", None),
        (20, "2026-02-28 21:00:00+00", "150.5000", None),
    ]
    again = await house.load(ACTIONS, kind="actions", mapping=mapping)
    assert again["run"]["progress"]["created"] == 0
    assert again["run"]["progress"]["skipped"] == 3


async def test_blanks_that_clear_do_not_name_params_of_other_types(house: House) -> None:
    await house.load(CLIENTS, source="crm")
    mapping = '{"Сумма": "params.amount", "Длительность": "params.duration"}'
    right = "".join(ACTIONS.splitlines(keepends=True)[:4])
    made = await house.load(right, kind="actions", mapping=mapping, blank="clear")
    assert made["run"]["progress"]["created"] == 3


async def test_ids_of_clients_in_another_system_are_not_taken_for_ours(house: House) -> None:
    await house.load("Код;Телефон\nfirst;+79161234567\n", source="crm")
    (ours,) = (await house.rows("SELECT min(id) FROM clients WHERE account_id = :account_id"))[0]
    for header in ("client_id", "ID клиента"):
        order = f"order id,status,created,total,{header}\n1,new,2026-01-01,1,{ours}\n"
        made = await house.load(order, kind="orders", source="crm")
        assert made["columns"][4]["field"] == "client.external_id"
        assert await rejects(house, made["id"], ",") == [["2", header, "CLIENT_NOT_FOUND"]]
    order = f"order id,status,created,total,ID clientbase\n1,new,2026-01-01,1,{ours}\n"
    made = await house.load(order, kind="orders", source="crm")
    assert made["run"]["progress"]["created"] == 1


async def test_the_type_may_be_said_once_for_all(house: House) -> None:
    await house.load(CLIENTS, source="crm")
    content = "client id,date,client email,id\n"
    refused = await house.send(content + "1,2026-01-01,,\n", kind="actions")
    assert {item["code"] for item in refused.json()["errors"]} == {"COLUMN_MISSING"}
    made = await house.load(
        "customer id,date,external id\n1,2026-01-01,v1\n2,2026-01-02,v2\n",
        kind="actions", action_type="visit", source="site", client_source="crm",
    )  # fmt: skip
    assert made["run"]["progress"]["created"] == 2
