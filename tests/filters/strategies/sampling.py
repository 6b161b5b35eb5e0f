"""Values that the base really holds, so that leaves are neither always empty nor everyone."""

from functools import cached_property

from ..oracle.actions import param_type, param_values, records
from ..oracle.base import Base
from ..oracle.fields import field_type, field_values
from ..oracle.leaves import present
from ..oracle.measures import measured
from ..oracle.vocabulary import ACTIONS, action_params, client_fields
from ..oracle.world import ParamDef, World
from .chance import Chance

TRIES = 6
FAVOURED = ("purchase",) * 4 + ("purchase.item",) * 8 + ("order.created",)
"""Actions asked more often than others: they have most params, and types of params that no other has."""


class Sample:
    """A world seen as a source of values for leaves."""

    def __init__(self, world: World):
        self.world = world
        self.base = Base(world, world.now)
        self.clients = tuple(world.clients.values())
        self.fields = client_fields(world)
        self.actions = (*ACTIONS, *world.action_types, *FAVOURED)
        self.unnamed = tuple(code for code in self.actions if not code.startswith("segment."))
        self.ready = tuple(code for code, each in world.segments.items() if each.members is not None)

    @cached_property
    def params(self) -> dict[str, dict[str, str]]:
        """Action → param → type."""
        return {action: action_params(self.world, action) for action in self.actions}

    @cached_property
    def definitions(self) -> dict[str, ParamDef]:
        """Own params by the last part of the name by which a leaf calls them."""
        own = [each.params for each in self.world.action_types.values()]
        return (
            self.world.client_params
            | self.world.order_params
            | {k: v for each in own for k, v in each.items()}
        )

    def of_field(self, chance: Chance, field: str) -> object | None:
        """A value that some client has in a field, or None."""
        kind = field_type(self.base, field)
        return self._first(chance, lambda client: present(kind, field_values(self.base, client, field)))

    def of_param(self, chance: Chance, action: str, param: str) -> object | None:
        """A value that some action has in a param, or None."""
        kind = param_type(self.base, action, param)
        return self._first(
            chance,
            lambda client: [
                value
                for record in records(self.base, client.id, action)
                for value in present(kind, param_values(record, param))
            ],
        )

    def of_measure(self, chance: Chance, action: str, measure: dict) -> object | None:
        """What a measure comes to for some client, all actions of the type taken, or None."""

        def values(client) -> list:
            done = records(self.base, client.id, action)
            return measured(self.base, action, measure, done)[1] if done else []

        return self._first(chance, values)

    def _first(self, chance: Chance, values) -> object | None:
        """One of the values of the first of a few random clients that has any."""
        for _ in range(TRIES):
            # Sets have no order of their own that a seed could repeat.
            found = sorted(values(chance.one(self.clients)), key=repr)
            if found:
                return chance.one(found)
        return None
