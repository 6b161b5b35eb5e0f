"""A catalogue with something of every kind, and a valid leaf for every field under every operator."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from clientbase.filters import ActionType, Catalogue, Choice, Entry, Moment, Param
from clientbase.filters.operators import MANY, MEASURES, NONE, RANGE, TIMES, YEARLESS, Operator, operators_of
from clientbase.filters.specs import Action, Field, Label, Read, Type
from clientbase.filters.vocabulary import Vocabulary

SIZES = (Choice("s", "Маленький"), Choice("xl", "Большой"))
PARAM_TYPES = ("text", "number", "date", "boolean", "choice")
ACTION_PARAM_TYPES = (*PARAM_TYPES, "money", "datetime", "reference")


def _params(types: tuple[str, ...], first: int) -> tuple[Param, ...]:
    return tuple(
        Param(first + i, f"a_{type_}", f"Param {type_}", type_, choices=SIZES if type_ == "choice" else ())
        for i, type_ in enumerate(types)
    )


CATALOGUE = Catalogue(
    time_zone="Europe/Moscow",
    client_params={param.code: param for param in _params(PARAM_TYPES, 10)},
    order_params={param.code: param for param in _params(PARAM_TYPES, 20)},
    action_types={
        "webinar": ActionType(
            1000, "webinar", "Вебинар", _params(ACTION_PARAM_TYPES, 30), "a_money", "a_choice"
        ),
        "free": ActionType(1001, "free", "Free", _params(ACTION_PARAM_TYPES, 40)),
    },
    tags={"vip": Entry(7, "vip", "VIP"), "msk": Entry(8, "msk", "Москва")},
    segments={
        "churned": Entry(3, "churned", "Ушли"),
        "birthday": Entry(4, "birthday", "Именинники", personal=True),
    },
    choices={"device": (Choice("ios", "iPhone"),), "loyalty_level": SIZES, "issue_form": SIZES},
    sources=(Choice("crm", "CRM"),),
)
VOCABULARY = Vocabulary(CATALOGUE)
MOMENT = Moment(datetime(2026, 9, 28, 12, 0, tzinfo=UTC), ZoneInfo("Europe/Moscow"))


def tree(*nodes: dict[str, Any], match: str = "all", negate: bool = False) -> dict[str, Any]:
    """A filter of these nodes; one node is the root itself."""
    if len(nodes) == 1 and not negate:
        return {"version": 1, "root": nodes[0]}
    return {"version": 1, "root": {"type": "group", "match": match, "negate": negate, "nodes": list(nodes)}}


def field(code: str, operator: str, value: Any = None, **more: Any) -> dict[str, Any]:
    """A field node."""
    given = {} if value is None else {"value": value}
    return {"type": "field", "field": code, "operator": operator, **given, **more}


def action(code: str, operator: str | None = None, value: Any = None, **more: Any) -> dict[str, Any]:
    """An action node."""
    given = {} if operator is None else {"operator": operator}
    given |= {} if value is None else {"value": value}
    return {"type": "action", "action": code, **given, **more}


_SCALARS: dict[Type, tuple[Any, Any]] = {
    Type.TEXT: ("Ёлка 100%", "8 916"),
    Type.NUMBER: (0.5, 12),
    Type.INTEGER: (1, 40),
    Type.MONEY: ("10.50", "99"),
    Type.DATE: ("2026-09-01", "2026-09-28"),
    Type.DATETIME: ("2026-09-01", "2026-09-28"),
    Type.REFERENCE: ("a", "b"),
    Type.SET: ("a", "b"),
}


def value(of: Field, operator: Operator) -> Any:
    """A value that the operator takes of the field."""
    one, two = _scalars(of)
    if operator.shape == NONE:
        return None
    if operator.shape == MANY:
        return [one, two]
    return {"from": one, "to": two} if operator.shape == RANGE else one


def _scalars(of: Field) -> tuple[Any, Any]:
    if of.choices:
        return of.choices[0].code, of.choices[-1].code
    return ("1", "2") if of.form == "phone" else _SCALARS.get(of.type, (None, None))


def leaves_of(of: Field) -> Iterator[dict[str, Any]]:
    """Field nodes of a field: every operator, dates without their year too."""
    for operator in operators_of(of.type).values():
        if of.type is Type.CHOICE and not of.choices and operator.shape != NONE:
            continue
        yield field(of.code, operator.code, value(of, operator))
        if of.type in TIMES and operator.code in YEARLESS:
            ends: Any = {"from": "12-02", "to": "01-03"} if operator.shape == RANGE else "02-29"
            yield field(of.code, operator.code, ends, ignore_year=True)


def measures_of(of: Action, params: Sequence[Field]) -> Iterator[dict[str, Any]]:
    """Action nodes of an action: every function of these params under an operator of each shape."""
    for function, types in MEASURES.items():
        for param in params if types else [None]:
            if param is not None and param.type not in types:
                continue
            measure = {"function": function} | ({"param": param.code} if param is not None else {})
            kind = Type.INTEGER if function.startswith("count") or param is None else param.type
            result = Field(function, Label("", ""), kind, Read(""))
            for code in operators_of(kind).keys() & {"in", "between", "after", "not_empty"}:
                operator = operators_of(kind)[code]
                yield action(of.code, code, value(result, operator), measure=measure)


def every_node() -> Iterator[dict[str, Any]]:
    """Every field, every param of every action, every measure, under every operator."""
    for one in VOCABULARY.fields():
        yield from leaves_of(one)
    for kind in VOCABULARY.actions():
        yield from _action_nodes(kind, kind.params)


def every_way() -> Iterator[dict[str, Any]]:
    """The same, of fields that are read in one way (same rows, same kind of value) only the first."""
    seen: set[object] = set()

    def fresh(field: Field) -> bool:
        way = (field.read.rows, field.read.how, field.type, field.read.key is None)
        return way not in seen and not seen.add(way)

    for one in VOCABULARY.fields():
        if fresh(one):
            yield from leaves_of(one)
    for kind in VOCABULARY.actions():
        yield from _action_nodes(kind, [param for param in kind.params if fresh(param)])


def _action_nodes(kind: Action, params: Sequence[Field]) -> Iterator[dict[str, Any]]:
    named = [field("segment", "in", ["churned"])] if kind.code.startswith("segment.") else []
    for param in params:
        for leaf in leaves_of(param):
            yield action(kind.code, where=tree(*named, leaf)["root"])
    if not named:
        yield from measures_of(kind, params)
