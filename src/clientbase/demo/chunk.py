"""A chunk of clients: planned by its number, made by a generator of its own, so that chunks need no order."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from random import Random

from clientbase.demo.cards import add_client
from clientbase.demo.chance import seeded, skewed_count
from clientbase.demo.counted import add_counted
from clientbase.demo.deeds import deeds_of
from clientbase.demo.facts import add_actions, add_order
from clientbase.demo.people import Person, make_person
from clientbase.demo.purchases import make_purchase
from clientbase.demo.shop import Shop
from clientbase.demo.tables import Rows

CLIENTS_IN_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive clients of a base; its first client and first order count from 0 through the whole base."""

    number: int
    first_client: int
    first_order: int
    orders: tuple[int, ...]
    """How many orders each client has."""


@dataclass(frozen=True, slots=True)
class FirstIds:
    """Ids of the first client and the first order of a base; the others follow them."""

    client: int
    order: int


def plan(seed: int, clients: int) -> list[Chunk]:
    """All chunks of a base of so many clients."""
    chunks: list[Chunk] = []
    orders = 0
    for number, first in enumerate(range(0, clients, CLIENTS_IN_CHUNK)):
        rng = seeded(seed, "orders", number)
        counts = tuple(_order_count(rng) for _ in range(CLIENTS_IN_CHUNK))[: clients - first]
        chunks.append(Chunk(number, first, orders, counts))
        orders += sum(counts)
    return chunks


def make(seed: int, shop: Shop, chunk: Chunk, first: FirstIds) -> Rows:
    """The rows of a chunk."""
    rng = seeded(seed, "clients", chunk.number)
    rows = Rows(shop.account_id)
    order_numbers = iter(range(chunk.first_order, chunk.first_order + sum(chunk.orders)))
    for number, orders in enumerate(chunk.orders, chunk.first_client):
        id_ = first.client + number
        person = make_person(rng, shop.calendar, id_=id_, number=number + 1, orders=orders)
        _add(rng, rows, shop, person, islice(order_numbers, orders), first.order)
    return rows


def _add(
    rng: Random, rows: Rows, shop: Shop, person: Person, order_numbers: Iterable[int], first_order_id: int
) -> None:
    made = (make_purchase(rng, shop, person) for _ in range(person.orders))
    purchases = sorted(made, key=lambda purchase: purchase.created)
    deeds = sorted(deeds_of(rng, shop, person, purchases), key=lambda deed: deed.at)
    add_client(rng, rows, shop, person, purchases=purchases, deeds=deeds)
    for purchase, number in zip(purchases, order_numbers, strict=True):
        add_order(rng, rows, shop, person, purchase, id_=first_order_id + number, number=number)
    add_actions(rows, shop, person, deeds)
    add_counted(rows, shop, person, purchases, deeds)


def _order_count(rng: Random) -> int:
    """Five on average: a quarter never bought, a few buy every week."""
    return skewed_count(rng, none=0.25, mean=6.55, spread=1.05, most=400)
