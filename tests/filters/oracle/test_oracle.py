"""Trees, numbers, sets and actions, worked out by hand."""

from dataclasses import replace
from decimal import Decimal

import pytest

from .build import NOW, action, at, client, did, field, found, holds, line, match, measure, order, world
from .evaluate import members
from .world import ParamDef, Refund, Segment

D1, D2, D3, D4 = (f"2026-09-0{day}T10:00:00" for day in (1, 2, 3, 4))


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("eq", 7.5, True),
        ("ne", 7.5, False),
        ("lt", 7.5, False),
        ("lte", 7.5, True),
        ("gt", 7.4999, True),
        ("gte", 7.5001, False),
        ("between", {"from": 7.5, "to": 7.5}, True),
        ("between", {"from": 8}, False),
        ("between", {"to": 8}, True),
        ("not_between", {"to": 8}, False),
        ("in", [1, 7.5], True),
        ("not_in", [1, 7.5], False),
    ],
)
def test_numbers(operator, value, expected):
    base = world(client(discount_percent=Decimal("7.5000")))
    assert holds(base, field("discount_percent", operator, value)) is expected


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("eq", 0, False),
        ("lt", 1, False),
        ("between", {"to": 5}, False),
        ("in", [0], False),
        ("ne", 0, True),
        ("not_in", [0], True),
        ("not_between", {"to": 5}, True),
    ],
)
def test_a_missing_number_matches_only_negatives(operator, value, expected):
    assert holds(world(), field("discount_percent", operator, value)) is expected
    assert holds(world(), field("discount_percent", "empty"))


def test_a_zero_is_not_empty():
    assert holds(world(client(discount_percent=Decimal(0))), field("discount_percent", "not_empty"))


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("has_any", ["vip", "x"], True),
        ("has_any", ["x"], False),
        ("has_all", ["vip", "msk"], True),
        ("has_all", ["vip", "x"], False),
        ("has_none", ["x"], True),
        ("has_none", ["vip", "x"], False),
        ("has_any", ["VIP"], False),
    ],
)
def test_sets(operator, value, expected):
    base = world(client(tags=frozenset({"vip", "msk"})))
    assert holds(base, field("tags", operator, value)) is expected


def test_an_empty_set():
    assert holds(world(), field("tags", "empty"))
    assert holds(world(), field("tags", "has_none", ["vip"]))
    assert not holds(world(), field("tags", "has_all", ["vip"]))


def test_codes_compare_as_they_stand():
    base = world(client(shop="S1", gender="male"))
    assert holds(base, field("shop", "eq", "S1"))
    assert not holds(base, field("shop", "eq", "s1"))
    assert holds(base, field("shop", "not_in", ["s1"]))
    assert holds(base, field("gender", "in", ["male", "female"]))
    assert holds(base, field("manager", "ne", "any"))


def test_groups_and_negation():
    base = world(client(1, city="a"), client(2, city="b"), client(3))
    a, b = field("city", "eq", "a"), field("city", "eq", "b")
    assert found(base, match("any", a, b)) == {1, 2}
    assert found(base, match("all", a, b)) == set()
    assert found(base, match("any", a, b, negate=True)) == {3}
    assert found(base, match("all", match("any", a, negate=True), match("any", b, negate=True))) == {3}
    assert members(base, None, NOW) == {1, 2, 3}


def test_segments_are_their_stored_members():
    base = world(
        client(1), client(2), client(3),
        segments={code: Segment(code, frozenset(ids)) for code, ids in (("x", {1}), ("y", {2}))},
    )  # fmt: skip
    leaf = {"type": "segment", "operator": "in", "value": ["x", "y"]}
    assert found(base, leaf) == {1, 2}
    assert found(base, leaf | {"operator": "not_in"}) == {3}


RECEIPTS = (
    order(1, (D1, "new"), (D2, "done"), total="100", shop="S1", number="Ё-1", params={"gift": True},
          lines=(line("p", "2", "80"), line("loose", "1", "20"))),
    order(2, (D3, "done"), total="300", shop="S2", lines=(line("q", "1", "300"), line("unknown", "1", "0"))),
    order(3, (D1, "packing"), total="5000", lines=(line("p", "9", "5000"),)),
)  # fmt: skip
SHOP = world(orders=RECEIPTS)


