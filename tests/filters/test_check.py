"""Wrong filters: every wrong place at once, by pointer and stable code, with what is allowed."""

import time
from decimal import Decimal
from typing import Any

import pytest

from clientbase.filters import LIMITS, Catalogue, check, parse, uses
from clientbase.filters.checked import CheckedField
from clientbase.filters.operators import operators_of
from clientbase.filters.specs import Type
from clientbase.kit import emails
from clientbase.kit.errors import Invalid
from tests.filters.samples import CATALOGUE, action, every_node, field, tree


def faults(raw: object, catalogue: Catalogue = CATALOGUE) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as caught:
        check(raw, catalogue)
    return [(item.pointer, item.code) for item in caught.value.errors]


def group(*nodes: object, **more: Any) -> dict[str, Any]:
    return {"type": "group", "match": "all", "nodes": list(nodes), **more}


def root(node: object) -> dict[str, Any]:
    return {"version": 1, "root": node}


CITY = field("city", "eq", "Москва")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (None, [("", "WRONG_TYPE")]),
        ([], [("", "WRONG_TYPE")]),
        ({}, [("/root", "MISSING_KEY"), ("/version", "MISSING_KEY")]),
        ({"version": 2, "root": CITY}, [("/version", "UNKNOWN_VERSION")]),
        ({"version": True, "root": CITY}, [("/version", "UNKNOWN_VERSION")]),
        ({"version": "1", "root": CITY}, [("/version", "UNKNOWN_VERSION")]),
        ({"version": 1, "root": CITY, "x/y~": 1}, [("/x~1y~0", "UNKNOWN_KEY")]),
        (root("x"), [("/root", "WRONG_TYPE")]),
        (root({"type": "leaf"}), [("/root/type", "UNKNOWN_NODE_TYPE")]),
        (root({}), [("/root/type", "MISSING_KEY")]),
        (root(group()), [("/root/nodes", "EMPTY_GROUP")]),
        (root({"type": "group", "nodes": [CITY]}), [("/root/match", "MISSING_KEY")]),
        (root(group(CITY, match="some")), [("/root/match", "WRONG_TYPE")]),
        (root(group(CITY, negate="yes")), [("/root/negate", "WRONG_TYPE")]),
        (root({"type": "group", "match": "all", "nodes": {}}), [("/root/nodes", "WRONG_TYPE")]),
        (root({"type": "field"}), [("/root/field", "MISSING_KEY"), ("/root/operator", "MISSING_KEY")]),
        (root({**CITY, "field": 7}), [("/root/field", "WRONG_TYPE")]),
        (root({**CITY, "ignore_year": 1}), [("/root/ignore_year", "WRONG_TYPE")]),
        (root({**CITY, "values": 1}), [("/root/values", "UNKNOWN_KEY")]),
        (root(action("purchase", period="now")), [("/root/period", "WRONG_TYPE")]),
        (root(action("purchase", measure="count")), [("/root/measure", "WRONG_TYPE")]),
        (root(action("purchase", where=action("visit"))), [("/root/where/type", "UNKNOWN_NODE_TYPE")]),
        (
            root(action("purchase", where={"type": "segment", "operator": "in", "value": ["churned"]})),
            [("/root/where/type", "UNKNOWN_NODE_TYPE")],
        ),
    ],
)
def test_structure(raw: object, expected: list[tuple[str, str]]) -> None:
    assert faults(raw) == expected


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (field("citi", "eq", "x"), [("/root/field", "UNKNOWN_FIELD")]),
        (field("params.nope", "eq", "x"), [("/root/field", "UNKNOWN_FIELD")]),
        (field("external_id.", "eq", "x"), [("/root/field", "UNKNOWN_FIELD")]),
        (field("city", "gte", "x"), [("/root/operator", "OPERATOR_NOT_ALLOWED")]),
        (field("consent_marketing", "not_empty"), [("/root/operator", "OPERATOR_NOT_ALLOWED")]),
        (field("city", "eq"), [("/root/value", "MISSING_VALUE")]),
        (field("city", "eq", 5), [("/root/value", "WRONG_TYPE")]),
        (field("city", "eq", " \u00a0\t"), [("/root/value", "BLANK_VALUE")]),
        (field("city", "eq", "x" * 1001), [("/root/value", "TOO_LONG")]),
        (field("city", "eq", "\0"), [("/root/value", "INVALID_TEXT")]),
        (field("city", "empty", "x"), [("/root/value", "UNEXPECTED_VALUE")]),
        (field("city", "in", "x"), [("/root/value", "WRONG_TYPE")]),
        (field("city", "in", []), [("/root/value", "EMPTY_VALUE_LIST")]),
        (field("city", "in", ["x", 5, ""]),
         [("/root/value/1", "WRONG_TYPE"), ("/root/value/2", "BLANK_VALUE")]),
        (field("city", "in", ["x"] * 10_001), [("/root/value", "TOO_MANY_VALUES")]),
        (field("city", "eq", "x", ignore_year=True), [("/root/ignore_year", "IGNORE_YEAR_NOT_ALLOWED")]),
        (field("phone", "eq", "none"), [("/root/value", "NO_DIGITS")]),
        (field("gender", "eq", "other"), [("/root/value", "UNKNOWN_CHOICE")]),
        (field("params.a_choice", "in", ["xl", "xxl"]), [("/root/value/1", "UNKNOWN_CHOICE")]),
        (field("tags", "has_any", ["vip", "vpi"]), [("/root/value/1", "UNKNOWN_TAG")]),
        (field("manager", "eq", "x" * 101), [("/root/value", "TOO_LONG")]),
        (field("revenue", "eq", 5), [("/root/value", "WRONG_TYPE")]),
        (field("revenue", "eq", "5.001"), [("/root/value", "TOO_FINE")]),
        (field("revenue", "eq", "1e5"), [("/root/value", "WRONG_TYPE")]),
        (field("revenue", "eq", "9" * 40), [("/root/value", "OUT_OF_RANGE")]),
        (field("discount_percent", "eq", "5"), [("/root/value", "WRONG_TYPE")]),
        (field("discount_percent", "eq", True), [("/root/value", "WRONG_TYPE")]),
        (field("discount_percent", "eq", 0.00001), [("/root/value", "TOO_FINE")]),
        (field("discount_percent", "eq", Decimal("1e-99999")), [("/root/value", "TOO_FINE")]),
        (field("discount_percent", "eq", Decimal("1e999999")), [("/root/value", "OUT_OF_RANGE")]),
        (field("discount_percent", "eq", float("nan")), [("/root/value", "WRONG_TYPE")]),
        (field("orders_count", "eq", 1.5), [("/root/value", "WRONG_TYPE")]),
        (field("orders_count", "between", {"from": 2, "to": 1}), [("/root/value", "RANGE_REVERSED")]),
        (field("orders_count", "between", {}), [("/root/value", "MISSING_END")]),
        (field("orders_count", "between", {"from": 1, "till": 2}), [("/root/value/till", "UNKNOWN_KEY")]),
        (field("orders_count", "between", [1, 2]), [("/root/value", "WRONG_TYPE")]),
        (field("birth_date", "eq", "28.09.2026"), [("/root/value", "WRONG_TYPE")]),
        (field("birth_date", "eq", "now/x"), [("/root/value", "WRONG_TYPE")]),
        (field("created_at", "eq", "now-3d"), [("/root/value", "TOO_FINE")]),
        (field("created_at", "ne", "2026-09-28T10:00:00Z"), [("/root/value", "TOO_FINE")]),
        (field("created_at", "between", {"from": "2026-02-01", "to": "2026-01-01"}),
         [("/root/value", "RANGE_REVERSED")]),
        (field("created_at", "between", {"from": "now", "to": "now-1d"}),
         [("/root/value", "RANGE_REVERSED")]),
        (field("birth_date", "eq", "2026-09-28", ignore_year=True), [("/root/value", "WRONG_TYPE")]),
        (field("birth_date", "before", "09-28", ignore_year=True),
         [("/root/ignore_year", "IGNORE_YEAR_NOT_ALLOWED")]),
        (field("birth_date", "between", {"from": "09-28"}, ignore_year=True),
         [("/root/value", "MISSING_END")]),
        (
            field("birth_date", "between", {"from": "09-28", "to": "now"}, ignore_year=True),
            [("/root/value", "MIXED_RANGE")],
        ),
        ({"type": "segment", "operator": "eq", "value": ["churned"]},
         [("/root/operator", "OPERATOR_NOT_ALLOWED")]),
        ({"type": "segment", "operator": "in", "value": "churned"}, [("/root/value", "WRONG_TYPE")]),
        ({"type": "segment", "operator": "in", "value": []}, [("/root/value", "EMPTY_VALUE_LIST")]),
        ({"type": "segment", "operator": "in", "value": ["churn", 5]},
         [("/root/value/0", "UNKNOWN_SEGMENT"), ("/root/value/1", "WRONG_TYPE")]),
        (action("purchase.items"), [("/root/action", "UNKNOWN_ACTION")]),
        (action("purchase", "gte"), [("/root/value", "MISSING_VALUE")]),
        (action("purchase", None, 3), [("/root/operator", "MISSING_KEY")]),
        (action("purchase", "contains", 3), [("/root/operator", "OPERATOR_NOT_ALLOWED")]),
        (action("purchase", measure={"function": "median"}),
         [("/root/measure/function", "UNKNOWN_FUNCTION")]),
        (action("purchase", measure={"function": "sum"}), [("/root/measure/param", "MISSING_KEY")]),
        (action("purchase", measure={"function": "count", "param": "amount"}),
         [("/root/measure/param", "UNEXPECTED_PARAM")]),
        (action("purchase", "gte", "1", measure={"function": "sum", "param": "number"}),
         [("/root/measure/param", "WRONG_TYPE")]),
        (action("purchase", "gte", "1", measure={"function": "sum", "param": "x"}),
         [("/root/measure/param", "UNKNOWN_PARAM")]),
        (action("purchase", measure={"function": "sum", "param": "amount"}),
         [("/root/operator", "MISSING_KEY")]),
        (action("purchase", "gte", 5, measure={"function": "sum", "param": "amount"}),
         [("/root/value", "WRONG_TYPE")]),
        (action("purchase", period={}), [("/root/period", "MISSING_END")]),
        (action("purchase", period={"from": "x"}), [("/root/period/from", "WRONG_TYPE")]),
        (action("purchase", period={"from": "now", "to": "now-1d"}), [("/root/period", "RANGE_REVERSED")]),
        (action("purchase", where=field("product", "eq", "a")), [("/root/where/field", "UNKNOWN_PARAM")]),
        (action("purchase.item", where=field("order.a_text", "eq", "a")),
         [("/root/where/field", "UNKNOWN_PARAM")]),
        (action("segment.entered"), [("/root/where", "SEGMENT_REQUIRED")]),
        (action("segment.entered", where=field("segment", "ne", "churned")),
         [("/root/where", "SEGMENT_REQUIRED")]),
        (action("segment.entered", where=group(field("segment", "eq", "churned"), negate=True)),
         [("/root/where", "SEGMENT_REQUIRED")]),
        (action("segment.entered", where=field("segment", "eq", "nobody")),
         [("/root/where/value", "UNKNOWN_SEGMENT")]),
    ],
)  # fmt: skip
def test_meaning(node: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert faults(root(node)) == expected


def test_all_wrong_places_are_told_at_once() -> None:
    bad = group(
        field("citi", "eq", "x"),
        group(field("city", "eq", ""), {"type": "?"}),
        CITY,
        action("visit", where=5),
    )
    assert faults(root(bad)) == [
        ("/root/nodes/1/nodes/1/type", "UNKNOWN_NODE_TYPE"),
        ("/root/nodes/3/where", "WRONG_TYPE"),
        ("/root/nodes/0/field", "UNKNOWN_FIELD"),
        ("/root/nodes/1/nodes/0/value", "BLANK_VALUE"),
    ]


def test_what_is_allowed_is_told_and_the_value_is_not_echoed() -> None:
    with pytest.raises(Invalid) as caught:
        check(
            root(
                group(
                    field("citi", "eq", "x"), field("city", "gte", "s3cret"), field("gender", "eq", "femal")
                )
            ),
            CATALOGUE,
        )
    near, operators, choice = caught.value.errors
    assert near.allowed == ("city",)
    assert operators.allowed == tuple(operators_of(Type.TEXT))
    assert choice.allowed == ("female", "male")
    assert "s3cret" not in repr(caught.value.errors)


def nested(levels: int) -> dict[str, Any]:
    node: dict[str, Any] = dict(CITY)
    for _ in range(levels - 1):
        node = group(node)
    return root(node)


def test_depth_counts_where() -> None:
    check(nested(LIMITS["depth"]), CATALOGUE)
    assert faults(nested(11)) == [("/root" + "/nodes/0" * 10, "FILTER_TOO_DEEP")]
    where = field("shop", "eq", "a")
    for _ in range(8):
        where = group(where)
    check(root(action("purchase", where=where)), CATALOGUE)
    assert faults(root(action("purchase", where=group(where))))[0][1] == "FILTER_TOO_DEEP"


def test_the_number_of_nodes_is_bounded() -> None:
    check(root(group(*[CITY] * 499)), CATALOGUE)
    assert faults(root(group(*[CITY] * 500))) == [("/root", "FILTER_TOO_MANY_NODES")]
    check(root(field("city", "in", ["x"] * 10_000)), CATALOGUE)


def test_hostile_trees_are_refused_quickly() -> None:
    began = time.perf_counter()
    faults(root(group(*[CITY] * 200_000)))
    faults(nested(3_000))
    faults(root(group(*[field("f" * 10_000, "eq", "x")] * 400)))
    assert time.perf_counter() - began < 2


def test_parse_reads_structure_without_a_catalogue() -> None:
    assert parse(root(field("anything", "whatever", 5))).root.pointer == "/root"
    with pytest.raises(Invalid):
        parse(root(group()))


@pytest.mark.parametrize("value", [2, 2.0, Decimal("2.0000"), Decimal("2e0")])
def test_numbers_of_any_spelling(value: object) -> None:
    check(root(field("orders_count", "eq", value)), CATALOGUE)


def test_every_field_under_every_operator_is_understood() -> None:
    for node in every_node():
        check(tree(node), CATALOGUE)


def test_what_a_filter_uses() -> None:
    raw = tree(
        field("params.a_choice", "eq", "xl"),
        field("tags", "has_any", ["vip"]),
        field("gender", "eq", "male"),
        action("purchase", where=field("order.a_choice", "eq", "s")),
        action("webinar", where=field("a_choice", "in", ["s"])),
        action("segment.left", where=field("segment", "in", ["churned"])),
    )
    used = uses(check(raw, CATALOGUE))
    assert list(used.pairs()) == [
        ("segment", "churned"),
        ("tag", "vip"),
        ("client_param", "a_choice"),
        ("order_param", "a_choice"),
        ("action_type", "webinar"),
        ("action_param", "webinar.a_choice"),
        ("choice", "gender:male"),
        ("choice", "order.a_choice:s"),
        ("choice", "params.a_choice:xl"),
        ("choice", "webinar.a_choice:s"),
    ]
    assert not used.personal


@pytest.mark.parametrize(
    ("node", "personal"),
    [
        (field("city", "eq", "x"), False),
        (field("phone", "empty"), True),
        (field("age", "gte", 18), True),
        (field("external_id.crm", "eq", "1"), True),
        ({"type": "segment", "operator": "in", "value": ["churned"]}, False),
        ({"type": "segment", "operator": "not_in", "value": ["churned", "birthday"]}, True),
        (action("segment.entered", where=field("segment", "eq", "birthday")), True),
    ],
)
def test_personal_data_is_seen_through_segments(node: dict[str, Any], personal: bool) -> None:
    assert uses(check(tree(node), CATALOGUE)).personal is personal


def test_what_is_wrong_after_the_hundredth_fault_is_wrong_as_well() -> None:
    entered = {"type": "action", "action": "segment.entered", "where": field("segment", "in", ["nosuch"])}
    with pytest.raises(Invalid) as caught:
        check(root(group(*(field(f"wrong-{i}", "eq", "x") for i in range(100)), entered)), CATALOGUE)
    assert len(caught.value.errors) == 100
    with pytest.raises(Invalid) as caught:
        check(root(group(*(field(f"wrong-{i}", "eq", "x") for i in range(99)), entered)), CATALOGUE)
    assert {item.code for item in caught.value.errors} == {"UNKNOWN_FIELD", "UNKNOWN_SEGMENT"}


@pytest.mark.parametrize("sent", ["Info@Ёлки.рф", "info@xn--e1afmkfd.xn--p1ai", " STRASSE@mail.de "])
def test_e_mails_are_normalised_as_stored_ones(sent: str) -> None:
    checked = check(root(field("email", "eq", sent)), CATALOGUE).root
    assert isinstance(checked, CheckedField)
    assert checked.value == emails.normalise(sent)
