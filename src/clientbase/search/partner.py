"""The partner filter of `GET /clients` as a filter tree: AND between parameters, OR between values."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from clientbase.filters.tree import VERSION
from clientbase.kit.errors import Item, invalid
from clientbase.search.schemas import ClientListQuery, split

Node = dict[str, Any]


@dataclass(frozen=True)
class PartnerTree:
    """The tree (None: everyone) and the parameter from which each node of its root comes."""

    raw: Node | None
    params: tuple[str, ...]

    def place(self, pointer: str) -> str:
        """The parameter that a pointer into the tree is about."""
        parts = pointer.split("/")
        is_node = parts[1:3] == ["root", "nodes"] and len(parts) > 3
        return f"/{self.params[int(parts[3])]}" if is_node else ""


def tree_of(query: ClientListQuery) -> PartnerTree:
    """The tree of the parameters that are given. Raises Invalid for blank ones and ids of no digits."""
    nodes: list[Node] = []
    params: list[str] = []
    for param, make in _NODES.items():
        node = make(query)
        if node is not None:
            nodes.append(node)
            params.append(param)
    root = {"type": "group", "match": "all", "nodes": nodes}
    return PartnerTree({"version": VERSION, "root": root} if nodes else None, tuple(params))


Make = Callable[[ClientListQuery], Node | None]


def _field(param: str, field: str, operator: str, *, commas: bool = True) -> Make:
    def make(query: ClientListQuery) -> Node | None:
        values = _values(query, param, commas=commas)
        return {"type": "field", "field": field, "operator": operator, "value": values} if values else None

    return make


def _segments(param: str, operator: str) -> Make:
    def make(query: ClientListQuery) -> Node | None:
        codes = _values(query, param)
        return {"type": "segment", "operator": operator, "value": codes} if codes else None

    return make


def _ids(query: ClientListQuery) -> Node | None:
    values = _values(query, "id")
    if any(not value.isdecimal() or len(value) > 16 for value in values):
        raise invalid([Item("/id", "WRONG_TYPE", "Ids are whole numbers.")])
    value = [int(value) for value in values]
    return {"type": "field", "field": "id", "operator": "in", "value": value} if values else None


def _range(prefix: str, field: str) -> Make:
    def make(query: ClientListQuery) -> Node | None:
        ends = {"from": getattr(query, f"{prefix}_from"), "to": getattr(query, f"{prefix}_to")}
        value = {end: bound for end, bound in ends.items() if bound is not None}
        return {"type": "field", "field": field, "operator": "between", "value": value} if value else None

    return make


def _values(query: ClientListQuery, param: str, *, commas: bool = True) -> list[str]:
    """The values of a parameter, none when it is absent. Raises Invalid when it is given without any."""
    given: list[str] = getattr(query, param)
    values = [value for text in given for value in split(text)] if commas else given
    if given and not values:
        raise invalid([Item(f"/{param}", "BLANK_VALUE", "A parameter that is given has a value.")])
    return values


_NODES: dict[str, Make] = {
    "segment": _segments("segment", "in"),
    "segment_not": _segments("segment_not", "not_in"),
    "tag": _field("tag", "tags", "has_any"),
    "tag_not": _field("tag_not", "tags", "has_none"),
    "id": _ids,
    **{
        name: _field(name, name, "in")
        for name in ("phone", "email", "source", "manager", "shop", "gender", "loyalty_level")
    },
    **{name: _field(name, name, "in", commas=False) for name in ("external_id", "card_number", "city")},
    **{
        prefix: _range(prefix, f"{prefix}_at")
        for prefix in ("created", "updated", "last_order", "last_purchase")
    },
}
"""Parameter → its node; a range is named without its ends."""
