"""Members combined anew only where an answer has changed are those of combining everything."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap64

from clientbase.filters import Plan, combine
from clientbase.filters.expressions import And, Const, Expression, LeafRef, Not, Or, SegmentRef
from clientbase.filters.leaves import Universe
from clientbase.search.combining import Combiner, Memo

CLIENTS = range(1, 13)
KEYS, SEGMENTS = ("a", "b", "c"), (1, 2)
LEAVES = {key: Universe() for key in KEYS}
IDS = st.sets(st.sampled_from(CLIENTS)).map(BitMap64)
ATOMS = st.sampled_from(
    [*(LeafRef(key) for key in KEYS), *(SegmentRef(id_) for id_ in SEGMENTS), Const(True), Const(False)]
)


def _above(items: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(items, min_size=1, max_size=3).map(tuple)
    return st.one_of(several.map(And), several.map(Or), items.map(Not))


TREES: st.SearchStrategy[Expression] = st.recursive(ATOMS, _above, max_leaves=6)
ANSWERS = st.tuples(
    st.fixed_dictionaries(dict.fromkeys(KEYS, IDS)), st.fixed_dictionaries(dict.fromkeys(SEGMENTS, IDS)), IDS
)


@given(roots=st.lists(TREES, min_size=1, max_size=3), times=st.lists(ANSWERS, min_size=1, max_size=4))
def test_what_is_combined_anew_is_what_everything_comes_to(
    roots: list[Expression], times: list[tuple[dict[str, BitMap64], dict[int, BitMap64], BitMap64]]
) -> None:
    plans = [Plan(root, LEAVES, frozenset(SEGMENTS)) for root in roots]
    memo: Memo = {}
    for leaves, segments, universe in times:
        inside = {key: ids & universe for key, ids in leaves.items()}
        combiner = Combiner(memo)
        for plan in plans:
            members = combiner.members(plan, inside, segments, universe)
            assert members == combine(plan, inside, segments, universe)


def test_members_that_stay_the_same_are_the_same_bitmap() -> None:
    memo: Memo = {}
    plan = Plan(Or((LeafRef("a"), LeafRef("b"))), {"a": Universe(), "b": Universe()})
    first = Combiner(memo).members(plan, {"a": BitMap64([1]), "b": BitMap64([2])}, {}, None)
    again = Combiner(memo).members(plan, {"a": BitMap64([1, 2]), "b": BitMap64([2])}, {}, None)
    assert again is first
    assert Combiner(memo).members(plan, {"a": BitMap64(), "b": BitMap64([2])}, {}, None) == BitMap64([2])
    assert first == BitMap64([1, 2])


def test_plans_that_come_and_go_are_not_taken_for_one_another() -> None:
    """A plan that is gone leaves its place in memory to the next one."""
    rng, combiner = Random(1), Combiner({})
    leaves = {"a": BitMap64([1, 2]), "b": BitMap64([2, 3])}
    for _ in range(200):
        every, count = rng.random() < 0.5, rng.choice((1, 2))
        keys = ("a", "b")[:count]
        root = (And if every else Or)(tuple(LeafRef(key) for key in keys))
        members = combiner.members(Plan(root, {key: Universe() for key in keys}), leaves, {}, None)
        right = {1, 2} if count == 1 else {2} if every else {1, 2, 3}
        assert set(members) == right
