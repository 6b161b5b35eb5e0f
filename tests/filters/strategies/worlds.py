"""A whole random base."""

from random import Random
from zoneinfo import ZoneInfo

from ..oracle.datemath import Clock
from ..oracle.world import Segment, World
from . import catalogue, times
from .actions import random_actions
from .chance import Chance
from .clients import random_client
from .orders import random_orders

SEGMENTS = ("churned", "vip-msk", "s1", "nobody", "everyone")
NOT_COMPUTED = "waiting"


def random_world(rng: Random, clients: int = 200) -> World:
    """A base with facts laid around its `now`; the same state of `rng` gives the same base."""
    chance = Chance(rng)
    account = catalogue.account(chance)
    zone = ZoneInfo(account.time_zone)
    clock = Clock(times.random_now(chance, zone), zone)
    ids = _ids(chance, clients)
    client_params, order_params, own = (
        catalogue.client_params(),
        catalogue.order_params(),
        catalogue.action_types(),
    )
    products = catalogue.products(chance)
    sold = (*products, *catalogue.UNKNOWN_PRODUCTS)
    return World(
        account=account,
        now=clock.now,
        clients={each: random_client(chance, each, account, clock, client_params) for each in ids},
        orders=random_orders(chance, ids, account, clock, order_params, sold),
        actions=random_actions(chance, ids, account, clock, own, SEGMENTS),
        segments=_segments(chance, ids),
        client_params=client_params,
        order_params=order_params,
        action_types=own,
        statuses=catalogue.STATUSES,
        product_groups=catalogue.GROUPS,
        products=products,
        tags=catalogue.TAGS,
    )


def _ids(chance: Chance, clients: int) -> list[int]:
    """Growing with gaps; the last ones need more than 32 bits."""
    found, last = [], 0
    for place in range(clients):
        last += chance.between(1, 3) + (2**33 if place == clients * 9 // 10 else 0)
        found.append(last)
    return found


def _segments(chance: Chance, ids: list[int]) -> dict[str, Segment]:
    shares = {"churned": 0.3, "vip-msk": 0.1, "s1": 0.5, "nobody": 0.0, "everyone": 1.0}
    ready = {
        code: Segment(code, frozenset(each for each in ids if chance.happens(share)))
        for code, share in shares.items()
    }
    return ready | {NOT_COMPUTED: Segment(NOT_COMPUTED, None)}
