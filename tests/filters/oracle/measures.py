"""Measures over the actions that were chosen: the type of the result and its value, if there is one."""

from fractions import Fraction

from .actions import Record, param_type, param_values
from .base import Base
from .leaves import present
from .numbers import exact
from .text import fold

FOLDED = {"text", "phone", "email", "text_set"}


def measured(base: Base, action: str, measure: dict, chosen: list[Record]) -> tuple[str, list]:
    """Type and values (none or one) of a measure over actions of a type."""
    function = measure["function"]
    if function == "count":
        return "integer", [len(chosen)]
    kind = param_type(base, action, measure["param"])
    values = [value for record in chosen for value in present(kind, param_values(record, measure["param"]))]
    if function == "count_distinct":
        return "integer", [len({_identity(kind, value) for value in values})]
    return kind, REDUCE[function](values)


def _identity(kind: str, value: object) -> object:
    return fold(str(value)) if kind in FOLDED else value


def _average(values: list) -> list:
    return [sum(map(exact, values), Fraction(0)) / len(values)] if values else []


REDUCE = {
    "sum": lambda values: [sum(map(exact, values), Fraction(0))],
    "avg": _average,
    "min": lambda values: [min(values)] if values else [],
    "max": lambda values: [max(values)] if values else [],
}