@pytest.mark.parametrize(
    ("leaf", "expected"),
    [
        (did("purchase"), True),
        (did("purchase", operator="eq", value=2), True),
        (did("purchase", field("shop", "eq", "S1"), operator="eq", value=1), True),
        (did("purchase", field("number", "eq", "е-1")), True),
        (did("purchase", field("amount", "gt", "300")), False),
        (did("purchase", field("products", "has_all", ["p", "loose"]), operator="eq", value=1), True),
        (did("purchase", field("products", "has_all", ["p", "q"])), False),
        (did("purchase", field("product_groups", "has_any", ["tea"]), operator="eq", value=1), True),
        (did("purchase", field("product_groups", "has_any", ["food"]), operator="eq", value=2), True),
        (did("purchase", field("product_groups", "has_none", ["green"]), operator="eq", value=1), True),
        (did("purchase.item", operator="eq", value=4), True),
        (did("purchase.item", field("product_group", "eq", "food"), operator="eq", value=2), True),
        (did("purchase.item", field("product_group", "in", ["tea", "cups"]), operator="eq", value=1), True),
        (did("purchase.item", field("product_group", "ne", "food"), operator="eq", value=2), True),
        (did("purchase.item", field("product_group", "empty"), operator="eq", value=2), True),
        (did("purchase.item", field("receipt.shop", "eq", "S2"), operator="eq", value=2), True),
        (did("purchase.item", field("receipt.products", "has_any", ["p"]), operator="eq", value=2), True),
        (did("purchase.item", field("price", "empty"), operator="eq", value=4), True),
        (did("order.created", operator="eq", value=3), True),
        (did("order.created", field("time", "eq", "2026-09-01"), operator="eq", value=2), True),
        (did("order.status_changed", operator="eq", value=1), True),
        (did("order.status_changed", field("from_status", "eq", "new")), True),
        (did("order.status_changed", field("status_group", "eq", "done")), True),
        (did("purchase.failed"), False),
        (measure("purchase", "sum", "amount", "eq", "400"), True),
        (measure("purchase", "avg", "amount", "eq", "200"), True),
        (measure("purchase", "min", "amount", "eq", "100"), True),
        (measure("purchase", "max", "time", "eq", "2026-09-03"), True),
        (measure("purchase", "max", "time", "after", "2026-09-03"), False),
        (measure("purchase.item", "sum", "quantity", "eq", 5), True),
        (measure("purchase.item", "count_distinct", "product_group", "eq", 2), True),
        (measure("purchase", "count_distinct", "products", "eq", 4), True),
        (measure("purchase", "count_distinct", "product_groups", "eq", 2), True),
        (measure("purchase", "count_distinct", "shop", "lt", 3), True),
        (measure("purchase.item", "avg", "price", "empty"), True),
        (measure("purchase.item", "sum", "price", "eq", "0"), True),
        (measure("purchase.item", "count_distinct", "price", "eq", 0), True),
        (measure("purchase.item", "avg", "price", "ne", "1"), True),
        (measure("purchase.item", "min", "price", "lt", "1"), False),
        (did("purchase", period={"from": "2026-09-03"}, operator="eq", value=1), True),
        (did("purchase", period={"from": "2026-09-02", "to": "2026-09-02"}, operator="eq", value=1), True),
        (did("purchase", period={"from": "now-1M/M", "to": "now-1M/M"}), False),
    ],
)
def test_receipts_and_their_lines(leaf, expected):
    assert holds(SHOP, leaf) is expected


def test_the_receipt_has_the_params_of_its_order():
    gift = field("order.gift", "is_true")
    base = replace(SHOP, order_params={"gift": ParamDef("gift", "boolean")})
    assert holds(base, did("purchase", gift, operator="eq", value=1))
    assert holds(base, did("purchase.item", field("receipt.order.gift", "is_true"), operator="eq", value=2))
    assert holds(base, did("purchase", field("order.gift", "empty"), operator="eq", value=1))


def test_each_action_is_judged_by_itself():
    shop, large = field("shop", "eq", "S1"), field("amount", "gt", "200")
    assert not holds(SHOP, did("purchase", match("all", shop, large)))
    assert holds(SHOP, match("all", did("purchase", shop), did("purchase", large)))
    assert holds(SHOP, did("purchase", match("any", shop, large, negate=True), operator="eq", value=0))


def test_negatives_in_where_speak_of_the_action():
    base = world(actions=(action("call", D1, 1), action("call", D2, 2, manager="m")))
    assert holds(base, did("call", field("manager", "ne", "m"), operator="eq", value=1))
    assert holds(base, did("call", field("manager", "empty"), operator="eq", value=1))


def test_over_nothing_counts_and_sums_are_zero_and_the_rest_is_empty():
    base = world()
    assert holds(base, did("purchase", operator="eq", value=0))
    assert holds(base, did("purchase", operator="lte", value=3))
    assert holds(base, measure("purchase", "sum", "amount", "eq", "0.00"))
    assert holds(base, measure("purchase", "count_distinct", "shop", "eq", 0))
    for function in ("avg", "min", "max"):
        assert holds(base, measure("purchase", function, "amount", "empty"))
        assert holds(base, measure("purchase", function, "amount", "not_between", {"from": "0"}))
        assert not holds(base, measure("purchase", function, "amount", "lt", "1"))


def test_a_failure_stays_when_the_order_leaves_cancelled_and_each_entry_is_one():
    moves = ((D1, "new"), (D2, "cancelled"), (D3, "new"), (D4, "cancelled"))
    base = world(orders=(order(1, *moves), order(2, *moves[:3])))
    assert holds(base, did("purchase.failed", operator="eq", value=3))
    assert holds(base, field("cancelled_count", "eq", 1))


def test_a_refund_is_a_record_of_its_own():
    returned = order(1, (D1, "new"), shop="S1", refunds=(Refund(1, at(D2), Decimal("5")),))
    base = world(orders=(returned,))
    assert holds(base, measure("refund", "sum", "amount", "eq", "5", where=field("shop", "eq", "S1")))
    assert holds(base, field("revenue", "eq", "0"))


def test_count_distinct_counts_folded_texts():
    said = ("Орёл", "орел ", "Тверь", "  ")
    visits = tuple(action("visit", f"2026-09-0{n}T10:00:00", n, city=city) for n, city in enumerate(said, 1))
    assert holds(world(actions=visits), measure("visit", "count_distinct", "city", "eq", 2))


def test_segment_actions_name_their_segment():
    base = world(actions=(action("segment.entered", D1, segment="vip"),))
    assert holds(base, did("segment.entered", field("segment", "in", ["vip"])))
    assert not holds(base, did("segment.left", field("segment", "in", ["vip"])))
