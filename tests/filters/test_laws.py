"""The laws of filters that hold for ever: engine and oracle agree, algebra, shape, keys, sentences."""

import json
from collections import Counter
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import pytest

from clientbase.filters import Moment, describe, passes
from clientbase.filters.leaves import ActionLeaf
from clientbase.kit.db import Sessions, reading
from clientbase.search.evaluator import evaluate
from clientbase.search.schemas import ClientSearch, ClientSet
from clientbase.search.service import count_clients, search_clients
from tests.filters.benches import CALENDAR_SEEDS, CLIENTS, Bench, filter_of, group
from tests.filters.oracle.vocabulary import NEGATIVES
from tests.filters.rewriting import OtherValues, OtherWords
from tests.filters.strategies.trees import TreeMaker
from tests.filters.subject import Tree, When, without

TREES = 250
"""Trees of one world; times the seeds below, the laws meet 3,000 in every run."""
SEEDS = (*range(7), *CALENDAR_SEEDS)
PROVED_TREES = 1_000
PROVED_SEEDS = range(1_000, 1_100)
FEW_SEEDS = range(100, 104)


def worlds(seeds: Sequence[int]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("bench", seeds, indirect=True)


async def agree(bench: Bench, place: int, tree: Tree, when: When | None = None) -> int:
    """How many clients both sides mean; the test fails where they mean different ones."""
    found = await bench.subject.agreed(tree, when)
    if found is None:
        pytest.fail(await bench.subject.explain((bench.seed, place), tree, when), pytrace=False)
    return len(found)


async def agree_on_many(bench: Bench, trees: int) -> None:
    sizes: Counter[str] = Counter()
    for place in range(trees):
        tree = bench.tree()
        size = await agree(bench, place, tree)
        sizes["nobody" if size == 0 else "everyone" if size == CLIENTS else "some"] += 1
        when = bench.another_time()
        if place % 4 == 0 and bench.is_right(tree, when):
            await agree(bench, place, tree, when)
    assert sizes["some"] > trees / 3, f"trees that mean nobody or everyone show little: {sizes}"


@worlds(SEEDS)
async def test_engine_and_oracle_mean_the_same_clients(bench: Bench) -> None:
    await agree_on_many(bench, TREES)


@pytest.mark.prove
@worlds(PROVED_SEEDS)
async def test_engine_and_oracle_mean_the_same_clients_for_long(bench: Bench) -> None:
    await agree_on_many(bench, PROVED_TREES)


@worlds(FEW_SEEDS)
async def test_evaluator_search_and_count_agree(bench: Bench, world_sessions: Sessions) -> None:
    subject, account = bench.subject, bench.subject.loaded.account
    for _ in range(25):
        tree = bench.tree()
        async with reading(world_sessions, snapshot=True) as session:
            _, plan = subject.understand(tree)
            found = await evaluate(session, account=account, plan=plan, now=subject.when.now)
            assert set(found.members) == subject.oracle(tree), tree
            count, as_of = await count_clients(
                session, account=account, request=ClientSet(filter=tree), personal=True
            )
            request = ClientSearch(filter=tree, fields=["id"], limit=CLIENTS, count=True)
            page = await search_clients(session, account=account, request=request, personal=True)
        ids = {item["id"] for item in page.items}
        assert page.total
        assert (len(page.items), page.total.value) == (len(ids), len(ids))
        if not plan.segments:  # with segments `as_of` is the instant of their members
            assert len(subject.oracle(tree, When(as_of, subject.when.zone))) == count, tree
            assert subject.oracle(tree, When(page.as_of, subject.when.zone)) == ids, tree


@worlds(FEW_SEEDS)
async def test_de_morgan_double_negation_and_complement(bench: Bench) -> None:
    for _ in range(40):
        one, other = bench.tree()["root"], bench.tree()["root"]
        first, second = await bench.meant(one), await bench.meant(other)
        not_one, not_other = group("all", one, negate=True), group("any", other, negate=True)
        assert await bench.meant(not_one) == bench.everyone - first
        assert await bench.meant(group("any", not_one, negate=True)) == first
        assert await bench.meant(group("all", one, other)) == first & second
        assert await bench.meant(group("any", one, other)) == first | second
        assert await bench.meant(group("all", one, other, negate=True)) == await bench.meant(
            group("any", not_one, not_other)
        )
        assert await bench.meant(group("any", one, other, negate=True)) == await bench.meant(
            group("all", not_one, not_other)
        )


@worlds(FEW_SEEDS)
async def test_a_tree_and_its_negation_split_what_another_means(bench: Bench) -> None:
    for _ in range(30):
        one, other = bench.tree()["root"], bench.tree()["root"]
        inside = await bench.meant(group("all", one, other))
        outside = await bench.meant(group("all", one, group("all", other, negate=True)))
        assert inside.isdisjoint(outside)
        assert inside | outside == await bench.meant(one)


@worlds(FEW_SEEDS)
async def test_negative_operators_are_complements(bench: Bench) -> None:
    seen = set()
    for _ in range(400):
        leaf = bench.leaf()
        if leaf.get("operator") not in NEGATIVES or leaf["type"] == "segment":
            continue
        twin = {**leaf, "operator": NEGATIVES[leaf["operator"]]}
        assert await bench.meant(leaf) == bench.everyone - await bench.meant(twin), leaf
        seen.add(leaf["operator"])
    assert seen >= {"ne", "not_in", "not_between", "not_empty"}


@worlds(FEW_SEEDS)
async def test_never_did_is_not_at_least_once(bench: Bench) -> None:
    maker = TreeMaker(bench.chance, bench.sample)
    for _ in range(40):
        leaf = maker.action_leaf(3)
        did = {key: leaf[key] for key in ("type", "action", "period", "where") if key in leaf}
        never = {**did, "measure": {"function": "count"}, "operator": "eq", "value": 0}
        once = {**did, "operator": "gte", "value": 1}
        assert await bench.meant(never) == bench.everyone - await bench.meant(once), leaf
        assert await bench.meant(once) == await bench.meant(did)


@worlds(FEW_SEEDS)
async def test_trees_of_one_shape_are_one_sql(bench: Bench) -> None:
    other_values = OtherValues(bench.chance, bench.sample)
    compared = 0
    for place in range(150):
        tree = bench.tree()
        other = other_values.tree(tree)
        one, another = bench.sql(tree), bench.sql(other)
        if len(one[0]) != len(another[0]) or one[1] != another[1]:
            continue  # two leaves have become one, by values that are equal now
        compared += tree != other
        assert one == another, f"seed {bench.seed}, tree {place}\n{json.dumps(tree)}\n{json.dumps(other)}"
    assert compared > 100


@worlds(FEW_SEEDS)
async def test_keys_do_not_mind_order_repetition_and_spelling(bench: Bench) -> None:
    said = OtherWords(bench.chance)
    for _ in range(150):
        tree = bench.tree()
        other = said.tree(tree)
        assert bench.keys(tree) == bench.keys(other), f"{json.dumps(tree)}\n{json.dumps(other)}"


@worlds(FEW_SEEDS)
async def test_keys_stay_when_values_of_other_leaves_change(bench: Bench) -> None:
    """A key tells nothing of what stands beside the leaf."""
    for _ in range(100):
        leaf, tree = bench.leaf(), bench.tree()
        assert bench.keys(filter_of(leaf)) <= bench.keys(filter_of(group("any", tree["root"], leaf)))


@worlds(FEW_SEEDS)
async def test_every_tree_can_be_told(bench: Bench) -> None:
    for _ in range(150):
        tree = bench.tree()
        told = [describe(bench.subject.understand(tree)[0], locale) for locale in ("ru", "en")]
        again = json.loads(json.dumps(tree))
        assert told == [describe(bench.subject.understand(again)[0], locale) for locale in ("ru", "en")]
        assert told[0] != told[1]
        assert all(len(text) > 3 and text.endswith(".") for text in told)


@worlds(FEW_SEEDS)
async def test_leaves_of_one_pass_are_answered_as_each_by_itself(bench: Bench) -> None:
    maker = TreeMaker(bench.chance, bench.sample)
    subject, leaves = bench.subject, {}
    for _ in range(300):
        for node in (bench.leaf(), since(maker.action_leaf(1))):
            leaves |= subject.understand(filter_of(node))[1].leaves
    deeds = {key: leaf for key, leaf in leaves.items() if isinstance(leaf, ActionLeaf) and leaf.did}
    moment = Moment(subject.when.now, ZoneInfo(subject.when.zone))
    for some, fewest in ((leaves, 100), (deeds, 10)):
        shared = [keys for keys in passes(some) if len(keys) > 1]
        for keys in shared:
            found = await subject.answers_together([some[key] for key in keys], moment)
            for key, ids in zip(keys, found, strict=True):
                assert ids == await subject.answer(key, some[key], moment), some[key]
        assert sum(map(len, shared)) > fewest


def since(leaf: Tree) -> Tree:
    """What was done from some time on, whatever its params: such leaves are answered together."""
    plain = without(leaf, "where")
    period = plain.get("period", {})
    return {**plain, "period": without(period, "to")} if "from" in period else without(plain, "period")
