"""Canonical leaves: what asks the same is the same leaf; complements share one; equal shapes, equal SQL."""

from dataclasses import replace
from typing import Any

import pytest
from pyroaring import BitMap64
from sqlalchemy.dialects.postgresql import asyncpg

from clientbase.filters import Catalogue, Plan, check, combine, compile_leaf, plan
from clientbase.filters.expressions import Const, LeafRef, Not
from tests.filters.samples import CATALOGUE, MOMENT, action, field, tree

Node = dict[str, Any]


def planned(raw: Node, catalogue: Catalogue = CATALOGUE) -> Plan:
    return plan(check(raw, catalogue), catalogue)


def key(node: Node, catalogue: Catalogue = CATALOGUE) -> str:
    (only,) = planned(tree(node), catalogue).leaves
    return only


def where(*nodes: Node, match: str = "all", negate: bool = False) -> Node:
    return action("purchase", where=tree(*nodes, match=match, negate=negate)["root"])


A, B = field("shop", "eq", "a"), field("manager", "eq", "b")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (field("city", "in", ["Москва", "Казань"]), field("city", "in", [" казань", "МОСКВА", "москва"])),
        (field("city", "eq", "Ёлка"), field("city", "in", ["елка"])),
        (field("phone", "eq", "8 (916) 123-45-67"), field("phone", "eq", "+7 916 123 45 67")),
        (field("revenue", "gte", "5"), field("revenue", "between", {"from": "5.00"})),
        (field("orders_count", "gt", 3), field("orders_count", "gte", 4)),
        (field("orders_count", "between", {"from": -5, "to": 3}), field("orders_count", "lte", 3)),
        (action("purchase"), action("purchase", "gte", 1)),
        (action("purchase"), action("purchase", "gt", 0, measure={"function": "count"})),
        (where(A, B), where(B, A, A)),
        (where(A, B), where(tree(A, B)["root"])),
        (where(A, B, negate=True), where(field("shop", "ne", "a"), field("manager", "ne", "b"), match="any")),
        (where(field("amount", "eq", "5")), where(field("amount", "in", ["5.00", "5"]))),
        (field("created_at", "after", "now-3d"), field("created_at", "after", "now-03d")),
    ],
)
def test_what_asks_the_same_is_one_leaf(one: Node, other: Node) -> None:
    assert key(one) == key(other)


@pytest.mark.parametrize(
    ("positive", "negative"),
    [
        (field("city", "eq", "x"), field("city", "ne", "x")),
        (field("city", "in", ["x"]), field("city", "not_in", ["x"])),
        (field("city", "contains", "x"), field("city", "not_contains", "x")),
        (field("city", "not_empty"), field("city", "empty")),
        (field("tags", "has_any", ["vip"]), field("tags", "has_none", ["vip"])),
        (field("created_at", "eq", "now/d"), field("created_at", "ne", "now/d")),
        (field("revenue", "gt", "5"), field("revenue", "lte", "5")),
        (field("revenue", "lt", "-5"), field("revenue", "gte", "-5")),
        (field("orders_count", "gte", 4), field("orders_count", "lte", 3)),
        (field("visits_count", "gte", 1), field("visits_count", "eq", 0)),
        (field("visits_count", "gte", 1), field("visits_count", "in", [0])),
        (field("orders_count", "ne", 0), field("orders_count", "eq", 0)),
        (action("purchase", "gte", 1), action("purchase", "eq", 0)),
        (action("purchase", "gte", 4), action("purchase", "lt", 4)),
        (action("purchase", "ne", 0), action("purchase", "lt", 1)),
    ],
)
def test_complements_share_a_leaf_that_nobody_without_rows_satisfies(positive: Node, negative: Node) -> None:
    (name,) = planned(tree(positive)).leaves
    assert planned(tree(positive)).root == LeafRef(name)
    assert planned(tree(negative)).root == Not(LeafRef(name))


