"""A filter in a sentence, and the catalogue as front ends read it."""

from decimal import Decimal
from typing import Any

import pytest

from clientbase.filters import Choice, catalogue_rows, check, describe
from clientbase.filters.fields import CLIENT_FIELDS, GROUPS
from tests.filters.samples import CATALOGUE, action, every_node, field, tree


@pytest.mark.parametrize(
    ("raw", "russian", "english"),
    [
        (
            tree(field("city", "in", ["Москва", "Казань"])),
            "Город: одно из «Москва», «Казань».",
            "City is one of “Москва”, “Казань”.",
        ),
        (
            tree(field("city", "in", [str(i) for i in range(7)])),
            "Город: одно из «0», «1», «2», «3», «4» и ещё 2.",
            "City is one of “0”, “1”, “2”, “3”, “4” and 2 more.",
        ),
        (
            tree(field("last_order_at", "before", "now-90d")),
            "Последний заказ: раньше чем 90 дней назад.",
            "Last order is before 90 days ago.",
        ),
        (
            tree(field("birth_date", "between", {"from": "now/d", "to": "now+3d/d"}, ignore_year=True)),
            "День рождения: в период с сегодня по через 3 дня (весь день), без учёта года.",
            "Birth date is in the period from today to in 3 days (the whole day), in any year.",
        ),
        (
            tree(field("revenue", "between", {"from": "100"}), field("gender", "eq", "female"), match="any"),
            "Выручка: в пределах от 100.00 или Пол: равно «женский».",
            "Revenue is within from 100.00 or Gender is “female”.",
        ),
        (
            tree(field("tags", "has_none", ["msk"]), field("consent_marketing", "is_true"), negate=True),
            "Не (Теги: нет ни одного из «Москва» и Согласие на рекламу: да).",
            "Not (Tags has none of “Москва” and Marketing consent is true).",
        ),
        (
            tree(
                field("city", "empty"),
                tree(field("age", "gte", 18), field("age", "lt", 5), match="any")["root"],
            ),
            "Город: не заполнено и (Возраст: не меньше 18 или Возраст: меньше 5).",
            "City is empty and (Age is at least 18 or Age is less than 5).",
        ),
        (
            tree(
                action(
                    "purchase.item",
                    "gte",
                    "5000.00",
                    measure={"function": "sum", "param": "amount"},
                    period={"from": "now-1M/M", "to": "now-1M/M"},
                    where=field("product_group", "in", ["tea"]),
                )
            ),
            "Покупка товара: сумма по «Сумма» не меньше 5000.00, за период прошлый месяц,"
            " где (Группа товара: одно из «tea»).",
            "Purchase of an item: sum of Amount is at least 5000.00,"
            " in the period last month, where (Product group is one of “tea”).",
        ),
        (
            tree(
                field("age", "gte", 18),
                tree(tree(field("city", "empty"), field("age", "lt", 5), match="any")["root"])["root"],
            ),
            "Возраст: не меньше 18 и (Город: не заполнено или Возраст: меньше 5).",
            "Age is at least 18 and (City is empty or Age is less than 5).",
        ),
        (
            tree(
                field("bonus_balance", "between", {"from": 5, "to": 1000.5}),
                field("age", "eq", Decimal("1e1")),
            ),
            "Баланс бонусов: в пределах от 5 до 1000.5 и Возраст: равно 10.",
            "Bonus balance is within from 5 to 1000.5 and Age is 10.",
        ),
        (
            tree(action("visit"), {"type": "segment", "operator": "not_in", "value": ["churned"]}),
            "Визит: количество не меньше 1 и не входит ни в один из сегментов «Ушли».",
            "Visit: count is at least 1 and is in none of the segments “Ушли”.",
        ),
    ],
)
def test_a_filter_is_told(raw: dict[str, Any], russian: str, english: str) -> None:
    checked = check(raw, CATALOGUE)
    assert describe(checked, "ru") == russian
    assert describe(checked, "en-GB") == english


def test_everyone_and_everything_is_told() -> None:
    assert (describe(None, "ru"), describe(None, "en")) == ("Все клиенты.", "All clients.")
    for node in every_node():
        for locale in ("ru", "en"):
            text = describe(check(tree(node), CATALOGUE), locale)
            assert len(text) > 5
            assert "None" not in text


@pytest.mark.parametrize("locale", ["ru", "en"])
def test_the_catalogue_lists_all_that_a_filter_may_name(locale: str) -> None:
    rows = catalogue_rows(CATALOGUE, locale)
    codes = [(row["kind"], row["code"]) for row in rows]
    assert len(codes) == len(set(codes))
    assert {code for kind, code in codes if kind == "field"} >= CLIENT_FIELDS.keys()
    assert {("field", "params.a_number"), ("field", "external_id.crm"), ("action", "webinar")} <= set(codes)
    for row in rows:
        if row["kind"] == "field":
            assert row["label"]
            assert row["group"]["code"] in GROUPS
            assert all(operator["label"] for operator in row["operators"])


def test_a_row_says_what_values_it_takes() -> None:
    rows = {row["code"]: row for row in catalogue_rows(CATALOGUE, "en")}
    city = {operator["code"]: operator["value"] for operator in rows["city"]["operators"]}
    assert city["eq"]["type"] == "string"
    assert (city["in"]["type"], city["in"]["maxItems"]) == ("array", 10_000)
    assert city["empty"] is None
    assert rows["gender"]["choices"] == [
        {"code": "male", "label": "male"},
        {"code": "female", "label": "female"},
    ]
    assert rows["tags"]["choices"][1] == {"code": "msk", "label": "Москва"}
    assert rows["phone"]["personal"]
    assert not rows["city"]["personal"]
    purchase = {param["code"] for param in rows["purchase"]["params"]}
    assert {"amount", "products", "order.a_text", "time"} <= purchase
    item = {param["code"] for param in rows["purchase.item"]["params"]}
    assert {"product_group", "receipt.shop", "receipt.order.a_text"} <= item
    sums = next(measure for measure in rows["purchase"]["measures"] if measure["function"] == "sum")
    assert sums["params"] == ["amount", "discount", "order.a_number"]


def test_own_choices_stand_beside_built_in_ones() -> None:
    assert Choice("male", "мужской", "male").of("ru") == "мужской"
    assert Choice("s", "Маленький").of("en") == "Маленький"
