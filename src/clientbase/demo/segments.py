"""Segments to look at first: one of each kind of question that a marketer asks."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Example:
    """A segment of the demo base; a manual one has no filter."""

    code: str
    name: str
    description: str
    filter: dict[str, Any]
    kind: str = "dynamic"


def _all(*nodes: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, "root": {"type": "group", "match": "all", "nodes": list(nodes)}}


def _field(code: str, operator: str, value: Any = None, **more: Any) -> dict[str, Any]:
    node = {"type": "field", "field": code, "operator": operator, **more}
    return node if value is None else node | {"value": value}


def _bought(group: str, **more: Any) -> dict[str, Any]:
    where = _field("product_group", "eq", group)
    return {"type": "action", "action": "purchase.item", "where": where, **more}


_MAILED = {"type": "action", "action": "mailing.received", "period": {"from": "now-60d"}}
_OPENED = {"type": "action", "action": "mailing.opened", "period": {"from": "now-60d"}}
_NEVER = {"operator": "eq", "value": 0}

EXAMPLES = (
    Example(
        "vip",
        "VIP",
        "Купили на 50 000 ₽ и больше, последний раз за полгода",
        _all(_field("revenue", "gte", "50000.00"), _field("last_purchase_at", "after", "now-180d/d")),
    ),
    Example(
        "sleeping",
        "Спящие",
        "Покупали не меньше трёх раз, но не последние 90 дней",
        _all(_field("sales_count", "gte", 3), _field("last_purchase_at", "before", "now-90d/d")),
    ),
    Example(
        "birthday-week",
        "День рождения на этой неделе",
        "Родились в один из ближайших семи дней, год не важен",
        _all(_field("birth_date", "between", {"from": "now/d", "to": "now+6d/d"}, ignore_year=True)),
    ),
    Example(
        "tea-not-coffee",
        "Чай, но не кофе",
        "Покупали чай и ни разу кофе",
        _all(_bought("tea"), _bought("coffee", **_NEVER)),
    ),
    Example(
        "silent-readers",
        "Не открывают письма",
        "За 60 дней получали рассылки, но не открыли ни одной",
        _all(_MAILED, _OPENED | _NEVER, _field("email", "not_empty")),
    ),
    Example(
        "newcomers",
        "Новички",
        "В базе меньше 30 дней",
        _all(_field("created_at", "after", "now-30d/d")),
    ),
    Example(
        "to-win-back",
        "Вернуть",
        "Спящие с согласием на рекламу, которых ещё нет среди VIP",
        _all(
            {"type": "segment", "operator": "in", "value": ["sleeping"]},
            {"type": "segment", "operator": "not_in", "value": ["vip"]},
            _field("consent_marketing", "is_true"),
        ),
    ),
)
"""In the order of their making: a segment stands after those that it refers to."""