@pytest.mark.parametrize(
    ("node", "everyone"),
    [
        (field("orders_count", "not_empty"), True),
        (field("orders_count", "empty"), False),
        (field("orders_count", "gte", 0), True),
        (field("orders_count", "lt", 0), None),
        (action("purchase", "not_empty"), True),
        (action("purchase", "empty"), False),
        (action("purchase", "gte", 0), True),
    ],
)
def test_what_is_sure_needs_no_leaf(node: Node, everyone: bool | None) -> None:
    what = planned(tree(node))
    if everyone is not None:
        assert what.root == Const(everyone)
        assert not what.leaves


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (field("city", "eq", "x"), field("region", "eq", "x")),
        (field("city", "eq", "x"), field("city", "starts_with", "x")),
        (field("external_id", "eq", "x"), field("external_id.crm", "eq", "x")),
        (field("external_id.crm", "eq", "x"), field("external_id.shop", "eq", "x")),
        (field("created_at", "after", "now"), field("created_at", "after", "now/d")),
        (action("purchase"), action("order.created")),
        (action("visit"), action("call")),
        (where(A, B), where(A, B, match="any")),
        (action("purchase", period={"from": "now-30d"}), action("purchase", period={"to": "now-30d"})),
    ],
)
def test_what_asks_differently_is_another_leaf(one: Node, other: Node) -> None:
    assert key(one) != key(other)


def test_a_key_holds_ids_of_params_and_the_zone_where_it_matters() -> None:
    text = field("params.a_text", "eq", "x")
    again = CATALOGUE.client_params["a_text"]
    readded = replace(CATALOGUE, client_params={"a_text": replace(again, id=999)})
    assert key(text) != key(text, readded)
    elsewhere = replace(CATALOGUE, time_zone="Asia/Kathmandu")
    assert key(text) == key(text, elsewhere)
    for node in (field("age", "gte", 18), action("visit", period={"from": "now-1d/d"})):
        assert key(node) != key(node, elsewhere)


def sql(node: Node) -> list[str]:
    leaves = planned(tree(node)).leaves.values()
    return [str(compile_leaf(leaf, 1, MOMENT).compile(dialect=asyncpg.dialect())) for leaf in leaves]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (field("city", "in", ["a"]), field("city", "in", [f"city {i}" for i in range(5_000)])),
        (field("city", "contains", "%"), field("city", "contains", "'; DROP TABLE clients; --")),
        (
            field("revenue", "between", {"from": "1", "to": "2"}),
            field("revenue", "between", {"from": "3", "to": "9"}),
        ),
        (
            field("birth_date", "eq", "02-29", ignore_year=True),
            field("birth_date", "eq", "now/M", ignore_year=True),
        ),
        (field("created_at", "after", "now-3d"), field("created_at", "after", "2026-09-28")),
        (field("tags", "has_all", ["vip"]), field("tags", "has_all", ["vip", "msk"])),
        (field("client_since_days", "in", [1]), field("client_since_days", "in", [1, 2, 3])),
        (field("average_check", "in", ["1"]), field("average_check", "in", ["1", "2.5"])),
        (action("visit", where=field("city", "eq", "a")), action("call", where=field("status", "eq", "b"))),
        (where(field("products", "has_all", ["a"])), where(field("products", "has_all", ["a", "b"]))),
        (where(field("order.a_text", "ne", "a")), where(field("order.a_text", "ne", "b"))),
    ],
)
def test_equal_shapes_are_equal_sql(one: Node, other: Node) -> None:
    assert sql(one) == sql(other)


def test_values_never_stand_in_the_text_of_sql() -> None:
    marks = "m4rk"
    node = action(
        "webinar",
        where=tree(field("a_text", "contains", marks), field("a_reference", "in", [marks]), match="any")[
            "root"
        ],
    )
    assert all(marks not in text for text in [*sql(node), *sql(field("extra_key_1", "starts_with", marks))])


def test_bitmaps_combine_within_the_universe() -> None:
    raw = tree(
        field("city", "eq", "a"),
        field("region", "ne", "b"),
        {"type": "segment", "operator": "not_in", "value": ["churned", "birthday"]},
    )
    what = planned(raw)
    city, region = (
        next(name for name in what.leaves if name.startswith(code)) for code in ("city", "region")
    )
    leaves = {city: BitMap64([1, 2, 3, 4, 99]), region: BitMap64([2])}
    segments = {3: BitMap64([3]), 4: BitMap64([77])}
    universe = BitMap64([1, 2, 3, 4, 5])
    assert set(combine(what, leaves, segments, universe)) == {1, 4}
    negated = planned(tree(raw["root"], negate=True))
    assert set(combine(negated, leaves, segments, universe)) == {2, 3, 5}
    assert combine(plan(None, CATALOGUE), {}, {}, universe) == universe
    assert set(leaves[city]) == {1, 2, 3, 4, 99}
