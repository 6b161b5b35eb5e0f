"""Rows of a world on their way into tables, and the ids of what it names by code."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert

from clientbase.kit.db import WriteSession
from clientbase.models import Base
from tests.filters.oracle.world import ParamDef, World

LOADED_FIRST = (
    "action_types", "params", "param_choices", "field_choices", "order_statuses", "tags", "product_groups",
    "products", "clients", "orders", "segments",
)  # fmt: skip
"""Tables that others refer to."""


class Tables:
    """Rows of one account by table, waiting to be written."""

    def __init__(self, account_id: int) -> None:
        self.account_id = account_id
        self.rows: dict[str, list[dict[str, Any]]] = defaultdict(list)

    def add(self, table: str, **columns: Any) -> None:
        self.rows[table].append({"account_id": self.account_id, **columns})

    async def write(self, session: WriteSession, gather: Callable[[], None]) -> None:
        """What `gather` adds, what is referred to first."""
        self.rows.clear()
        gather()
        for name in (*LOADED_FIRST, *(self.rows.keys() - set(LOADED_FIRST))):
            if self.rows[name]:
                await session.execute(insert(Base.metadata.tables[name]), self.rows[name])


@dataclass
class Numbers:
    """Ids of what the world names by code."""

    world: World
    tags: dict[str, int] = field(init=False)
    segments: dict[str, int] = field(init=False)
    groups: dict[str, int] = field(init=False)
    products: dict[str, int] = field(init=False)
    types: dict[str, int] = field(init=False)
    params: dict[tuple[str, str], int] = field(init=False)
    """By entity (client, order or the code of an action type) and code."""

    def __post_init__(self) -> None:
        world = self.world
        self.tags = number(world.tags, 5)
        self.segments = number(world.segments, 7)
        self.groups = number(world.product_groups, 1)
        self.products = number(sold(world), 11)
        self.types = number(world.action_types, 1000)
        self.params = number(((entity, param.code) for entity, param in params_of(world)), 20)


def number(codes: Any, first: int) -> dict[Any, int]:
    return {code: first + place for place, code in enumerate(codes)}


def sold(world: World) -> list[str]:
    """Codes of products: those of the catalogue, and those that lines name first."""
    named = (line.product for order in world.orders for line in order.lines if line.product)
    return list(dict.fromkeys([*world.products, *named]))


def params_of(world: World) -> Iterator[tuple[str, ParamDef]]:
    yield from (("client", param) for param in world.client_params.values())
    yield from (("order", param) for param in world.order_params.values())
    for kind in world.action_types.values():
        yield from ((kind.code, param) for param in kind.params.values())
