"""The random bases and trees are repeatable, hostile and worth asking."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from ..oracle.datemath import is_relative, resolve
from ..oracle.evaluate import members
from ..oracle.fields import field_type
from ..oracle.text import fold
from ..oracle.vocabulary import OPERATORS
from .bounds import PLAIN
from .sampling import Sample
from .times import CROSSING_RANGES
from .trees import DEPTH, random_tree
from .worlds import random_world

ROOT = Path(__file__).parents[3]
PRINT = """
from random import Random
from tests.filters.strategies.trees import random_tree
from tests.filters.strategies.worlds import random_world
rng = Random(7)
world = random_world(rng, clients=20)
print(repr(world.orders), repr(world.actions), [random_tree(rng, world) for _ in range(20)])
"""


def test_a_seed_repeats_a_base_and_its_trees_in_any_process():
    told = [
        subprocess.run(
            [sys.executable, "-c", PRINT], cwd=ROOT, env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True, check=True,
        ).stdout
        for seed in ("1", "2")
    ]  # fmt: skip
    assert told[0] == told[1]


@pytest.fixture(scope="module")
def drawn() -> list[tuple[Sample, dict]]:
    """Trees over a dozen bases."""
    found = []
    for seed in range(12):
        rng = Random(seed)
        sample = Sample(random_world(rng, clients=40))
        found += [(sample, random_tree(rng, sample)) for _ in range(250)]
    return found


def conditions(sample: Sample, node: dict, action: str | None = None) -> Iterator[tuple[str, dict]]:
    """Type and leaf of every condition on a field, a param or a period."""
    for each in node.get("nodes", []):
        yield from conditions(sample, each, action)
    if node["type"] == "field":
        kind = sample.params[action][node["field"]] if action else field_type(sample.base, node["field"])
        yield kind, node
    if "where" in node:
        yield from conditions(sample, node["where"], node["action"])
    if "period" in node:
        yield "datetime", {"operator": "between", "value": node["period"]}


def test_every_operator_of_every_type_is_asked_often(drawn):
    asked = Counter(
        (kind, leaf["operator"]) for sample, tree in drawn for kind, leaf in conditions(sample, tree["root"])
    )
    rare = {
        (kind, operator): asked[kind, operator]
        for kind, operators in OPERATORS.items()
        for operator in operators
        if asked[kind, operator] < 10
    }
    assert not rare


def valid(sample: Sample, kind: str, leaf: dict) -> bool:
    """What the contract asks of a value, as far as it can be got wrong here."""
    value = leaf.get("value")
    if leaf["operator"] in ("empty", "not_empty", "is_true", "is_false"):
        return value is None
    ends = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else [value]
    return bool(ends) and VALID.get(kind, _said)(sample, leaf, ends)


def _said(_sample: Sample, _leaf: dict, ends: list) -> bool:
    return all(fold(each) for each in ends)


def _in_order(ends: list, resolved: list) -> bool:
    return len(ends) < 2 or is_relative(ends[0]) != is_relative(ends[1]) or resolved[0].lo <= resolved[1].hi


def _timely(sample: Sample, leaf: dict, ends: list) -> bool:
    if leaf.get("ignore_year"):
        return len(ends) == 1 or (len(ends) == 2 and is_relative(ends[0]) == is_relative(ends[1]))
    judge = PLAIN if is_relative(ends[0]) else sample.base.clock
    resolved = [resolve(each, judge) for each in ends]
    return tuple(ends) in CROSSING_RANGES or _in_order(ends, resolved)


def _instant(sample: Sample, leaf: dict, ends: list) -> bool:
    bare = [each for each in ends if each.startswith("now") != ("/" in each) or "T" in each]
    fine = leaf["operator"] not in ("eq", "ne") or not bare
    return fine and _timely(sample, leaf, ends)


def _rising(leaf: dict, ends: list) -> bool:
    return leaf["operator"] in ("in", "not_in") or ends == sorted(ends, key=lambda each: Decimal(str(each)))


def _exact(places: int, type_: type | tuple) -> Callable[[Sample, dict, list], bool]:
    def check(_sample: Sample, leaf: dict, ends: list) -> bool:
        fit = [isinstance(each, type_) and -Decimal(str(each)).as_tuple().exponent <= places for each in ends]
        return all(fit) and _rising(leaf, ends)

    return check


def _money(sample: Sample, leaf: dict, ends: list) -> bool:
    return _exact(sample.world.account.exponent, str)(sample, leaf, ends)


def _dialled(_sample: Sample, _leaf: dict, ends: list) -> bool:
    return all(any(each.isdigit() for each in end) for end in ends)


VALID = {
    "date": _timely,
    "datetime": _instant,
    "integer": _exact(0, int),
    "number": _exact(4, (int, float)),
    "money": _money,
    "phone": _dialled,
}


def test_leaves_are_what_the_contract_allows(drawn):
    wrong = [
        leaf
        for sample, tree in drawn
        for kind, leaf in conditions(sample, tree["root"])
        if not valid(sample, kind, leaf)
    ]
    assert not wrong


def depth(node: dict) -> int:
    inner = [*node.get("nodes", []), *([node["where"]] if "where" in node else [])]
    return 1 + max(map(depth, inner), default=0)


def test_trees_reach_the_depth_and_no_deeper(drawn):
    assert max(depth(tree["root"]) for _, tree in drawn) == DEPTH


def test_most_trees_divide_the_base(drawn):
    sizes = [
        len(members(sample.world, tree, sample.world.now)) / len(sample.world.clients)
        for sample, tree in drawn[::10]
    ]
    assert sum(0 < size < 1 for size in sizes) > 0.5 * len(sizes)
