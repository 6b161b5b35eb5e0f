"""A filter told in a sentence, in Russian or English."""

from decimal import Decimal
from typing import Any

from clientbase.filters.bounds import Bound
from clientbase.filters.checked import Checked, CheckedAction, CheckedField, CheckedGroup, CheckedNode
from clientbase.filters.operators import MANY, NONE, RANGE, TIMES
from clientbase.filters.phrases import (
    AND,
    EVERYONE,
    FROM,
    FROM_NUMBER,
    MEASURE_LABELS,
    MEASURE_OF,
    MORE,
    NOT,
    OR,
    PERIOD,
    QUOTED,
    SEGMENT_LABELS,
    TO,
    TO_NUMBER,
    WHERE,
    WITHOUT_YEAR,
    tell_bound,
)
from clientbase.filters.specs import Field, Type
from clientbase.filters.yearless import MonthDay

MAX_SHOWN = 5
_QUOTED_TYPES = frozenset({Type.TEXT, Type.CHOICE, Type.REFERENCE, Type.SET})


def describe(checked: Checked | None, locale: str) -> str:
    """The filter in one sentence; `ru…` is Russian, anything else English; None is everyone."""
    text = EVERYONE.of(locale) if checked is None else _Teller(locale).node(checked.root)
    return f"{text[:1].upper()}{text[1:]}."


class _Teller:
    def __init__(self, locale: str) -> None:
        self.locale = locale
        self.separator = ": " if locale.lower().startswith("ru") else " "

    def node(self, node: CheckedNode) -> str:
        """A node in words."""
        if isinstance(node, CheckedGroup):
            return self._group(node)
        if isinstance(node, CheckedField):
            return self._asked(node.field.label.of(self.locale), node)
        if isinstance(node, CheckedAction):
            return self._action(node)
        names = [segment.name for segment in node.segments]
        return f"{SEGMENT_LABELS[node.negative].of(self.locale)} {self._list(names, quoted=True)}"

    def _group(self, node: CheckedGroup) -> str:
        joint = (AND if node.every else OR).of(self.locale)
        several = len(node.nodes) > 1
        text = joint.join(self._inner(child, several) for child in node.nodes)
        return f"{NOT.of(self.locale)}({text})" if node.negate else text

    def _inner(self, node: CheckedNode, several: bool) -> str:
        """A group among others stands in brackets; a group of one is its node."""
        while isinstance(node, CheckedGroup) and not node.negate and len(node.nodes) == 1:
            (node,) = node.nodes
        bare = not isinstance(node, CheckedGroup) or node.negate
        return self.node(node) if bare or not several else f"({self.node(node)})"

    def _action(self, node: CheckedAction) -> str:
        measure = MEASURE_LABELS[node.function].of(self.locale)
        if node.param is not None:
            measure = MEASURE_OF.of(self.locale).format(measure, node.param.label.of(self.locale))
        asked = " ".join(
            filter(None, (measure, node.result.operator.label.of(self.locale), self._value(node.result)))
        )
        parts = [f"{node.action.label.of(self.locale)}: {asked}"]
        if node.period is not None:
            parts.append(f"{PERIOD.of(self.locale)} {self._value(node.period)}")
        if node.where is not None:
            parts.append(f"{WHERE.of(self.locale)} ({self.node(node.where)})")
        return ", ".join(parts)

    def _asked(self, label: str, node: CheckedField) -> str:
        said = f"{label}{self.separator}{node.operator.label.of(self.locale)}"
        value = self._value(node)
        year = f", {WITHOUT_YEAR.of(self.locale)}" if node.ignore_year else ""
        return f"{said} {value}{year}" if value else f"{said}{year}"

    def _value(self, node: CheckedField) -> str:
        shape = node.operator.shape
        if shape == NONE:
            return ""
        if shape == RANGE:
            return self._range(node)
        if node.field.type in TIMES:
            return self._bound(node.value[0])
        quoted = node.field.type in _QUOTED_TYPES
        items = node.shown if shape == MANY else [node.shown]
        return self._list([self._item(node.field, item) for item in items[:MAX_SHOWN]], quoted, len(items))

    def _range(self, node: CheckedField) -> str:
        timed = node.field.type in TIMES
        if timed and node.value[0] == node.value[1]:
            return self._bound(node.value[0])
        words = (FROM, TO) if timed else (FROM_NUMBER, TO_NUMBER)
        tell = self._bound if timed else str if node.field.type is Type.MONEY else plain
        shown = (None if end is None else tell(end) for end in node.value)
        ends = (
            f"{word.of(self.locale)} {end}" for word, end in zip(words, shown, strict=True) if end is not None
        )
        return " ".join(ends)

    def _bound(self, bound: Bound | MonthDay) -> str:
        return tell_bound(bound, self.locale)

    def _item(self, field: Field, shown: Any) -> str:
        """A value as people know it: the name of a choice, else what was written."""
        named = (choice.of(self.locale) for choice in field.choices if choice.code == shown)
        return next(named, plain(shown))

    def _list(self, items: list[str], quoted: bool, total: int | None = None) -> str:
        frame = QUOTED.of(self.locale) if quoted else "{}"
        shown = ", ".join(frame.format(item) for item in items[:MAX_SHOWN])
        more = (total if total is not None else len(items)) - MAX_SHOWN
        return f"{shown} {MORE.of(self.locale).format(more)}" if more > 0 else shown


def plain(value: Any) -> str:
    """A number without exponent and needless zeros, anything else as it is."""
    if isinstance(value, float):
        value = Decimal(repr(value))
    if not isinstance(value, Decimal):
        return str(value)
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
