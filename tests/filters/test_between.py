"""Moved thresholds: whoever lies between two leaves is whom just one of them means."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from clientbase.filters.between import between, has_threshold, nearest
from clientbase.filters.conditions import Among, Within
from clientbase.filters.fields import CLIENT_FIELDS
from clientbase.filters.leaves import FieldLeaf, Universe

REVENUE, SALES, CITY, VISITS = (
    CLIENT_FIELDS[code] for code in ("revenue", "sales_count", "city", "visits_count")
)
ENDS = st.none() | st.integers(-3, 3) | st.integers(-6, 6).map(lambda halves: Decimal(halves) / 2)
VALUES = [Decimal(quarter) / 4 for quarter in range(-20, 21)]
CONDITIONS = st.builds(Within, ENDS, ENDS, lo_open=st.booleans(), hi_open=st.booleans())


def holds(condition: Within, value: Decimal) -> bool:
    """What a condition says of a value."""
    above = condition.lo is None or (value > condition.lo if condition.lo_open else value >= condition.lo)
    below = condition.hi is None or (value < condition.hi if condition.hi_open else value <= condition.hi)
    return above and below


def revenue(condition: Any) -> FieldLeaf:
    return FieldLeaf(REVENUE, condition)


@given(one=CONDITIONS, moved=st.booleans(), end=ENDS, is_open=st.booleans())
def test_between_two_leaves_is_whom_just_one_of_them_means(
    one: Within, moved: bool, end: Any, is_open: bool
) -> None:
    other = replace(one, lo=end, lo_open=is_open) if moved else replace(one, hi=end, hi_open=is_open)
    assume(one != other)
    found = between(revenue(one), revenue(other))
    assume(found is not None)
    assert found is not None
    assert isinstance(found.condition, Within)
    for value in VALUES:
        assert holds(found.condition, value) == (holds(one, value) != holds(other, value)), value


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (revenue(Within(lo=1)), revenue(Within(hi=1))),
        (revenue(Within(lo=1)), revenue(Within(lo=2, inverted=True))),
        (revenue(Within(lo=1, hi=5)), revenue(Within(lo=2, hi=6))),
        (revenue(Within(lo=1)), FieldLeaf(SALES, Within(lo=2))),
        (revenue(Within(lo=1)), Universe()),
        (FieldLeaf(CITY, Among(("a",))), FieldLeaf(CITY, Among(("b",)))),
    ],
)
def test_leaves_that_differ_by_more_than_one_end_have_nothing_between_them(one: Any, other: Any) -> None:
    assert between(one, other) is None


def test_the_nearest_leaf_is_the_one_with_the_least_between() -> None:
    near, far, open_ended = (revenue(Within(lo=lo, hi=100)) for lo in (40, 10, None))
    asked = revenue(Within(lo=50, hi=100))
    others = [open_ended, far, FieldLeaf(VISITS, Within(lo=50)), near]
    assert nearest(asked, others) is near
    assert nearest(asked, [open_ended]) is open_ended
    assert nearest(asked, others[2:3]) is None
    assert has_threshold(asked)
    assert not has_threshold(FieldLeaf(CITY, Among(("a",))))
