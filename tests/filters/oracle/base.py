"""A world at an instant: its clock, and its facts by client."""

from collections import defaultdict
from functools import cached_property
from zoneinfo import ZoneInfo

from .datemath import Clock
from .world import Action, Order, World


class Base:
    """What every part of the evaluator is given."""

    def __init__(self, world: World, now):
        self.world = world
        self.clock = Clock(now, ZoneInfo(world.account.time_zone))
        self.memory: dict = {}

    @cached_property
    def _orders(self) -> dict[int, list[Order]]:
        return _by_client(self.world.orders)

    @cached_property
    def _actions(self) -> dict[int, list[Action]]:
        return _by_client(self.world.actions)

    def orders(self, client: int) -> list[Order]:
        return self._orders[client]

    def actions(self, client: int, *types: str) -> list[Action]:
        """Recorded actions of these types, earliest first, the lower id first among equals."""
        found = [action for action in self._actions[client] if action.type in types]
        return sorted(found, key=lambda action: (action.at, action.id))

    def lineage(self, group: str) -> tuple[str, ...]:
        """A product group and every group above it."""
        known = self.world.product_groups.get(group)
        return (group, *self.lineage(known.parent)) if known and known.parent else (group,)

    def group_of(self, product: str | None) -> str | None:
        known = self.world.products.get(product) if product else None
        return known.group if known else None


def _by_client(facts) -> dict:
    found = defaultdict(list)
    for fact in facts:
        found[fact.client].append(fact)
    return found
