"""A tree over a base: who is meant."""

from collections.abc import Callable
from datetime import datetime

from .actions import Record, param_type, param_values, records
from .base import Base
from .fields import field_type, field_values
from .leaves import holds
from .measures import measured
from .world import Client, World

COUNTED = {"measure": {"function": "count"}, "operator": "gte", "value": 1}
"""What an action leaf means when it does not say."""


def members(world: World, filter_: dict | None, now: datetime) -> set[int]:
    """Ids of the clients that a filter means at an instant; no filter means everyone."""
    base = Base(world, now)
    return {client.id for client in world.clients.values() if client_matches(base, filter_, client)}


def client_matches(base: Base, filter_: dict | None, client: Client) -> bool:
    def judge(leaf: dict) -> bool:
        return CLIENT_LEAVES[leaf["type"]](base, client, leaf)

    return filter_ is None or _holds(filter_["root"], judge)


def _holds(node: dict, judge: Callable[[dict], bool]) -> bool:
    """A node about some subject, whose leaves are judged by `judge`."""
    if node["type"] != "group":
        return judge(node)
    found = [_holds(each, judge) for each in node["nodes"]]
    together = {"all": all, "any": any}[node["match"]](found)
    return together != node.get("negate", False)


def _field(base: Base, client: Client, leaf: dict) -> bool:
    return holds(base, field_type(base, leaf["field"]), field_values(base, client, leaf["field"]), leaf)


def _action(base: Base, client: Client, leaf: dict) -> bool:
    leaf = COUNTED | leaf
    chosen = [each for each in records(base, client.id, leaf["action"]) if _chosen(base, each, leaf)]
    kind, values = measured(base, leaf["action"], leaf["measure"], chosen)
    return holds(base, kind, values, leaf)


def _chosen(base: Base, record: Record, leaf: dict) -> bool:
    """Is the action within the period, and does `where` hold for it?"""

    def param(condition: dict) -> bool:
        kind = param_type(base, leaf["action"], condition["field"])
        return holds(base, kind, param_values(record, condition["field"]), condition)

    period, where = leaf.get("period"), leaf.get("where")
    within = {"field": "time", "operator": "between", "value": period}
    return (period is None or param(within)) and (where is None or _holds(where, param))


def _segment(base: Base, client: Client, leaf: dict) -> bool:
    stored = [base.world.segments[code].members for code in leaf["value"]]
    assert None not in stored, "a segment never computed is an error, not a set"
    inside = any(client.id in ids for ids in stored)
    return inside == (leaf["operator"] == "in")


CLIENT_LEAVES: dict[str, Callable[[Base, Client, dict], bool]] = {
    "field": _field,
    "action": _action,
    "segment": _segment,
}
