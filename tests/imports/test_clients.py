"""Files of clients: read as people write them, every row accounted for, repeatable."""

import csv
import io

import pytest

from tests.imports.house import House

RUSSIAN = """Внешний код;Фамилия;Имя;Телефон;Эл. почта;Дата рождения;Пол;Город;Баллы;Рассылка;Комментарий
1;Ёлкина;Анна;8 (916) 123-45-67;ANNA@example.ru;28.02.1990;жен;Королёв;1 234,56;да;любит кофе
2;Иванов;"Пётр; младший";+7 916 000-00-01, 8-916-000-00-02;;1985-12-01;М;Москва;0;нет;
3;Сидоров;Олег;;oleg@example.ru;;;;;;
"""


async def test_a_file_becomes_clients(house: House) -> None:
    made = await house.load(RUSSIAN, source="crm", name="Клиенты.csv")

    assert made["run"]["state"] == "succeeded", made
    assert made["run"]["progress"] == {
        "total": 3, "done": 3, "created": 3, "updated": 0, "skipped": 0, "rejected": 0,
    }  # fmt: skip
    assert made["format"]["encoding"] == "utf-8"
    assert made["format"]["delimiter"] == "semicolon"
    assert made["file"]["name"] == "Клиенты.csv"
    assert [column["field"] for column in made["columns"]] == [
        "external_id", "last_name", "first_name", "phone", "email", "birth_date", "gender", "city",
        "bonus_balance", "consent_marketing", None,
    ]  # fmt: skip
    found = await house.rows(
        "SELECT full_name, birth_date::text, gender, city, stated_bonus_balance::text, consent_marketing,"
        " (SELECT array_agg(value ORDER BY value) FROM client_contacts o"
        "  WHERE (o.account_id, o.client_id) = (c.account_id, c.id))"
        " FROM clients c JOIN client_identities i ON (i.account_id, i.client_id) = (c.account_id, c.id)"
        " WHERE c.account_id = :account_id ORDER BY i.external_id"
    )
    assert found == [
        ("Ёлкина Анна", "1990-02-28", "female", "Королёв", "1234.5600", True,
         ["+79161234567", "anna@example.ru"]),
        ("Иванов Пётр; младший", "1985-12-01", "male", "Москва", "0.0000", False,
         ["+79160000001", "+79160000002"]),
        ("Сидоров Олег", None, None, None, None, None, ["oleg@example.ru"]),
    ]  # fmt: skip


async def test_the_same_file_again_creates_nothing(house: House) -> None:
    first = await house.load(RUSSIAN.replace("Рассылка", "Прочее"), source="crm")
    again = await house.load(RUSSIAN.replace("Рассылка", "Прочее"), source="crm")
    assert first["run"]["progress"]["created"] == 3
    assert again["run"]["progress"] == {
        "total": 3, "done": 3, "created": 0, "updated": 0, "skipped": 3, "rejected": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("encode", "encoding"),
    [
        (lambda text: text.encode("cp1251"), "cp1251"),
        (lambda text: text.encode("utf-8-sig"), "utf-8"),
        (lambda text: text.replace("\n", "\r\n").encode(), "utf-8"),
        (lambda text: ("sep=;\r\n" + text).encode("utf-8-sig"), "utf-8"),
    ],
    ids=["cp1251", "bom", "crlf", "sep"],
)
async def test_encodings_and_line_ends(house: House, encode: object, encoding: str) -> None:
    made = await house.load(encode(RUSSIAN), source="crm")  # type: ignore[operator]
    assert made["format"]["encoding"] == encoding
    assert made["run"]["progress"]["created"] == 3
    names = await house.rows("SELECT last_name FROM clients WHERE account_id = :account_id ORDER BY id")
    assert names == [("Ёлкина",), ("Иванов",), ("Сидоров",)]


