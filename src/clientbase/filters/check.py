"""A raw tree against a catalogue: every wrong place at once, or the tree as understood."""

from typing import Any

from clientbase.filters.actions import SEGMENT_ACTIONS, TIME
from clientbase.filters.catalogue import Catalogue, Entry
from clientbase.filters.checked import (
    Checked,
    CheckedAction,
    CheckedField,
    CheckedGroup,
    CheckedNode,
    CheckedSegment,
)
from clientbase.filters.faults import MAX_FAULTS, Faults
from clientbase.filters.limits import MAX_VALUES
from clientbase.filters.operators import (
    MEASURES,
    SEGMENT_OPERATORS,
    TIMES,
    YEARLESS,
    ZERO_MEASURES,
    Operator,
    measured,
    operators_of,
)
from clientbase.filters.shapes import ValueReader
from clientbase.filters.specs import Action, Field, Label, Read, Type
from clientbase.filters.tree import (
    ActionNode,
    FieldNode,
    GroupNode,
    MeasureNode,
    Node,
    SegmentNode,
    read_tree,
)
from clientbase.filters.values import Wrong, text_of
from clientbase.filters.vocabulary import Vocabulary


def check(raw: object, catalogue: Catalogue) -> Checked:
    """Understand a filter of an account.

    Raises Invalid with every wrong place; pointers begin at the tree (`/root/nodes/0/value`).
    """
    faults = Faults()
    tree = read_tree(raw, faults)
    root = _Checker(catalogue, faults).node(tree.root) if tree is not None else None
    faults.raise_any()
    assert root is not None
    return Checked(root)


