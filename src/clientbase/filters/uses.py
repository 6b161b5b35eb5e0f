"""What a filter stands on: segments, tags, params, action types, choices, personal data."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from clientbase.filters.checked import (
    Checked,
    CheckedAction,
    CheckedField,
    CheckedGroup,
    CheckedNode,
    CheckedSegment,
)
from clientbase.filters.specs import Type


@dataclass(frozen=True)
class Uses:
    """Codes of what a filter names, by kind; what is named here cannot be deleted.

    `action_params` are `<action type>.<param>`; `choices` are `<field>:<choice>`, the field being a built-in
    one, `params.<code>`, `order.<code>` or `<action type>.<param>`.
    """

    segments: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    client_params: frozenset[str] = frozenset()
    order_params: frozenset[str] = frozenset()
    action_types: frozenset[str] = frozenset()
    action_params: frozenset[str] = frozenset()
    choices: frozenset[str] = frozenset()
    personal_itself: bool = False
    """It reads personal fields itself."""
    personal: bool = False
    """It reads personal fields, itself or through segments."""

    def pairs(self) -> Iterator[tuple[str, str]]:
        """(kind, code) of everything, with the kinds of `segment_dependencies`."""
        kinds = {
            "segment": self.segments,
            "tag": self.tags,
            "client_param": self.client_params,
            "order_param": self.order_params,
            "action_type": self.action_types,
            "action_param": self.action_params,
            "choice": self.choices,
        }
        return ((kind, code) for kind, codes in kinds.items() for code in sorted(codes))


def uses(checked: Checked | None) -> Uses:
    """What a filter uses; None, everyone, uses nothing."""
    found = set(_of(checked.root)) if checked is not None else set()

    def codes(kind: str) -> frozenset[str]:
        return frozenset(code for one, code in found if one == kind)

    return Uses(
        segments=codes("segment"),
        tags=codes("tag"),
        client_params=codes("client_param"),
        order_params=codes("order_param"),
        action_types=codes("action_type"),
        action_params=codes("action_param"),
        choices=codes("choice"),
        personal_itself=("personal", _ITSELF) in found,
        personal=bool(codes("personal")),
    )


_Pairs = Iterable[tuple[str, str]]
_ITSELF, _THROUGH_SEGMENT = "itself", "through segment"


def _of(node: CheckedNode) -> _Pairs:
    if isinstance(node, CheckedGroup):
        for child in node.nodes:
            yield from _of(child)
    elif isinstance(node, CheckedField):
        yield from _of_field(node)
    elif isinstance(node, CheckedAction):
        yield from _of_action(node)
    else:
        yield from _of_segment(node)


def _of_field(node: CheckedField) -> _Pairs:
    field = node.field
    yield from field.uses
    if node.personal:
        yield "personal", _ITSELF
    if node.value is None:
        return
    shown = node.shown if isinstance(node.shown, list) else [node.shown]
    if field.dictionary:
        yield from ((field.dictionary, code) for code in shown)
    elif field.type is Type.CHOICE:
        home = next((code for kind, code in field.uses if kind == "action_param"), field.code)
        yield from (("choice", f"{home.removeprefix('receipt.')}:{code}") for code in shown)


def _of_action(node: CheckedAction) -> _Pairs:
    if node.action.own:
        yield "action_type", node.action.code
    if node.param is not None:
        yield from node.param.uses
        if node.param.personal:
            yield "personal", _ITSELF
    if node.where is not None:
        yield from _of(node.where)


def _of_segment(node: CheckedSegment) -> _Pairs:
    for segment in node.segments:
        yield "segment", segment.code
        if segment.personal:
            yield "personal", _THROUGH_SEGMENT
