"""Deliberate mistakes in the engine, put into its tables and functions for the time of a test."""

from collections.abc import Iterator, MutableMapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from clientbase.filters import bounds, operators
from clientbase.filters.operators import Operator
from clientbase.filters.specs import Type
from tests.filters.asking import Ask

Patch = tuple[Any, Any, Any]
"""A table or an owner of attributes, the key or name in it, and what stands there meanwhile."""


@dataclass(frozen=True)
class Mutant:
    """One mistake: the patches that make it, and trees that meet it."""

    name: str
    patches: tuple[Patch, ...]
    asks: Ask
    moves: bool = False
    """Whether trees are asked at other times and in other zones too."""
    law: str = "oracle"
    """The law that is asked: oracle, keys or shape."""

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The engine with the mistake in it."""
        with ExitStack() as stack:
            for patch in self.patches:
                stack.enter_context(patched(*patch))
            bounds._reversed_at_all.cache_clear()
            stack.callback(bounds._reversed_at_all.cache_clear)
            yield


@contextmanager
def patched(owner: Any, name: Any, value: Any) -> Iterator[None]:
    if isinstance(owner, MutableMapping):
        before = owner[name]
        owner[name] = value
        try:
            yield
        finally:
            owner[name] = before
    else:
        before = vars(owner)[name]
        setattr(owner, name, value)
        try:
            yield
        finally:
            setattr(owner, name, before)


def row(types: tuple[Type, ...], code: str, **changes: Any) -> tuple[Patch, ...]:
    """Another row of the operator table for some types."""
    return tuple((table(type_), code, replace(table(type_)[code], **changes)) for type_ in types)


def table(type_: Type) -> dict[str, Operator]:
    return operators._BY_TYPE[type_]