class _Checker:
    """One walk over one tree; `action` is the action in whose `where` the walk stands."""

    def __init__(self, catalogue: Catalogue, faults: Faults) -> None:
        self.catalogue, self.faults = catalogue, faults
        self.vocabulary = Vocabulary(catalogue)

    def node(self, node: Node, action: Action | None = None) -> CheckedNode | None:
        """The node as understood; None when something in it is wrong, or too much was wrong before it."""
        if self.faults.count >= MAX_FAULTS:
            return None
        if isinstance(node, GroupNode):
            return self._group(node, action)
        if isinstance(node, FieldNode):
            return self._field(node, action)
        if isinstance(node, ActionNode):
            return self._action(node)
        return self._segment(node)

    def _group(self, node: GroupNode, action: Action | None) -> CheckedGroup | None:
        read = [self.node(child, action) for child in node.nodes]
        nodes = tuple(child for child in read if child is not None)
        return CheckedGroup(node.match == "all", node.negate, nodes) if len(nodes) == len(read) else None

    def _field(self, node: FieldNode, action: Action | None) -> CheckedField | None:
        field = self.vocabulary.field(node.field) if action is None else action.param(node.field)
        at = f"{node.pointer}/field"
        if field is None and action is None:
            self.faults.add_unknown(at, "UNKNOWN_FIELD", "field", node.field, self.vocabulary.field_codes())
        elif field is None and action is not None:
            known = [param.code for param in action.params]
            self.faults.add_unknown(at, "UNKNOWN_PARAM", "param of this action", node.field, known)
        if field is None:
            return None
        return self._leaf(field, node.operator, node.value, node.pointer, node.ignore_year)

    def _leaf(
        self, field: Field, code: str, value: Any, at: str, ignore_year: bool = False
    ) -> CheckedField | None:
        operator = self._operator(field, code, at)
        if operator is None or (ignore_year and not self._yearless(field, operator, at)):
            return None
        reader = ValueReader(field, operator, self.catalogue, self.faults)
        read, normal = reader.read(value, f"{at}/value", ignore_year)
        if not read:
            return None
        personal = field.personal or self._names_personal(field, value)
        return CheckedField(field, operator, normal, value, ignore_year, personal)

    def _names_personal(self, field: Field, value: Any) -> bool:
        """Whether a param of an action names a segment whose filter reads personal data."""
        if field.dictionary != "segment" or value is None:
            return False
        codes = value if isinstance(value, list) else [value]
        return any(self.catalogue.segments[code].personal for code in codes)

    def _operator(self, field: Field, code: str, at: str) -> Operator | None:
        known = operators_of(field.type)
        if code not in known:
            message = f"A {field.type} does not have this operator."
            self.faults.add(f"{at}/operator", "OPERATOR_NOT_ALLOWED", message, known)
        return known.get(code)

    def _yearless(self, field: Field, operator: Operator, at: str) -> bool:
        allowed = field.type in TIMES and operator.code in YEARLESS
        if not allowed:
            message = "Only dates under eq, ne, between and not_between ignore the year."
            self.faults.add(f"{at}/ignore_year", "IGNORE_YEAR_NOT_ALLOWED", message, sorted(YEARLESS))
        return allowed

    def _action(self, node: ActionNode) -> CheckedAction | None:
        action = self.vocabulary.action(node.action)
        if action is None:
            at = f"{node.pointer}/action"
            self.faults.add_unknown(
                at, "UNKNOWN_ACTION", "action", node.action, self.vocabulary.action_codes()
            )
            return None
        measure = self._measure(node.measure, action)
        result = self._result(node, *measure) if measure is not None else None
        period = self._period(node)
        where = self.node(node.where, action) if node.where is not None else None
        if where is None and node.where is not None:
            return None
        if action.code in SEGMENT_ACTIONS and not names_segment(where):
            message = "This action needs a `where` with segment eq or in, beside which the rest stands."
            self.faults.add(f"{node.pointer}/where", "SEGMENT_REQUIRED", message, ["segment"])
            return None
        if measure is None or result is None or (period is None and node.period is not None):
            return None
        return CheckedAction(action, measure[0], measure[1], result, period, where)

    def _measure(self, node: MeasureNode, action: Action) -> tuple[str, Field | None] | None:
        types = MEASURES.get(node.function)
        if types is None:
            at = f"{node.pointer}/function"
            self.faults.add(at, "UNKNOWN_FUNCTION", "There is no such measure.", MEASURES)
            return None
        if not types:
            if node.param is not None:
                self.faults.add(f"{node.pointer}/param", "UNEXPECTED_PARAM", "count takes no param.")
            return (node.function, None) if node.param is None else None
        fitting = [param.code for param in action.params if param.type in types]
        if node.param is None:
            self.faults.add(f"{node.pointer}/param", "MISSING_KEY", "This measure needs a param.", fitting)
            return None
        return self._measured_param(node, action, fitting)

    def _measured_param(
        self, node: MeasureNode, action: Action, fitting: list[str]
    ) -> tuple[str, Field | None] | None:
        assert node.param is not None
        param, at = action.param(node.param), f"{node.pointer}/param"
        if param is None:
            self.faults.add_unknown(at, "UNKNOWN_PARAM", "param of this action", node.param, fitting)
        elif param.code not in fitting:
            message = "This measure is not taken of this type."
            self.faults.add(at, "WRONG_TYPE", message, fitting)
        else:
            return node.function, param
        return None

    def _result(self, node: ActionNode, function: str, param: Field | None) -> CheckedField | None:
        """The measure seen as a field under the node's operator; count is at least 1 when nothing is said."""
        field = Field(
            function,
            param.label if param is not None else Label("", ""),
            measured(function, param.type if param is not None else None),
            Read(function),
            zero=function in ZERO_MEASURES,
            minor=param is not None and param.minor and function != "count_distinct",
        )
        if node.operator is None and node.value is None and function == "count":
            return self._leaf(field, "gte", 1, node.pointer)
        if node.operator is None:
            allowed = operators_of(field.type)
            self.faults.add(f"{node.pointer}/operator", "MISSING_KEY", "An operator is needed here.", allowed)
            return None
        return self._leaf(field, node.operator, node.value, node.pointer)

    def _period(self, node: ActionNode) -> CheckedField | None:
        if node.period is None:
            return None
        operator = operators_of(Type.DATETIME)["between"]
        reader = ValueReader(TIME, operator, self.catalogue, self.faults)
        read, normal = reader.read(node.period, f"{node.pointer}/period")
        return CheckedField(TIME, operator, normal, node.period) if read else None

    def _segment(self, node: SegmentNode) -> CheckedSegment | None:
        at = f"{node.pointer}/value"
        if node.operator not in SEGMENT_OPERATORS:
            message = "A segment node asks in or not_in."
            self.faults.add(f"{node.pointer}/operator", "OPERATOR_NOT_ALLOWED", message, SEGMENT_OPERATORS)
            return None
        if not isinstance(node.value, list):
            self.faults.add(at, "WRONG_TYPE", "A list of segment codes is expected here.", ["list"])
            return None
        if not 1 <= len(node.value) <= MAX_VALUES:
            code = "TOO_MANY_VALUES" if node.value else "EMPTY_VALUE_LIST"
            self.faults.add(at, code, f"The list has 1 to {MAX_VALUES} codes.", [MAX_VALUES])
            return None
        read = [self._entry(raw, f"{at}/{i}") for i, raw in enumerate(node.value)]
        entries = tuple(entry for entry in read if entry is not None)
        return (
            CheckedSegment(SEGMENT_OPERATORS[node.operator], entries) if len(entries) == len(read) else None
        )

    def _entry(self, raw: Any, at: str) -> Entry | None:
        try:
            code = text_of(raw)
        except Wrong as wrong:
            wrong.tell(self.faults, at, raw)
            return None
        if code not in self.catalogue.segments:
            self.faults.add_unknown(at, "UNKNOWN_SEGMENT", "segment", code, self.catalogue.segments)
        return self.catalogue.segments.get(code)


def names_segment(where: CheckedNode | None) -> bool:
    """Whether what passes must be of named segments: `segment` eq or in, not under any or negate."""
    if isinstance(where, CheckedField):
        return where.field.dictionary == "segment" and where.operator.code in ("eq", "in")
    if not isinstance(where, CheckedGroup) or where.negate or (not where.every and len(where.nodes) > 1):
        return False
    return any(names_segment(node) for node in where.nodes)
