"""Filters over a small base in PostgreSQL: who is a member, rule by rule."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection

from clientbase.filters import Moment, check, compile_leaf, plan
from tests.filters.base import SmallBase, day
from tests.filters.samples import CATALOGUE, MOMENT, action, every_way, field, tree


@pytest.fixture
async def base(connection: AsyncConnection) -> SmallBase:
    return await SmallBase(connection).begin()


async def test_every_shape_of_every_leaf_is_sql_that_runs(base: SmallBase) -> None:
    seen: dict[str, Any] = {}
    for node in every_way():
        for leaf in plan(check(tree(node), CATALOGUE), CATALOGUE).leaves.values():
            select = compile_leaf(leaf, 1, MOMENT)
            seen.setdefault(str(select.compile(dialect=asyncpg.dialect())), select)
    assert len(seen) > 250
    await base.connection.execute(text("SET LOCAL enable_hashagg = off"))
    for select in seen.values():
        assert await base.ids(select) == []


async def test_text_compares_folded_and_every_sign_is_plain(base: SmallBase) -> None:
    for id_, city in enumerate(["Орёл", "ОРЕЛ-2", "100%", "1000", r"a\b", "Straße", None], start=1):
        await base.client(id_, city=city)
    cases = {
        ("eq", "орел"): {1},
        ("ne", "орел"): {2, 3, 4, 5, 6, 7},
        ("contains", "ОРЁЛ"): {1, 2},
        ("not_contains", "орел"): {3, 4, 5, 6, 7},
        ("contains", "%"): {3},
        ("starts_with", "100"): {3, 4},
        ("ends_with", "0%"): {3},
        ("contains", "_"): set(),
        ("contains", "\\"): {5},
        ("eq", "\u00a0STRASSE "): {6},
    }
    for (operator, value), expected in cases.items():
        assert await base.members(tree(field("city", operator, value))) == expected, (operator, value)
    assert await base.members(tree(field("city", "empty"))) == {7}
    assert await base.members(tree(field("city", "not_in", ["100%", "орел"]))) == {2, 4, 5, 6, 7}


async def test_several_values_are_met_by_any_and_missed_by_all(base: SmallBase) -> None:
    for id_ in (1, 2, 3):
        await base.client(id_)
    await base.phone(1, "8 916 123-45-67", verified=False)
    await base.phone(1, "+49 30 123456")
    await base.phone(2, "+7 495 916 00 00", verified=True)
    await base.phone(2, "+7 495 916 00 01", verified=False)
    cases = [
        (field("phone", "eq", "(916) 123 45 67"), {1}),
        (field("phone", "ne", "89161234567"), {2, 3}),
        (field("phone", "eq", "not quite 5"), set()),
        (field("phone", "starts_with", "8916"), {1}),
        (field("phone", "starts_with", "7916"), {1}),
        (field("phone", "starts_with", "916"), {1}),
        (field("phone", "contains", "916"), {1, 2}),
        (field("phone", "ends_with", "45-67"), {1}),
        (field("phone", "not_contains", "49"), {3}),
        (field("phone", "empty"), {3}),
        (field("phone_verified", "is_true"), {2}),
        (field("phone_verified", "is_false"), {1}),
        (field("phone_verified", "empty"), {3}),
    ]
    for node, expected in cases:
        assert await base.members(tree(node)) == expected, node


async def test_identities_are_judged_within_their_source(base: SmallBase) -> None:
    for id_ in (1, 2):
        await base.client(id_)
    await base.identity(1, "crm", "A-1")
    await base.identity(1, "shop", "B-2")
    await base.email(2, "Anna@Example.org")
    assert await base.members(tree(field("external_id", "eq", "b-2"))) == {1}
    assert await base.members(tree(field("external_id.crm", "eq", "b-2"))) == set()
    assert await base.members(tree(field("external_id.crm", "empty"))) == {2}
    assert await base.members(tree(field("external_id.other", "empty"))) == {1, 2}
    assert await base.members(tree(field("email", "in", [" ANNA@example.ORG"]))) == {2}


async def test_numbers_and_zeros(base: SmallBase) -> None:
    await base.client(1)
    await base.client(2, stats={"revenue": 1000, "sales_count": 3, "orders_count": 4}, stated_bonus_balance=5)
    await base.client(3, stats={"revenue": -50, "sales_count": 1, "bonus_balance": Decimal("0.5")})
    await base.param(2, "a_number", number=Decimal("0.1"))
    await base.visits(2, visits_count=2)
    cases = [
        (field("revenue", "gte", "0"), {1, 2}),
        (field("revenue", "between", {"from": "-0.50", "to": "9.99"}), {1, 3}),
        (field("revenue", "not_in", ["0"]), {2, 3}),
        (field("orders_count", "lt", 4), {1, 3}),
        (field("visits_count", "eq", 0), {1, 3}),
        (field("visits_count", "in", [0, 2]), {1, 2, 3}),
        (field("visits_count", "empty"), set()),
        (field("bonus_balance", "eq", 0), {1}),
        (field("bonus_balance", "gte", 0.5), {2, 3}),
        (field("average_check", "eq", "3.33"), set()),
        (field("average_check", "gt", "3.33"), {2}),
        (field("average_check", "lt", "3.34"), {2, 3}),
        (field("average_check", "in", ["-0.50", "3.33", "3.34"]), {3}),
        (field("average_check", "not_in", ["-0.50"]), {1, 2}),
        (field("average_check", "empty"), {1}),
        (field("params.a_number", "eq", 0.1), {2}),
        (field("params.a_number", "lte", 5), {2}),
        (field("params.a_number", "ne", 0.1), {1, 3}),
    ]
    for node, expected in cases:
        assert await base.members(tree(node)) == expected, node


async def test_tags_and_sets(base: SmallBase) -> None:
    for id_ in (1, 2, 3):
        await base.client(id_)
    await base.tag(1, 7)
    await base.tag(2, 7, 8)
    await base.visits(2, visit_cities=["Орёл", "Тула"])
    await base.visits(3)
    cases = [
        (field("tags", "has_any", ["vip", "msk"]), {1, 2}),
        (field("tags", "has_all", ["vip", "msk", "vip"]), {2}),
        (field("tags", "has_none", ["msk"]), {1, 3}),
        (field("tags", "empty"), {3}),
        (field("visit_cities", "has_all", ["ОРЕЛ", "тула"]), {2}),
        (field("visit_cities", "has_none", ["тула"]), {1, 3}),
        (field("visit_cities", "empty"), {1, 3}),
        ({"type": "segment", "operator": "in", "value": ["churned", "birthday"]}, {1, 2}),
        ({"type": "segment", "operator": "not_in", "value": ["churned"]}, {2, 3}),
    ]
    for node, expected in cases:
        assert await base.members(tree(node)) == expected, node


async def test_dates_ages_and_days(base: SmallBase) -> None:
    await base.client(1, birth_date=date(1996, 9, 28), stats={"first_purchase_at": day(27, 20)})
    await base.client(2, birth_date=date(1996, 9, 29), stats={"first_purchase_at": day(27, 21)})
    await base.client(3, birth_date=date(2000, 2, 29), consent_marketing=False)
    await base.client(4)
    now = field("birth_date", "eq", "now/d", ignore_year=True)
    cases = [
        (now, {1}),
        (field("birth_date", "ne", "now/d", ignore_year=True), {2, 3, 4}),
        (field("birth_date", "between", {"from": "now/d", "to": "now+3d/d"}, ignore_year=True), {1, 2}),
        (field("birth_date", "eq", "02-28", ignore_year=True), {3}),
        (field("birth_date", "between", {"from": "12-02", "to": "03-01"}, ignore_year=True), {3}),
        (field("birth_date", "before", "1996-09-29"), {1}),
        (field("birth_date", "after", "1996-09-28"), {2, 3}),
        (field("age", "eq", 30), {1}),
        (field("age", "lt", 30), {2, 3}),
        (field("age", "empty"), {4}),
        (field("client_since_days", "eq", 1), {1}),
        (field("client_since_days", "in", [0]), {2}),
        (field("client_since_days", "in", [0, 1]), {1, 2}),
        (field("client_since_days", "in", [1, 3, 10**13, -(10**13)]), {1}),
        (field("client_since_days", "not_in", [0]), {1, 3, 4}),
        (field("client_since_days", "between", {"from": 0, "to": 1}), {1, 2}),
        (field("client_since_days", "gt", 10**13), set()),
        (field("client_since_days", "empty"), {3, 4}),
        (field("first_purchase_at", "eq", "now/d"), {2}),
        (field("first_purchase_at", "ne", "now-1d/d"), {2, 3, 4}),
        (field("first_purchase_at", "eq", "09-27", ignore_year=True), {1}),
        (field("consent_marketing", "is_true"), set()),
        (field("consent_marketing", "is_false"), {3}),
        (field("consent_marketing", "empty"), {1, 2, 4}),
    ]
    for node, expected in cases:
        assert await base.members(tree(node)) == expected, node
    feb = Moment(datetime(2026, 2, 28, 9, tzinfo=UTC), ZoneInfo("Europe/Moscow"))
    assert await base.members(tree(field("age", "eq", 26)), moment=feb) == {3}
    assert await base.members(tree(now), moment=feb) == {3}


async def test_purchases_and_their_lines(base: SmallBase) -> None:
    await base.products()
    for id_ in (1, 2, 3, 4):
        await base.client(id_)
    await base.order(10, 1, bought=day(10), total=1000, shop="a", number="№ 5", number_folded="№ 5",
                     lines=[(1, 1, 700), (3, 2, 300)])  # fmt: skip
    await base.order(11, 1, bought=day(20), total=501, lines=[(2, 1, 501)])
    await base.order(12, 2, bought=day(20), total=1501, lines=[(None, 1, 1501)])
    await base.order(13, 3, total=9900, lines=[(1, 1, 9900)])
    await base.order_param(10, 1, "a_choice", text="xl", folded="xl")
    amount = {"param": "amount"}

    def bought(where: Any = None, **more: Any) -> Any:
        return action("purchase", where=where, **more)

    cases = [
        (action("purchase"), {1, 2}),
        (action("purchase", "eq", 0), {3, 4}),
        (action("purchase", "lte", 1), {2, 3, 4}),
        (action("order.created"), {1, 2, 3}),
        (action("purchase", period={"from": "2026-09-11"}), {1, 2}),
        (action("purchase", "gte", 2, period={"from": "2026-09-11"}), set()),
        (action("purchase", "gte", "15.01", measure={"function": "sum"} | amount), {1, 2}),
        (action("purchase", "lt", "15.01", measure={"function": "sum"} | amount), {3, 4}),
        (action("purchase", "eq", "7.50", measure={"function": "avg"} | amount), set()),
        (action("purchase", "between", {"from": "7.50", "to": "7.51"}, measure={"function": "avg"} | amount),
         {1}),
        (action("purchase", "empty", measure={"function": "avg"} | amount), {3, 4}),
        (action("purchase", "lt", "6", measure={"function": "min"} | amount), {1}),
        (action("purchase", "before", "2026-09-11", measure={"function": "min", "param": "time"}), {1}),
        (action("purchase", "gte", 2, measure={"function": "count_distinct", "param": "product_groups"}),
         {1}),
        (action("purchase", "eq", 0, measure={"function": "count_distinct", "param": "products"}), {2, 3, 4}),
        (bought(field("shop", "ne", "a")), {1, 2}),
        (bought(field("shop", "eq", "a")), {1}),
        (bought(field("number", "starts_with", "№")), {1}),
        (bought(field("products", "has_all", ["green", "misc"])), {1}),
        (bought(field("products", "has_all", ["green", "cola"])), set()),
        (bought(field("products", "has_none", ["green"])), {1, 2}),
        (bought(field("products", "empty")), {2}),
        (bought(field("product_groups", "has_all", ["drinks", "tea"])), {1}),
        (bought(field("product_groups", "has_any", ["drinks"]), operator="gte", value=2), {1}),
        (bought(field("order.a_choice", "eq", "xl")), {1}),
        (bought(field("order.a_choice", "ne", "xl")), {1, 2}),
        (bought(tree(field("shop", "eq", "a"), field("amount", "lt", "9"))["root"]), set()),
        (bought(tree(field("shop", "eq", "a"), field("amount", "lt", "9"), match="any")["root"]), {1}),
        (bought(tree(field("shop", "eq", "a"), field("amount", "lt", "9"), match="any", negate=True)["root"]),
         {2}),
        (action("purchase.item", where=field("product_group", "eq", "drinks"), operator="eq", value=2), {1}),
        (action("purchase.item", where=field("product_group", "ne", "tea")), {1, 2}),
        (action("purchase.item", where=field("product_group", "empty")), {1, 2}),
        (action("purchase.item", where=field("product", "empty")), {2}),
        (action("purchase.item", "eq", 2, measure={"function": "count_distinct", "param": "product_group"}),
         {1}),
        (action("purchase.item", "eq", 4, measure={"function": "sum", "param": "quantity"}), {1}),
        (action("purchase.item", where=field("receipt.order.a_choice", "eq", "xl"), operator="eq", value=2),
         {1}),
        (action("purchase.item", "eq", 2, where=field("receipt.products", "has_any", ["misc"])), {1}),
    ]  # fmt: skip
    for node, expected in cases:
        node = {name: value for name, value in node.items() if value is not None}
        assert await base.members(tree(node)) == expected, node


async def test_moves_of_orders_and_refunds(base: SmallBase) -> None:
    for id_ in (1, 2, 3):
        await base.client(id_)
    await base.order(10, 1, total=500, shop="a")
    await base.order(11, 2, total=700, bought=day(5))
    await base.status(10, 1, day(1), None, "new")
    await base.status(10, 1, day(3), "new", "cancelled")
    await base.status(11, 2, day(1), None, "cancelled")
    await base.status(11, 2, day(5), "cancelled", "done")
    await base.refund(11, 2, 100, day(9))
    cases = [
        (action("order.status_changed"), {1, 2}),
        (action("order.status_changed", where=field("from_status", "eq", "new")), {1}),
        (action("order.status_changed", where=field("status_group", "eq", "done")), {2}),
        (action("order.status_changed", where=field("amount", "gte", "7")), {2}),
        (action("purchase.failed"), {1, 2}),
        (action("purchase.failed", where=field("shop", "eq", "a")), {1}),
        (action("purchase.failed", period={"from": "2026-09-02"}), {1}),
        (action("refund", where=field("amount", "eq", "1")), {2}),
        (action("refund", "eq", 0), {1, 3}),
    ]
    for node, expected in cases:
        assert await base.members(tree(node)) == expected, node


async def test_actions_with_free_params(base: SmallBase) -> None:
    for id_ in (1, 2, 3):
        await base.client(id_)
    await base.action(1, 1, day(1), reference="ads", params={"utm_source": "Ёлки", "city": "тула"})
    await base.action(1, 1, day(2), params={"utm_source": "ЕЛКИ"})
    await base.action(2, 1, day(2), reference="seo")
    await base.action(2, 1000, day(2), amount=Decimal("10.50"), reference="xl",
                      params={"a_number": "2.5", "a_date": "2026-09-28", "a_boolean": True,
                              "a_datetime": "2026-09-28T20:59:59.999999+00:00"})  # fmt: skip
    await base.action(3, 30, day(3), reference="3")

    def webinar(*args: Any) -> Any:
        return action("webinar", where=field(*args))

    cases = [
        (action("visit", where=field("utm_source", "eq", "елки"), operator="eq", value=2), {1}),
        (action("visit", "eq", 1, measure={"function": "count_distinct", "param": "utm_source"}), {1}),
        (action("visit", where=field("utm_source", "empty")), {2}),
        (action("visit", where=field("utm_source", "ne", "елки")), {2}),
        (action("visit", where=field("city", "ne", "тула")), {1, 2}),
        (action("visit", where=field("ad_channel", "in", ["ads", "seo"])), {1, 2}),
        (webinar("a_money", "eq", "10.50"), {2}),
        (webinar("a_choice", "eq", "xl"), {2}),
        (webinar("a_number", "gt", 2.4), {2}),
        (webinar("a_date", "eq", "now/d"), {2}),
        (webinar("a_datetime", "eq", "now/d"), {2}),
        (webinar("a_boolean", "is_true"), {2}),
        (webinar("a_boolean", "is_false"), set()),
        (webinar("a_text", "empty"), {2}),
        (action("webinar", "gte", "10.5", measure={"function": "max", "param": "a_money"}), {2}),
        (action("segment.entered", where=field("segment", "in", ["churned"])), {3}),
        (action("segment.entered", where=field("segment", "in", ["birthday"])), set()),
    ]
    for node, expected in cases:
        assert await base.members(tree(node)) == expected, node


async def test_another_account_is_never_seen(base: SmallBase) -> None:
    await base.client(1, city="a")
    await base.order(10, 1, bought=day(1))
    for node in (field("city", "eq", "a"), action("purchase")):
        what = plan(check(tree(node), CATALOGUE), CATALOGUE)
        for leaf in what.leaves.values():
            assert await base.ids(compile_leaf(leaf, 78, MOMENT)) == []