async def test_every_rejected_row_is_in_the_file_with_its_line_column_and_code(house: House) -> None:
    content = (
        "Код;Имя;Телефон;Дата рождения;Баллы;Заметка\r\n"
        "1;Анна;+79161234567;01.02.1990;10;ok\r\n"
        "2;Борис;12;01.02.1990;10;phone\r\n"
        "3;Вера;;31.02.1990;10;day\r\n"
        "\r\n"
        '4;"два\r\nряда";7,99912E+10;;1,234;"=HYPERLINK(""x"")"\r\n'
        "5;мало\r\n"
        ";Гость;;;;no key\r\n"
        "6;\0Яна;;;;nul\r\n"
        f"7;{'я' * 40000};;;;long\r\n"
        "8;Юля;;;abc;number\r\n"
        "1;Анна;+79161234567;01.02.1990;10;again\r\n"
    )
    made = await house.load(content, source="crm")
    progress = made["run"]["progress"]
    assert progress == {"total": 10, "done": 10, "created": 1, "updated": 0, "skipped": 1, "rejected": 8}

    rows = list(csv.reader(io.StringIO(await house.rejected(made["id"]), newline=""), delimiter=";"))
    header, *body = rows
    assert header[:5] == ["line", "column", "code", "message", "Код"]
    assert [row[:3] for row in body] == [
        ["3", "Телефон", "PHONE_INVALID"],
        ["4", "Дата рождения", "INVALID_DATE"],
        ["6", "Телефон, Баллы", "AMBIGUOUS_NUMBER, PHONE_DAMAGED_BY_EXCEL"],
        ["8", "", "WRONG_COLUMN_COUNT"],
        ["9", "Код, Телефон", "KEY_MISSING"],
        ["10", "", "NUL_CHARACTER"],
        ["11", "", "CELL_TOO_LONG"],
        ["12", "Баллы", "NOT_A_NUMBER"],
    ]
    assert body[2][4:] == ["4", "два\r\nряда", "7,99912E+10", "", "1,234", '\'=HYPERLINK("x")']


@pytest.mark.parametrize(
    ("content", "query", "code"),
    [
        ("", {}, "NO_ROWS"),
        ("Имя;Телефон\n", {}, None),
        ("Имя;Город\nАнна;Москва\n", {}, "COLUMN_MISSING"),
        ("Телефон;Имя;Имя\n1;2;3\n", {}, "DUPLICATE_HEADER"),
        ("Фамилия;Surname;Телефон\n1;2;3\n", {}, "FIELD_MAPPED_TWICE"),
        ("Код;Имя\n1;Анна\n", {}, "SOURCE_MISSING"),
        ("Анна;+79161234567\nОлег;+79161234568\n", {}, "HEADER_MISSING"),
        ('Телефон;"Имя\n1;2\n', {}, "UNCLOSED_QUOTE"),
        (";".join(f"c{n}" for n in range(501)) + "\n", {}, "TOO_MANY_COLUMNS"),
        ("Телефон;Имя\n1;2\n", {"mapping": '{"Тел": "phone"}'}, "UNKNOWN_HEADER"),
        ("Телефон;Имя\n1;2\n", {"mapping": '{"Имя": "account_id"}'}, "UNKNOWN_FIELD"),
        ("Телефон;Имя\n1;2\n", {"mapping": '["phone"]'}, "WRONG_COLUMN_COUNT"),
        ("Телефон;Имя\n1;2\n", {"mapping": "{"}, "INVALID_JSON"),
        ("Телефон;Имя\n1;2\n", {"mapping": "1"}, "WRONG_TYPE"),
        ("Телефон;Имя\n1;2\n".encode("utf-16"), {}, "UNSUPPORTED_ENCODING"),
        ("Телефон;Имя\r1;2\r", {}, "UNSUPPORTED_LINE_ENDS"),
        ("Телефон;И\0мя\n1;2\n", {}, "NUL_CHARACTER"),
        ("Телефон;Имя\n1;2\n".encode("cp1251").replace(b";", b"\x98;", 1), {}, "ENCODING_BROKEN"),
        ("Телефон;Имя\n1;2\n".encode().replace(b";", b"\xff;", 1), {"encoding": "utf-8"}, "ENCODING_BROKEN"),
        ("ID;Телефон\n1;2\n", {}, "SOURCE_MISSING"),
        ("client_id;Телефон\n1;2\n", {}, "SOURCE_MISSING"),
        ("ID клиента;Телефон\n1;2\n", {}, "SOURCE_MISSING"),
    ],
)
async def test_a_wrong_header_is_answered_at_once(
    house: House, content: str | bytes, query: dict[str, str], code: str | None
) -> None:
    answer = await house.send(content, **query)
    if code is None:
        run = await house.work(answer.json()["id"])
        assert (run["state"], run["error"]["code"]) == ("failed", "NO_ROWS")
        return
    assert answer.status_code == 422, answer.text
    problem = answer.json()
    assert code in {problem["code"], *(item["code"] for item in problem["errors"])}
    assert not any(path.is_file() for path in (house.folder / "files").rglob("*"))


