"""Params of an action as the table keeps them: JSON as written, and folded where that differs."""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import orjson

from clientbase.kit.text import fold

_fold = lru_cache(maxsize=4096)(fold)


class Params(NamedTuple):
    """The params of an action, and the two JSON texts of them."""

    values: Mapping[str, str | bool]
    written: str
    folded: str | None


def params(values: Mapping[str, str | bool]) -> Params:
    """The params of an action that are not its hot ones."""
    changed = {
        code: folded
        for code, text in values.items()
        if isinstance(text, str) and (folded := _fold(text)) != text
    }
    return Params(values, orjson.dumps(values).decode(), orjson.dumps(changed).decode() if changed else None)


NONE = params({})
