"""The tree as written: immutable nodes made from parsed JSON; structure and limits hold, meaning may not."""

from dataclasses import dataclass
from typing import Any, Literal

from clientbase.filters.faults import Faults
from clientbase.filters.limits import measure

VERSION = 1


@dataclass(frozen=True, slots=True)
class GroupNode:
    """AND (`all`) or OR (`any`) of its nodes, maybe negated."""

    pointer: str
    match: Literal["all", "any"]
    negate: bool
    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class FieldNode:
    """A question about a property of the client, or in a `where` about a param of the action."""

    pointer: str
    field: str
    operator: str
    value: Any
    ignore_year: bool


@dataclass(frozen=True, slots=True)
class MeasureNode:
    """What is counted over actions: a function and the param that it is taken of."""

    pointer: str
    function: str
    param: str | None


@dataclass(frozen=True, slots=True)
class ActionNode:
    """A question about what the client did; operator and value are both None when left to the default."""

    pointer: str
    action: str
    measure: MeasureNode
    operator: str | None
    value: Any
    period: dict[str, Any] | None
    where: "Node | None"


@dataclass(frozen=True, slots=True)
class SegmentNode:
    """Membership in any of the segments."""

    pointer: str
    operator: str
    value: Any


Node = GroupNode | FieldNode | ActionNode | SegmentNode


@dataclass(frozen=True, slots=True)
class Tree:
    """A whole filter."""

    root: Node


def parse(raw: object) -> Tree:
    """The tree of a parsed JSON value. Raises Invalid with every wrong place of its structure."""
    faults = Faults()
    tree = read_tree(raw, faults)
    faults.raise_any()
    assert tree is not None
    return tree


def read_tree(raw: object, faults: Faults) -> Tree | None:
    """The tree as far as it can be read: what is wrong goes to `faults`, broken nodes are left out."""
    body = _object(raw, "", {"version", "root"}, {"version", "root"}, faults)
    if body is None or not measure(body.get("root"), "/root", faults):
        return None
    version = body.get("version")
    if "version" in body and (version != VERSION or isinstance(version, bool)):
        faults.add(
            "/version", "UNKNOWN_VERSION", "This version of the filter language is not known.", [VERSION]
        )
    root = _node(body["root"], "/root", _NODES, faults) if "root" in body else None
    return None if root is None else Tree(root)


def _node(raw: object, at: str, kinds: dict[str, Any], faults: Faults) -> Node | None:
    if not isinstance(raw, dict):
        faults.add(at, "WRONG_TYPE", "A node is an object.", sorted(kinds))
        return None
    kind = raw.get("type")
    if not isinstance(kind, str) or kind not in kinds:
        code = "UNKNOWN_NODE_TYPE" if "type" in raw else "MISSING_KEY"
        faults.add(f"{at}/type", code, "A node names its type.", sorted(kinds))
        return None
    node: Node | None = kinds[kind](raw, at, kinds, faults)
    return node


def _group(raw: dict[str, Any], at: str, kinds: dict[str, Any], faults: Faults) -> GroupNode | None:
    _object(raw, at, {"type", "match", "negate", "nodes"}, {"match", "nodes"}, faults)
    match, negate, children = raw.get("match"), raw.get("negate"), raw.get("nodes")
    if "match" in raw and match not in ("all", "any"):
        faults.add(f"{at}/match", "WRONG_TYPE", "A group matches all or any of its nodes.", ["all", "any"])
    _flag(negate, f"{at}/negate", faults)
    if "nodes" in raw and not isinstance(children, list):
        faults.add(f"{at}/nodes", "WRONG_TYPE", "Nodes are a list.")
    if not isinstance(children, list):
        return None
    if not children:
        faults.add(f"{at}/nodes", "EMPTY_GROUP", "A group has at least one node.")
    read = [_node(child, f"{at}/nodes/{i}", kinds, faults) for i, child in enumerate(children)]
    nodes = tuple(node for node in read if node is not None)
    return GroupNode(at, "any" if match == "any" else "all", negate is True, nodes)


def _field(raw: dict[str, Any], at: str, _: dict[str, Any], faults: Faults) -> FieldNode | None:
    _object(raw, at, {"type", "field", "operator", "value", "ignore_year"}, {"field", "operator"}, faults)
    field = _text(raw, "field", at, faults)
    operator = _text(raw, "operator", at, faults)
    _flag(raw.get("ignore_year"), f"{at}/ignore_year", faults)
    if field is None or operator is None:
        return None
    return FieldNode(at, field, operator, raw.get("value"), raw.get("ignore_year") is True)


def _action(raw: dict[str, Any], at: str, _: dict[str, Any], faults: Faults) -> ActionNode | None:
    known = {"type", "action", "measure", "operator", "value", "period", "where"}
    _object(raw, at, known, {"action"}, faults)
    action = _text(raw, "action", at, faults)
    measure_ = _measure(raw.get("measure"), f"{at}/measure", faults)
    operator = _text(raw, "operator", at, faults) if raw.get("operator") is not None else None
    period = raw.get("period")
    if period is not None and not isinstance(period, dict):
        faults.add(
            f"{at}/period", "WRONG_TYPE", "A period is an object with from, to or both.", ["from", "to"]
        )
        period = None
    where = raw.get("where")
    inner = _node(where, f"{at}/where", _WHERE_NODES, faults) if where is not None else None
    if action is None or measure_ is None:
        return None
    return ActionNode(at, action, measure_, operator, raw.get("value"), period, inner)


def _measure(raw: object, at: str, faults: Faults) -> MeasureNode | None:
    if raw is None:
        return MeasureNode(at, "count", None)
    body = _object(raw, at, {"function", "param"}, {"function"}, faults)
    function = _text(body, "function", at, faults) if body is not None else None
    if body is None or function is None:
        return None
    param = _text(body, "param", at, faults) if body.get("param") is not None else None
    return MeasureNode(at, function, param)


def _segment(raw: dict[str, Any], at: str, _: dict[str, Any], faults: Faults) -> SegmentNode | None:
    _object(raw, at, {"type", "operator", "value"}, {"operator", "value"}, faults)
    operator = _text(raw, "operator", at, faults)
    return None if operator is None else SegmentNode(at, operator, raw.get("value"))


def _object(raw: object, at: str, known: set[str], needed: set[str], faults: Faults) -> dict[str, Any] | None:
    """The object with unknown and missing keys told; None when it is no object."""
    if not isinstance(raw, dict):
        faults.add(at, "WRONG_TYPE", "An object is expected here.", sorted(known))
        return None
    for key in raw.keys() - known:
        faults.add_key(at, key, "UNKNOWN_KEY", "This key is not known here.", sorted(known))
    for key in sorted(needed - raw.keys()):
        faults.add(f"{at}/{key}", "MISSING_KEY", "This key is needed.")
    return raw


def _text(raw: dict[str, Any], key: str, at: str, faults: Faults) -> str | None:
    value = raw.get(key)
    if isinstance(value, str):
        return value
    if key in raw:
        faults.add(f"{at}/{key}", "WRONG_TYPE", "A text is expected here.")
    return None


def _flag(value: object, at: str, faults: Faults) -> None:
    if value is not None and not isinstance(value, bool):
        faults.add(at, "WRONG_TYPE", "true or false is expected here.", [True, False])


_WHERE_NODES = {"group": _group, "field": _field}
_NODES = _WHERE_NODES | {"action": _action, "segment": _segment}