async def test_an_unclosed_quote_stops_the_import_before_anything_is_written(house: House) -> None:
    body = "".join(f"7916{n:07};Имя {n}\n" for n in range(3000))
    content = "Телефон;Имя\n" + body + '79990000000;"Анна\n' + body
    run = await house.work((await house.send(content)).json()["id"])
    assert (run["state"], run["error"]["code"]) == ("failed", "UNCLOSED_QUOTE")
    assert "3002" in run["error"]["detail"]
    assert await house.rows("SELECT id FROM clients WHERE account_id = :account_id") == []


async def test_a_mere_id_is_that_of_the_source(house: House) -> None:
    await house.load("Телефон;Имя\n+79161234567;Анна\n")
    (ours,) = (await house.rows("SELECT id FROM clients WHERE account_id = :account_id"))[0]
    for header, field in (("ID", "external_id"), ("ид", "external_id"), ("Clientbase ID", "id")):
        made = await house.load(f"{header};Имя\n{ours};Мария {header}\n", source="crm")
        assert made["columns"][0]["field"] == field
    made = await house.load(f"x;Имя\n{ours};Яна\n", mapping='{"x": "id"}')
    assert made["run"]["progress"]["updated"] == 1
    names = await house.rows("SELECT first_name FROM clients WHERE account_id = :account_id ORDER BY id")
    assert names == [("Яна",), ("Мария ид",)]


async def test_columns_go_where_the_request_says(house: House) -> None:
    content = "a,b,c,d\n+79161234567,Анна,x,y\n"
    made = await house.load(content, mapping='{"a": "phone", "b": "first_name", "c": null}')
    assert [column["field"] for column in made["columns"]] == ["phone", "first_name", None, None]
    assert made["run"]["progress"]["created"] == 1
    made = await house.load(
        "Имя,Имя,Телефон\nАнна,Лапина,89161234567\n", mapping='["first_name", "last_name", "phone"]'
    )
    assert made["run"]["progress"]["updated"] == 1
    assert await house.rows("SELECT full_name FROM clients WHERE account_id = :account_id") == [
        ("Лапина Анна",)
    ]


async def test_what_is_there_can_be_left_alone_and_blanks_can_clear(house: House) -> None:
    await house.load("Телефон;Город;Имя\n+79161234567;Тверь;Анна\n")
    kept = await house.load("Телефон;Город;Имя\n+79161234567;Омск;\n+79161234568;Омск;\n", on_existing="skip")
    assert kept["run"]["progress"]["skipped"] == 1
    assert kept["run"]["progress"]["created"] == 1
    query = "SELECT city, first_name FROM clients WHERE account_id = :account_id ORDER BY id LIMIT 1"
    assert await house.rows(query) == [("Тверь", "Анна")]
    await house.load("Телефон;Город;Имя\n+79161234567;Омск;\n")
    assert await house.rows(query) == [("Омск", "Анна")]
    await house.load("Телефон;Город;Имя\n+79161234567;Омск;\n", blank="clear")
    assert await house.rows(query) == [("Омск", None)]
