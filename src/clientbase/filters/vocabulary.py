"""Every field and action that an account may name: the built-in tables and the account's own, by code."""

from collections.abc import Iterator
from dataclasses import replace

from clientbase.filters.actions import ACTIONS, ORDER_PARAMS_OF, TIME, receipt_param
from clientbase.filters.catalogue import ActionType, Catalogue, Choice, Param
from clientbase.filters.fields import CLIENT_FIELDS
from clientbase.filters.specs import Action, Choices, Field, Label, Read, Type
from clientbase.filters.values import MAX_CODE
from clientbase.kit.text import clean

PARAMS = "params."
EXTERNAL_ID = "external_id."
_COLUMN_OF = {
    Type.TEXT: "folded",
    Type.CHOICE: "folded",
    Type.NUMBER: "number",
    Type.DATE: "day",
    Type.BOOLEAN: "boolean",
}
_JSON_OF = {
    Type.TEXT: "json_text",
    Type.NUMBER: "json_number",
    Type.MONEY: "json_number",
    Type.DATE: "json_date",
    Type.DATETIME: "json_datetime",
    Type.BOOLEAN: "json_boolean",
    Type.CHOICE: "json",
    Type.REFERENCE: "json",
}


class Vocabulary:
    """What the trees of one account may name; each is made once, when it is asked for."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._fields: dict[str, Field | None] = {}
        self._actions: dict[str, Action | None] = {}

    def field(self, code: str) -> Field | None:
        """The client's field of this code; `external_id.<source>` takes any source, known yet or not."""
        if code not in self._fields:
            self._fields[code] = self._field(code)
        return self._fields[code]

    def action(self, code: str) -> Action | None:
        """The action of this code."""
        if code not in self._actions:
            self._actions[code] = self._action(code)
        return self._actions[code]

    def _field(self, code: str) -> Field | None:
        if code in CLIENT_FIELDS:
            return _with_choices(CLIENT_FIELDS[code], self.catalogue)
        if code.startswith(PARAMS):
            param = self.catalogue.client_params.get(code.removeprefix(PARAMS))
            return None if param is None else _client_param(param)
        source = code.removeprefix(EXTERNAL_ID)
        named = source != code and 0 < len(source) <= MAX_CODE and clean(source) == source
        return external_id(source) if named else None

    def _action(self, code: str) -> Action | None:
        if code in ACTIONS:
            return _built_in(ACTIONS[code], self.catalogue)
        kind = self.catalogue.action_types.get(code)
        return None if kind is None else _own_action(kind)

    def field_codes(self) -> list[str]:
        """Codes of all fields that are known beforehand, in the order of the table."""
        params = (f"{PARAMS}{code}" for code in self.catalogue.client_params)
        sources = (f"{EXTERNAL_ID}{source.code}" for source in self.catalogue.sources)
        return [*CLIENT_FIELDS, *params, *sources]

    def action_codes(self) -> list[str]:
        """Codes of all actions."""
        return [*ACTIONS, *self.catalogue.action_types]

    def fields(self) -> Iterator[Field]:
        """All fields that are known beforehand."""
        return (field for code in self.field_codes() if (field := self.field(code)) is not None)

    def actions(self) -> Iterator[Action]:
        """All actions."""
        return (action for code in self.action_codes() if (action := self.action(code)) is not None)


def external_id(source: str) -> Field:
    """The id of a client in one source."""
    whole = CLIENT_FIELDS["external_id"]
    label = Label(f"Внешний ID ({source})", f"External id ({source})")
    read = replace(whole.read, key=source)
    return replace(whole, code=f"{EXTERNAL_ID}{source}", label=label, read=read)


def _with_choices(field: Field, catalogue: Catalogue) -> Field:
    """A field with the names of its values: built-in and own choices, tags, segments."""
    if field.type is Type.CHOICE:
        own = catalogue.choices.get(field.code, ())
        known = {choice.code for choice in own}
        built_in = tuple(choice for choice in field.choices if choice.code not in known)
        return replace(field, choices=Choices((*built_in, *own)))
    if field.dictionary:
        entries = catalogue.tags if field.dictionary == "tag" else catalogue.segments
        return replace(field, choices=Choices(Choice(entry.code, entry.name) for entry in entries.values()))
    return field


def _client_param(param: Param) -> Field:
    type_ = Type(param.type)
    read = Read("column", _COLUMN_OF[type_], "client_param_values", param.id)
    return _own(param, f"{PARAMS}{param.code}", read, "params", ("client_param", param.code))


def _order_param(param: Param) -> Field:
    read = Read("order_param", _COLUMN_OF[Type(param.type)], key=param.id)
    return _own(param, f"order.{param.code}", read, "", ("order_param", param.code))


def _own(param: Param, code: str, read: Read, group: str, use: tuple[str, str]) -> Field:
    label = Label(param.name, param.name)
    return Field(
        code,
        label,
        Type(param.type),
        read,
        group,
        param.personal,
        choices=Choices(param.choices),
        uses=(use,),
    )


def _built_in(action: Action, catalogue: Catalogue) -> Action:
    params = tuple(_with_choices(param, catalogue) for param in action.params)
    of_orders = tuple(map(_order_param, catalogue.order_params.values()))
    if action.code in ORDER_PARAMS_OF:
        params += of_orders
    if action.code == "purchase.item":
        params += tuple(map(receipt_param, of_orders))
    return replace(action, params=params)


def _own_action(kind: ActionType) -> Action:
    params = tuple(_own_param(param, kind) for param in kind.params)
    return Action(kind.code, Label(kind.name, kind.name), "actions", (*params, TIME), kind.id, own=True)


def _own_param(param: Param, kind: ActionType) -> Field:
    hot = {kind.amount_param: "amount", kind.reference_param: "reference"}
    if param.code in hot:
        read = Read("column", hot[param.code], key=param.id)
    else:
        read = Read(_JSON_OF[Type(param.type)], param.code, key=param.id)
    return _own(param, param.code, read, "", ("action_param", f"{kind.code}.{param.code}"))
