"""Mutants of the keys of leaves and of the shape of their SQL."""

from dataclasses import replace
from importlib import import_module
from typing import Any

from sqlalchemy import func, literal_column

from clientbase.filters import answers, conditions, leaves
from clientbase.filters.conditions import Among
from clientbase.filters.leaves import ActionLeaf, FieldLeaf, Junction
from clientbase.filters.specs import Type
from tests.filters.asking import Fields, Measures, Wheres
from tests.filters.mutation import Mutant, row

planning = import_module("clientbase.filters.plan")
"""The module: the package gives its function under the same name."""


def key_without(name: str) -> Any:
    return lambda leaf, zone: KEY(
        replace(leaf, **{name: None}) if isinstance(leaf, ActionLeaf) else leaf, zone
    )


def key_of_shape(leaf: FieldLeaf, zone: str) -> str:
    return f"{leaves.field_data(leaf.field)}{leaf.condition.shape()}"


def by_values(items: Any, every: bool) -> Any:
    flat = {}
    for item in items:
        inner = item.items if isinstance(item, Junction) and item.every is every else (item,)
        flat |= {str(one.data()[::-1]): one for one in inner}
    ordered = tuple(flat[key] for key in sorted(flat))
    return ordered[0] if len(ordered) == 1 else Junction(every, ordered)


def as_given(items: Any, every: bool) -> Any:
    unique = tuple({str(item.data()): item for item in items}.values())
    return unique[0] if len(unique) == 1 else Junction(every, unique)


def written_out(value: Any) -> Any:
    return (
        literal_column(str(value)) if isinstance(value, int) and not isinstance(value, bool) else BIND(value)
    )


def expanded(values: Any) -> Any:
    return (
        func.array_cat(BIND_LIST(list(values)[:1]), BIND_LIST(values))
        if len(values) > 1
        else BIND_LIST(values)
    )


BIND, BIND_LIST, KEY = answers.bind, answers.bind_list, leaves.leaf_key
KEYS = (
    Mutant("keys do not tell the zone", ((planning, "leaf_key", lambda leaf, zone: KEY(leaf, "")),),
           Fields(("datetime",), ("eq", "before", "after")), True),
    Mutant("keys do not tell the period", ((planning, "leaf_key", key_without("period")),),
           Measures(("count",), actions=("visit",), period=True)),
    Mutant("keys do not tell where", ((planning, "leaf_key", key_without("where")),), Wheres()),
    Mutant("keys do not tell the values", ((planning, "leaf_key", key_of_shape),), Fields(("city", "shop"))),
    Mutant("values are in the order given",
           ((conditions.Among, "key", lambda self: ["among", self.inverted, list(self.values)]),
            *row((Type.TEXT, Type.REFERENCE), "in", make=lambda values: Among(tuple(values)))),
           Fields(("reference", "text"), ("in",)), law="keys"),
    Mutant("conditions are in the order given", ((planning, "junction", as_given),), Wheres(), law="keys"),
    Mutant("conditions are ordered by values", ((planning, "junction", by_values),), Wheres(), law="shape"),
    Mutant("whole numbers are written out", ((answers, "bind", written_out),), Fields(("integer",)),
           law="shape"),
    Mutant("lists are as long as they are", ((answers, "bind_list", expanded),),
           Fields(("reference", "text"), ("in",)), law="shape"),
)  # fmt: skip
