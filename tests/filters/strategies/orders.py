"""Random orders: their walk through statuses, lines, refunds."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import count

from ..oracle.datemath import MICROSECOND, Clock
from ..oracle.world import Account, Line, Order, ParamDef, Refund, StatusChange
from . import catalogue, texts, times
from .amounts import money, quantity
from .chance import Chance


def random_orders(
    chance: Chance, clients: list[int], account: Account, clock: Clock, params: dict[str, ParamDef],
    products: tuple[str, ...],
) -> tuple[Order, ...]:  # fmt: skip
    """Most clients order a few times, some never; ids grow."""
    ids, refund_ids = count(1), count(1)
    found = []
    for client in clients:
        for _ in range(chance.one((0, 0, 1, 1, 2, 3, 5))):
            order = _order(chance, next(ids), client, account, clock, refund_ids)
            lines = _lines(chance, account, products)
            found.append(
                replace(order, lines=lines, params=catalogue.scalars(chance, params, account, clock, 0.4))
            )
        if found and found[-1].client == client and chance.happens(0.08):
            found.append(_twin(chance, found[-1], next(ids), account))
    return tuple(found)


def _order(chance: Chance, number: int, client: int, account: Account, clock: Clock, refund_ids) -> Order:
    history = _history(chance, clock)
    return Order(
        id=number,
        client=client,
        created_at=history[0].at,
        history=history,
        total=money(chance, account.exponent),
        discount=money(chance, account.exponent) if chance.happens(0.7) else Decimal(0),
        cost=chance.maybe(0.6, lambda: money(chance, account.exponent)),
        number=chance.maybe(0.8, lambda: texts.text(chance)),
        shop=chance.maybe(0.7, lambda: chance.one(texts.CODES)),
        manager=chance.maybe(0.7, lambda: chance.one(texts.CODES)),
        source=chance.one(catalogue.SOURCES),
        refunds=_refunds(chance, account, clock, refund_ids),
    )


def _twin(chance: Chance, order: Order, number: int, account: Account) -> Order:
    """Another order at the very same instants: a tie of last purchases."""
    return replace(order, id=number, total=money(chance, account.exponent), number=None, refunds=())


def _history(chance: Chance, clock: Clock) -> tuple[StatusChange, ...]:
    """Any walk: skipping, leaving done, entering it again, moving inside a group; never standing still."""
    statuses = [chance.one(tuple(catalogue.STATUSES))]
    for _ in range(chance.one((0, 1, 1, 2, 3, 5))):
        others = [code for code in catalogue.STATUSES if code != statuses[-1]]
        likely = [code for code in others if code in ("done", "received")] if chance.happens(0.5) else others
        statuses.append(chance.one(likely))
    instants = _apart(sorted(times.instant(chance, clock) for _ in statuses))
    return tuple(map(StatusChange, instants, statuses))


def _apart(instants: list[datetime]) -> list[datetime]:
    """The same instants, each at least a microsecond after the one before."""
    found: list[datetime] = []
    for instant in instants:
        found.append(max(instant, found[-1] + MICROSECOND) if found else instant)
    return found


def _lines(chance: Chance, account: Account, products: tuple[str, ...]) -> tuple[Line, ...]:
    def line() -> Line:
        product = chance.maybe(0.95, lambda: chance.one(products))
        return Line(product, quantity(chance), *(money(chance, account.exponent) for _ in range(2)))

    return tuple(line() for _ in range(chance.one((0, 1, 1, 2, 4))))


def _refunds(chance: Chance, account: Account, clock: Clock, ids) -> tuple[Refund, ...]:
    some = range(chance.one((0, 0, 0, 1, 2)))
    return tuple(
        Refund(next(ids), times.instant(chance, clock), money(chance, account.exponent)) for _ in some
    )
