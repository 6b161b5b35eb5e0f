"""Random recorded actions of every type."""

from collections.abc import Callable
from datetime import datetime
from itertools import count

from ..oracle.datemath import MICROSECOND, Clock
from ..oracle.vocabulary import ACTIONS, CHOICES
from ..oracle.world import Account, Action, ActionType, Scalar
from . import catalogue, texts, times
from .amounts import money, quantity
from .chance import Chance

RECORDED = (
    "visit", "visit", "visit", "call", "lead", "mailing.sent", "mailing.delivered", "mailing.received",
    "mailing.received", "mailing.opened", "mailing.clicked", "mailing.bounced", "mailing.unsubscribed",
    "mailing.complained", "loyalty.accrual", "loyalty.accrual", "loyalty.writeoff", "segment.entered",
    "segment.left",
)  # fmt: skip

ALWAYS = {"mailing", "segment"}
"""Params without which an action is not recorded; so are the points of loyalty operations."""

CODES = {
    "ad_channel": catalogue.AD_CHANNELS,
    "mailing": catalogue.MAILINGS,
    "manager": texts.CODES,
    "device": CHOICES["device"],
    "direction": ("in", "out"),
    "status": ("answered", "Answered", "missed"),
}


def random_actions(
    chance: Chance, clients: list[int], account: Account, clock: Clock,
    own: dict[str, ActionType], segments: tuple[str, ...],
) -> tuple[Action, ...]:  # fmt: skip
    """Up to a score of actions a client; ids do not follow time."""
    ids = count(1)
    found = []
    for client in clients:
        taken: set[datetime] = set()
        for _ in range(chance.one((0, 3, 8, 14, 20))):
            type_ = chance.one((*RECORDED, *own, *own))
            at = _free(times.instant(chance, clock), taken)
            params = _own(chance, own[type_], account, clock) if type_ in own else None
            found.append(
                Action(next(ids), client, type_, at, params or _built_in(chance, type_, account, segments))
            )
    return tuple(found)


def _free(at: datetime, taken: set[datetime]) -> datetime:
    """No two actions of a client at one instant: which visit comes first would be anybody's guess."""
    while at in taken:
        at += MICROSECOND
    taken.add(at)
    return at


def _own(chance: Chance, type_: ActionType, account: Account, clock: Clock) -> dict[str, Scalar]:
    return catalogue.scalars(chance, type_.params, account, clock, 0.6)


def _built_in(chance: Chance, type_: str, account: Account, segments: tuple[str, ...]) -> dict[str, Scalar]:
    if type_ not in ACTIONS:
        return {}
    return {
        param: _value(chance, param, kind, account, segments)
        for param, kind in ACTIONS[type_].items()
        if param in ALWAYS or type_.startswith("loyalty.") or chance.happens(0.6)
    }


def _value(chance: Chance, param: str, kind: str, account: Account, segments: tuple[str, ...]) -> Scalar:
    if param == "segment":
        return chance.one(segments)
    if param in CODES:
        return chance.one(CODES[param])
    makers: dict[str, Callable[[], Scalar]] = {
        "text": lambda: texts.text(chance),
        "number": lambda: quantity(chance),
        "money": lambda: money(chance, account.exponent),
    }
    return makers[kind]()
