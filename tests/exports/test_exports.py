"""Files of clients: equal to the base, safe to open, and gone after their time."""

import csv
import io
import uuid
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest

from clientbase.exports.columns import COLUMNS, choose
from clientbase.exports.workbook import write_workbook
from clientbase.filters import Catalogue
from clientbase.kit.threads import StopFlag, Stopped
from tests import factories
from tests.conftest import http_client
from tests.imports.house import House

CLIENTS = '''Код;Фамилия;Имя;Телефон;Почта;Дата рождения;Пол;Город;Баллы;Рассылка;Теги;Размер;Рост
1;Ёлкина;Анна;8 (916) 123-45-67;anna@example.ru;28.02.1990;жен;Королёв;1 234,56;да;vip;XL;1,7
2;Иванов;"Пётр; ""младший""";+7 916 000-00-01, +44 20 7946 0958;;29.02.1896;М;Москва;0;нет;;;
3;'=HYPERLINK("x");'@я;89990000000;;;;'-5;;;vip, new;'+1;-5
'''


async def fill(house: House) -> list[int]:
    """Three clients with tags, params and orders; their ids."""
    for body in ({"code": "vip", "name": "VIP"}, {"code": "new", "name": "Новые"}):
        assert (await house.api.post("/api/v1/tags", json=body)).status_code == 201
    for code, name, type_ in (("size", "Размер", "text"), ("height", "Рост", "number")):
        body = {"code": code, "name": name, "type": type_}
        answer = await house.api.post("/api/v1/client-params", json=body)
        assert answer.status_code == 201, answer.text
    made = await house.load(CLIENTS, source="crm")
    assert made["run"]["progress"]["created"] == 3, await house.rejected(made["id"])
    orders = [
        {
            "source": "shop", "external_id": str(n), "client": {"source": "crm", "external_id": "1"},
            "status": "done", "total": total, "created_at": f"2026-0{n + 1}-01T21:30:00Z",
        }
        for n, total in enumerate(("10.01", "20.00", "70.00"))
    ]  # fmt: skip
    answer = await house.api.post("/api/v1/orders/batch", json={"items": orders})
    assert answer.status_code == 207, answer.text
    assert answer.json()["progress"]["created"] == 3, answer.text
    query = "SELECT id FROM clients WHERE account_id = :account_id ORDER BY id"
    return [row[0] for row in await house.rows(query)]


async def ask(house: House, api: httpx.AsyncClient | None = None, **body: Any) -> httpx.Response:
    return await (api or house.api).post(
        "/api/v1/exports", json=body, headers={"Idempotency-Key": uuid.uuid4().hex}
    )


async def export(house: House, **body: Any) -> httpx.Response:
    """The answer with the finished file."""
    answer = await ask(house, **body)
    assert answer.status_code == 202, answer.text
    run = await house.work(answer.json()["id"])
    assert run["state"] == "succeeded", run
    return await house.api.get(f"/api/v1/exports/{answer.json()['id']}/file")


FIELDS = [
    "id", "full_name", "phone", "phones", "email", "birth_date", "gender", "city", "bonus_balance", "tags",
    "consent_marketing", "external_id", "params.size", "params.height", "orders_count", "revenue",
    "average_check", "last_order_at",
]  # fmt: skip


async def test_csv_equals_the_base(house: House) -> None:
    first, second, third = await fill(house)
    answer = await export(house, fields=FIELDS)
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert "filename*=UTF-8''%D0%9A%D0%BB" in answer.headers["Content-Disposition"]
    header, *rows = csv.reader(io.StringIO(answer.content.decode()))
    assert header == [
        "ID clientbase", "Полное имя", "Телефон", "Все телефоны", "E-mail", "День рождения", "Пол", "Город",
        "Баланс бонусов", "Теги", "Согласие на рекламу", "Внешний ID", "Размер", "Рост", "Всего заказов",
        "Выручка", "Средний чек", "Последний заказ",
    ]  # fmt: skip
    assert rows == [
        [
            str(first), "Ёлкина Анна", "+79161234567", "+79161234567", "anna@example.ru", "1990-02-28",
            "female", "Королёв", "1234.56", "vip", "true", "1", "XL", "1.7", "3", "100.01", "33.34",
            "2026-03-01T21:30:00Z",
        ],
        [
            str(second), 'Иванов Пётр; "младший"', "+79160000001", "+79160000001, +442079460958", "",
            "1896-02-29", "male", "Москва", "0", "", "false", "2", "", "", "0", "0.00", "", "",
        ],
        [
            str(third), "'=HYPERLINK(\"x\") @я", "+79990000000", "+79990000000", "", "", "", "-5", "0",
            "new, vip", "", "3", "+1", "-5", "0", "0.00", "", "",
        ],
    ]  # fmt: skip


