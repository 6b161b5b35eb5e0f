"""One condition on the values of a subject: which operator, of which type, empty or not."""

from collections.abc import Callable, Iterable

from .base import Base
from .dates import date_holds, datetime_holds, yearless_holds
from .numbers import number_holds
from .text import fold, phone_holds, text_holds
from .vocabulary import NEGATIVES


def holds(base: Base, kind: str, values: Iterable, leaf: dict) -> bool:
    """Does the leaf hold for a subject with these values? Negative operators are complements."""
    operator = leaf["operator"]
    if operator in NEGATIVES:
        return not holds(base, kind, values, leaf | {"operator": NEGATIVES[operator]})
    stored = present(kind, values)
    if operator == "empty":
        return not stored
    if kind in SETS:
        asked = [_element(kind, each) for each in leaf["value"]]
        return _set_holds(operator, SETS[kind](base, stored), asked)
    return any(HOLDS[kind](base, operator, value, leaf) for value in stored)


def present(kind: str, values: Iterable) -> list:
    """The values that are there: not missing, not blank."""
    return [value for value in values if value is not None and not _blank(value)]


def _blank(value: object) -> bool:
    return isinstance(value, str) and not fold(value)


def _element(kind: str, code: str) -> str:
    return fold(code) if kind == "text_set" else code


def _set_holds(operator: str, stored: set[str], asked: list[str]) -> bool:
    found = [each in stored for each in asked]
    return all(found) if operator == "has_all" else any(found)


def _ancestors(base: Base, groups: list[str]) -> set[str]:
    return {above for group in groups for above in base.lineage(group)}


SETS: dict[str, Callable[[Base, list[str]], set[str]]] = {
    "set": lambda base, stored: set(stored),
    "text_set": lambda base, stored: {fold(each) for each in stored},
    "group_set": _ancestors,
}


def _text(base: Base, operator: str, value: str, leaf: dict) -> bool:
    return text_holds(operator, value, leaf["value"])


def _phone(base: Base, operator: str, value: str, leaf: dict) -> bool:
    return phone_holds(operator, value, leaf["value"], base.world.account.region)


def _number(base: Base, operator: str, value, leaf: dict) -> bool:
    return number_holds(operator, value, leaf["value"])


def _date(base: Base, operator: str, value, leaf: dict) -> bool:
    if leaf.get("ignore_year"):
        return yearless_holds(operator, value, leaf["value"], base.clock)
    return date_holds(operator, value, leaf["value"], base.clock)


def _datetime(base: Base, operator: str, value, leaf: dict) -> bool:
    if leaf.get("ignore_year"):
        return _date(base, operator, base.clock.day(value), leaf)
    return datetime_holds(operator, value, leaf["value"], base.clock)


def _boolean(base: Base, operator: str, value: bool, leaf: dict) -> bool:
    return value == {"is_true": True, "is_false": False}[operator]


def _code(base: Base, operator: str, value: str, leaf: dict) -> bool:
    return value in leaf["value"] if operator == "in" else value == leaf["value"]


def _group(base: Base, operator: str, value: str, leaf: dict) -> bool:
    return any(_code(base, operator, above, leaf) for above in base.lineage(value))


def _email(base: Base, operator: str, value: str, leaf: dict) -> bool:
    """Whole addresses are normalised: a domain in punycode is the one that it spells."""
    if operator not in ("eq", "in"):
        return _text(base, operator, value, leaf)
    asked = leaf["value"] if operator == "in" else [leaf["value"]]
    return any(_text(base, "eq", value, {"value": _spelled(one)}) for one in asked)


def _spelled(address: str) -> str:
    local, at, domain = address.strip().rpartition("@")
    is_coded = any(part.startswith("xn--") for part in domain.lower().split("."))
    return local + at + (domain.lower().encode().decode("idna") if is_coded else domain)


HOLDS: dict[str, Callable] = {
    "text": _text,
    "phone": _phone,
    "email": _email,
    "number": _number,
    "money": _number,
    "integer": _number,
    "date": _date,
    "datetime": _datetime,
    "boolean": _boolean,
    "choice": _code,
    "reference": _code,
    "group": _group,
}
