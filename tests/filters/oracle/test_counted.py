"""Counted fields: what an order, a refund, a visit and a loyalty operation count for."""

from dataclasses import replace
from decimal import Decimal

import pytest

from .build import action, at, client, field, found, holds, line, order, world
from .world import Refund

D1, D2, D3, D4 = (f"2026-09-0{day}T10:00:00" for day in (1, 2, 3, 4))


def refund(amount: str, number: int = 1) -> Refund:
    return Refund(number, at(D4), Decimal(amount))


ORDERS = (
    order(1, (D1, "new"), (D2, "done"), total="100.00", cost=Decimal("30.00"), lines=(line(quantity="2.5"),)),
    order(2, (D2, "done"), total="50.00", refunds=(refund("20.00"),), lines=(line(quantity="1"), line())),
    order(3, (D1, "packing"), total="7.00", refunds=(refund("5.00", 2),), lines=(line(),)),
    order(4, (D3, "new"), total="9.00"),
    order(5, (D1, "done"), (D4, "cancelled"), total="11.00", refunds=(refund("1.00", 3),)),
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("orders_count", 5),
        ("sales_count", 2),
        ("items_count", 4.5),
        ("deals_in_progress_count", 2),
        ("cancelled_count", 1),
        ("cancelled_revenue", "11.00"),
        ("revenue", "130.00"),
        ("profit", "100.00"),
        ("ltv", "100"),
        ("average_check", "65.00"),
        ("last_purchase_amount", "50.00"),  # a tie: the higher id, before refunds
    ],
)
def test_counts_and_sums(name, value):
    assert holds(world(orders=ORDERS), field(name, "eq", value))


@pytest.mark.parametrize(
    ("name", "when"),
    [
        ("first_order_at", D1),
        ("last_order_at", D3),
        ("first_purchase_at", D2),
        ("last_purchase_at", D2),
    ],
)
def test_first_and_last(name, when):
    just = {"from": when + "Z", "to": when + "Z"}
    assert holds(world(orders=ORDERS), field(name, "between", just))


def test_without_facts_counts_are_zero_and_the_rest_is_empty():
    zeros = ("orders_count", "sales_count", "items_count", "visits_count", "bonus_balance")
    assert all(holds(world(), field(name, "eq", 0)) for name in zeros)
    assert all(holds(world(), field(name, "eq", "0")) for name in ("revenue", "profit", "cancelled_revenue"))
    empty = (
        "average_check",
        "last_purchase_amount",
        "first_purchase_at",
        "client_since_days",
        "first_visit_at",
    )
    assert all(holds(world(), field(name, "empty")) for name in empty)


@pytest.mark.parametrize(
    ("moves", "when"),
    [
        (((D1, "new"), (D2, "done"), (D3, "received")), D2),  # moving inside done keeps it
        (((D1, "done"), (D2, "new"), (D3, "received")), D3),  # the last entry
        (((D1, "done"),), D1),  # created done
        (((D1, "new"), (D2, "done"), (D3, "packing")), None),  # left done: withdrawn
        (((D1, "new"),), None),
    ],
)
def test_the_purchase_is_at_the_last_entry_into_done(moves, when):
    base = world(orders=(order(1, *moves),))
    leaf = field("last_purchase_at", "between", {"from": when + "Z", "to": when + "Z"}) if when else None
    assert holds(base, leaf or field("last_purchase_at", "empty"))


def test_the_average_check_is_compared_exactly():
    thirds = tuple(
        order(number, (D1, "done"), total=total) for number, total in ((1, "5"), (2, "5"), (3, "0"))
    )
    base = world(orders=thirds)
    assert not holds(base, field("average_check", "eq", "3.33"))
    assert holds(base, field("average_check", "gt", "3.33"))
    assert holds(base, field("average_check", "lt", "3.34"))


def test_refunds_may_exceed_the_total_and_make_revenue_negative():
    base = world(orders=(order(1, (D1, "done"), total="1", refunds=(refund("3"),)),))
    assert holds(base, field("revenue", "between", {"from": "-2.00", "to": "-2.00"}))
    assert holds(base, field("average_check", "lt", "0"))


def test_a_bonus_balance_is_the_sum_of_operations_unless_a_source_states_it():
    points = (
        action("loyalty.accrual", D1, 1, amount=Decimal("10.5")),
        action("loyalty.writeoff", D2, 2, amount=Decimal("12")),
    )
    assert holds(world(actions=points), field("bonus_balance", "eq", -1.5))
    stated = client(stated_bonus_balance=Decimal("0"))
    assert holds(world(stated, actions=points), field("bonus_balance", "eq", 0))
    assert holds(world(actions=points), field("last_accrual_at", "eq", "2026-09-01"))
    assert holds(world(actions=points), field("last_writeoff_at", "eq", "2026-09-02"))


VISITS = (
    action("visit", D2, 1, utm_source="vk", city="Орёл"),
    action("visit", D1, 2, utm_medium="cpc", utm_source=" ", city="ОРЕЛ"),
    action("visit", D3, 3, utm_source="ya", ad_channel="direct", referral_id="r"),
    action("visit", D4, 4, utm_medium="", city="Тверь"),
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("utm_source", "VK"),
        ("utm_medium", "cpc"),
        ("last_utm_source", "ya"),
        ("last_utm_medium", "cpc"),
        ("ad_channel", "direct"),
        ("last_ad_channel", "direct"),
        ("referral_id", "R"),
        ("visits_count", 4),
    ],
)
def test_each_field_of_visits_is_from_the_first_or_last_visit_that_has_it(name, value):
    assert holds(world(actions=VISITS), field(name, "eq", value))


def test_cities_of_visits_are_a_set_of_texts():
    base = world(actions=VISITS)
    assert holds(base, field("visit_cities", "has_all", ["орел", "тверь"]))
    assert holds(base, field("visit_cities", "has_none", ["казань"]))
    assert holds(base, field("visit_countries", "empty"))


def test_facts_belong_to_their_client():
    base = world(client(1), client(2), orders=(replace(ORDERS[0], client=2),))
    assert found(base, field("sales_count", "gte", 1)) == {2}