async def test_the_variant_for_excel(house: House) -> None:
    await fill(house)
    answer = await export(house, fields=FIELDS, format="csv-excel", name="Выгрузка")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[1][2:] == [
        "+7 916 123-45-67", "+7 916 123-45-67", "anna@example.ru", "28.02.1990", "female", "Королёв",
        "1234,56", "vip", "да", "1", "XL", "1,7", "3", "100,01", "33,34", "02.03.2026 00:30:00",
    ]  # fmt: skip
    assert rows[2][3] == "+7 916 000-00-01, +44207946 0958"
    assert rows[3][FIELDS.index("params.size")] == "\t+1"


KEPT = ["0042", "4276380012345678", "12-05", "10/11", "1.7", "24:00", "1E5", "+1"]
"""Texts that Excel would make numbers, days or times of."""
AS_THEY_ARE = ["42", "-5", "XL", "12 34", "А123ВС77"]


async def test_texts_of_digits_stay_texts_in_excel_and_come_back(house: House) -> None:
    texts = KEPT + AS_THEY_ARE
    lines = [f"{n};{text};{text}" for n, text in enumerate(texts)]
    await house.load("Код;Имя;Номер карты\n" + "\n".join(lines), source="crm")
    fields = ["id", "first_name", "card_number"]
    content = (await export(house, fields=fields, format="csv-excel")).content
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))[1:]
    assert [row[2] for row in rows] == [f"\t{text}" for text in KEPT] + AS_THEY_ARE
    made = await house.load(content)
    assert made["run"]["progress"]["skipped"] == len(texts), made
    plain = (await export(house, fields=fields)).text
    assert [row[2] for row in list(csv.reader(io.StringIO(plain)))[1:]] == texts


async def test_what_is_exported_can_be_imported_again_and_changes_nothing(house: House) -> None:
    await fill(house)
    fields = ["id", "last_name", "first_name", "phones", "email", "birth_date", "city", "tags", "params.size"]
    for form in ("csv", "csv-excel"):
        content = (await export(house, fields=fields, format=form)).content
        made = await house.load(content)
        assert made["run"]["progress"]["skipped"] == 3, made


async def test_a_workbook_has_typed_cells_and_no_formulas(house: House) -> None:
    await fill(house)
    answer = await export(house, fields=FIELDS, format="xlsx", language="en")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    rows = list(sheet.iter_rows())
    assert len(rows) == 4
    assert not any(cell.data_type == "f" for row in rows for cell in row)
    first = {FIELDS[place]: cell for place, cell in enumerate(rows[1])}
    assert (first["phone"].value, first["phone"].data_type) == ("+79161234567", "s")
    assert (first["revenue"].value, first["revenue"].data_type) == (100.01, "n")
    assert first["birth_date"].value.isoformat() == "1990-02-28T00:00:00"
    assert first["last_order_at"].value.isoformat() == "2026-03-02T00:30:00"
    assert first["consent_marketing"].value is True
    assert rows[2][5].value == "1896-02-29"
    assert rows[3][1].value == '=HYPERLINK("x") @я'
    assert rows[3][7].data_type == "s"


def test_more_rows_than_a_sheet_holds_go_to_further_sheets(tmp_path: Path) -> None:
    source, target = tmp_path / "rows.csv", tmp_path / "rows.xlsx"
    source.write_text("a,b\n" + "".join(f"{n},name {n}\n" for n in range(25)))
    columns = [COLUMNS["id"], COLUMNS["full_name"]]
    write_workbook(
        source, target, columns=columns, language="ru", rows=25, check=lambda: None, rows_per_sheet=10
    )
    book = openpyxl.load_workbook(target)
    assert book.sheetnames == ["Клиенты", "Клиенты 2", "Клиенты 3"]
    parts = [[row[0] for row in sheet.iter_rows(values_only=True)] for sheet in book]
    assert [part[0] for part in parts] == ["ID clientbase"] * 3
    assert [value for part in parts for value in part[1:]] == list(range(25))


def test_a_workbook_in_the_making_ends_when_it_is_told_to(tmp_path: Path) -> None:
    source, stop = tmp_path / "rows.csv", StopFlag()
    source.write_text("a\n" + "1\n" * 3000)
    stop.set()
    with pytest.raises(Stopped):
        write_workbook(
            source, tmp_path / "x", columns=[COLUMNS["id"]], language="ru", rows=3000, check=stop.check
        )


async def test_a_filter_and_a_segment_choose_who(house: House) -> None:
    first, _, third = await fill(house)
    node = {"type": "field", "field": "tags", "operator": "has_any", "value": ["vip"]}
    tree = {"version": 1, "root": {"type": "group", "match": "all", "nodes": [node]}}
    answer = await export(house, filter=tree, fields=["id"], expected_count=2)
    assert answer.text.splitlines()[1:] == [str(first), str(third)]
    refused = await ask(house, filter=tree, expected_count=3)
    assert (refused.status_code, refused.json()["code"]) == (409, "COUNT_CHANGED")
    segment = {"name": "Ручной", "code": "hand", "kind": "manual"}
    assert (await house.api.post("/api/v1/segments", json=segment)).status_code == 201
    added = await house.api.post("/api/v1/segments/hand/member-additions", json={"ids": [third]})
    assert added.status_code < 300, added.text
    answer = await export(house, segment="hand", fields=["id"])
    assert answer.text.splitlines()[1:] == [str(third)]


