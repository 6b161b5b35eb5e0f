"""Limits of a tree, counted over the raw JSON before anything is built, in time proportional to the input."""

from types import MappingProxyType
from typing import Any

from clientbase.filters.faults import Faults

MAX_DEPTH = 10
MAX_NODES = 500
MAX_VALUES = 10_000
MAX_TEXT = 1_000
LIMITS = MappingProxyType(
    {
        "depth": MAX_DEPTH,
        "nodes": MAX_NODES,
        "values": MAX_VALUES,
        "text_length": MAX_TEXT,
        "body_bytes": 1_000_000,
        "segment_levels": 5,
    }
)
"""Served by the API; the last two are kept by others."""


def measure(root: object, at: str, faults: Faults) -> bool:
    """Whether the tree is within depth and number of nodes; what is not goes to `faults`.

    The root is level 1, every node inside one more, `where` too.
    """
    todo: list[tuple[Any, str, int]] = [(root, at, 1)]
    count = 0
    while todo:
        raw, pointer, level = todo.pop()
        count += 1
        if level > MAX_DEPTH:
            faults.add(pointer, "FILTER_TOO_DEEP", f"A filter has at most {MAX_DEPTH} levels.", [MAX_DEPTH])
            return False
        if count + len(todo) > MAX_NODES:
            faults.add(at, "FILTER_TOO_MANY_NODES", f"A filter has at most {MAX_NODES} nodes.", [MAX_NODES])
            return False
        todo.extend(_inside(raw, pointer, level + 1))
    return True


def _inside(raw: Any, pointer: str, level: int) -> list[tuple[Any, str, int]]:
    if not isinstance(raw, dict):
        return []
    nodes = raw.get("nodes")
    found = (
        [(node, f"{pointer}/nodes/{i}", level) for i, node in enumerate(nodes[: MAX_NODES + 1])]
        if (isinstance(nodes, list))
        else []
    )
    if raw.get("where") is not None:
        found.append((raw["where"], f"{pointer}/where", level))
    return found
