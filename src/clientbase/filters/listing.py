"""The catalogue as a list for front ends: every field and action with its operators and shapes of values."""

from typing import Any

from clientbase.filters.catalogue import Catalogue
from clientbase.filters.fields import GROUPS
from clientbase.filters.limits import MAX_TEXT, MAX_VALUES
from clientbase.filters.operators import (
    MANY,
    MEASURES,
    NONE,
    ONE,
    SEGMENT_OPERATORS,
    TIMES,
    YEARLESS,
    Operator,
    operators_of,
)
from clientbase.filters.phrases import ACTIONS_GROUP, MEASURE_LABELS, SEGMENT_LABELS
from clientbase.filters.specs import Action, Field, Type
from clientbase.filters.values import MAX_CODE, MAX_INTEGER
from clientbase.filters.vocabulary import Vocabulary

Row = dict[str, Any]


def catalogue_rows(catalogue: Catalogue, locale: str) -> list[Row]:
    """Every field, action and the segment node of an account, labels in `ru…` or else English.

    Rows of fields: kind "field", code, label, group {code, label}, type, personal, lookup, choices, operators
    [{code, label, value, ignore_year}]; `value` is a JSON schema, None where the operator takes none, and
    `ignore_year` says whether the operator may ignore it. Rows of actions: kind "action", code, label, group,
    personal, measures [{function, label, params}], params (rows of fields). The last row has kind "segment".
    """
    vocabulary = Vocabulary(catalogue)
    fields = [_field(field, catalogue, locale) for field in vocabulary.fields()]
    actions = [_action(action, catalogue, locale) for action in vocabulary.actions()]
    return [*fields, *actions, _segment(locale)]


def _field(field: Field, catalogue: Catalogue, locale: str) -> Row:
    group = GROUPS.get(field.group)
    return {
        "kind": "field",
        "code": field.code,
        "label": field.label.of(locale),
        "group": {"code": field.group, "label": group.of(locale)} if group is not None else None,
        "type": field.type.value,
        "operators": _operators(field, catalogue, locale),
        "personal": field.personal,
        "lookup": field.lookup,
        "choices": _choices(field, locale),
    }


def _choices(field: Field, locale: str) -> list[Row] | None:
    """Values to choose from; segments are looked up instead, there may be many."""
    if field.type is not Type.CHOICE and field.dictionary != "tag":
        return None
    return [{"code": choice.code, "label": choice.of(locale)} for choice in field.choices]


def _action(action: Action, catalogue: Catalogue, locale: str) -> Row:
    return {
        "kind": "action",
        "code": action.code,
        "label": action.label.of(locale),
        "group": {"code": "actions", "label": ACTIONS_GROUP.of(locale)},
        "personal": any(param.personal for param in action.params),
        "measures": [_measure(function, action, locale) for function in MEASURES],
        "params": [_field(param, catalogue, locale) for param in action.params],
    }


def _measure(function: str, action: Action, locale: str) -> Row:
    params = [param.code for param in action.params if param.type in MEASURES[function]]
    return {"function": function, "label": MEASURE_LABELS[function].of(locale), "params": params}


def _segment(locale: str) -> Row:
    value = {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": MAX_VALUES}
    operators = [
        {"code": code, "label": SEGMENT_LABELS[negative].of(locale), "value": value}
        for code, negative in SEGMENT_OPERATORS.items()
    ]
    return {"kind": "segment", "code": "segment", "operators": operators, "lookup": "/segments"}


def _operators(field: Field, catalogue: Catalogue, locale: str) -> list[Row]:
    return [
        {
            "code": operator.code,
            "label": operator.label.of(locale),
            "value": _value(field, operator, catalogue),
            "ignore_year": field.type in TIMES and operator.code in YEARLESS,
        }
        for operator in operators_of(field.type).values()
    ]


def _value(field: Field, operator: Operator, catalogue: Catalogue) -> Row | None:
    if operator.shape == NONE:
        return None
    one = _scalar(field, catalogue)
    if operator.shape == ONE:
        return one
    if operator.shape == MANY:
        return {"type": "array", "items": one, "minItems": 1, "maxItems": MAX_VALUES}
    ends = {"from": one, "to": one}
    return {"type": "object", "properties": ends, "minProperties": 1, "additionalProperties": False}


def _scalar(field: Field, catalogue: Catalogue) -> Row:
    if field.type is Type.CHOICE:
        return {"type": "string", "enum": [choice.code for choice in field.choices]}
    if field.type is Type.MONEY:
        places = catalogue.currency_exponent
        return {
            "type": "string",
            "pattern": rf"^-?\d{{1,14}}(\.\d{{1,{places}}})?$" if places else r"^-?\d{1,14}$",
        }
    return _SCHEMAS[field.type]


_TEXT: Row = {"type": "string", "minLength": 1, "maxLength": MAX_TEXT}
_CODE: Row = {"type": "string", "minLength": 1, "maxLength": MAX_CODE}
_BOUND: Row = {"type": "string", "format": "bound", "examples": ["2026-09-28", "now-90d", "now-1M/M"]}
_SCHEMAS: dict[Type, Row] = {
    Type.TEXT: _TEXT,
    Type.NUMBER: {"type": "number", "multipleOf": 0.0001},
    Type.INTEGER: {"type": "integer", "minimum": -MAX_INTEGER, "maximum": MAX_INTEGER},
    Type.DATE: _BOUND,
    Type.DATETIME: _BOUND,
    Type.REFERENCE: _CODE,
    Type.SET: _CODE,
}