async def test_an_empty_set_is_a_file_with_a_header(house: House) -> None:
    for form in ("csv", "xlsx"):
        answer = await export(house, fields=["id", "city"], format=form)
        assert answer.status_code == 200
    assert (await export(house, fields=["id", "city"], language="en")).text.count("\n") == 1


@pytest.mark.parametrize(
    ("body", "status", "code", "pointer"),
    [
        ({"fields": ["id", "nothing"]}, 422, "UNKNOWN_FIELD", "/fields/1"),
        ({"fields": ["id", "id"]}, 422, "DUPLICATE_FIELD", "/fields"),
        ({"fields": []}, 422, "NO_FIELDS", "/fields"),
        ({"segment": "none"}, 422, "UNKNOWN_SEGMENT", "/segment"),
        ({"segment": "none", "filter": {}}, 422, "ONE_OF", "/segment"),
        ({"format": "pdf"}, 422, "NOT_ALLOWED", "/format"),
        ({"filter": {"version": 1, "root": {"type": "field"}}}, 422, None, None),
    ],
)
async def test_wrong_requests(
    house: House, body: dict[str, Any], status: int, code: str | None, pointer: str | None
) -> None:
    answer = await ask(house, **body)
    assert answer.status_code == status
    if code is not None:
        assert (answer.json()["errors"][0]["code"], answer.json()["errors"][0]["pointer"]) == (code, pointer)


async def test_personal_columns_and_conditions_need_the_scope(house: House) -> None:
    await fill(house)
    key = await factories.create_key(house.sessions, house.account, scopes=["exports:write", "runs:read"])
    async with http_client(house.sessions, key) as api:
        refused = await ask(house, api, fields=["id", "phone"])
        assert (refused.status_code, refused.json()["code"]) == (403, "PERSONAL_SCOPE_NEEDED")
        tree = {"version": 1, "root": {"type": "group", "match": "all", "nodes": [
            {"type": "field", "field": "phone", "operator": "not_empty"}]}}  # fmt: skip
        refused = await ask(house, api, fields=["id"], filter=tree)
        assert refused.status_code == 403, refused.text
        usual = await ask(house, api)
        assert usual.status_code == 202
        assert "phone" not in usual.json()["fields"]
        whole = await ask(house, fields=["phone"])
        await house.work(whole.json()["id"])
        denied = await api.get(f"/api/v1/exports/{whole.json()['id']}/file")
        assert denied.status_code == 403


async def test_a_file_ends(house: House) -> None:
    await fill(house)
    answer = await ask(house, fields=["id"])
    address = f"/api/v1/exports/{answer.json()['id']}"
    waiting = await house.api.get(f"{address}/file")
    assert (waiting.status_code, waiting.json()["code"]) == (409, "EXPORT_NOT_READY")
    await house.work(answer.json()["id"])
    part = await house.api.get(f"{address}/file", headers={"Range": "bytes=0-1"})
    assert (part.status_code, part.content) == (206, b"ID")
    assert (await house.api.get(address)).json()["file"]["url"] == f"{address}/file"
    await house.expire_files()
    gone = await house.api.get(f"{address}/file")
    assert (gone.status_code, gone.json()["code"]) == (410, "FILE_EXPIRED")
    await house.purge_files()
    assert (await house.api.get(f"{address}/file")).status_code == 410
    assert (await house.api.get(address)).json()["file"] is None
    kept = house.folder / "files" / str(house.account.id)
    assert [path.name for path in kept.iterdir()] == []


async def test_a_range_that_is_none_gives_the_whole_file_and_one_behind_the_end_a_problem(
    house: House,
) -> None:
    await fill(house)
    answer = await ask(house, fields=["id"])
    await house.work(answer.json()["id"])
    address = f"/api/v1/exports/{answer.json()['id']}/file"
    for malformed in ("bytes", "bytes=", "bytes=-", "bytes=2-1", "bytes=a-b", "lines=0-1", "bytes=0-0,5-6"):
        whole = await house.api.get(address, headers={"Range": malformed})
        assert whole.status_code == 200, malformed
    for behind in ("bytes=999999-", "bytes=-0"):
        refused = await house.api.get(address, headers={"Range": behind})
        assert (refused.status_code, refused.json()["code"]) == (416, "RANGE_NOT_SATISFIABLE")
        assert refused.headers["content-range"] == f"bytes */{len(whole.content)}"


def test_the_usual_columns_are_known() -> None:
    catalogue = Catalogue()
    assert all(column.name in COLUMNS for column in choose(None, catalogue, personal=True))
    assert not any(column.personal for column in choose(None, catalogue, personal=False))
