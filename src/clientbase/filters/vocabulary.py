"""Every field and action that an account may name: the built-in tables and the account's own, by code."""

from collections.abc import Iterable
from dataclasses import replace

from clientbase.filters.actions import ACTIONS, ORDER_PARAMS_OF, TIME, receipt_param
from clientbase.filters.catalogue import ActionType, Catalogue, Param
from clientbase.filters.fields import CLIENT_FIELDS
from clientbase.filters.specs import Action, Field, Label, Read, Type

EXTERNAL_ID = "external_id."
MAX_SOURCE = 100
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
    """What the trees of one account may name: `fields` of clients and `actions`, by code."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.fields: dict[str, Field] = {
            code: _with_choices(field, catalogue) for code, field in CLIENT_FIELDS.items()
        }
        self.fields |= {field.code: field for field in map(_client_param, catalogue.client_params.values())}
        of_orders = [_order_param(param) for param in catalogue.order_params.values()]
        self.actions: dict[str, Action] = {
            code: _built_in(action, of_orders, catalogue) for code, action in ACTIONS.items()
        }
        self.actions |= {kind.code: _own_action(kind) for kind in catalogue.action_types.values()}
        self.external_ids = {f"{EXTERNAL_ID}{source.code}" for source in catalogue.sources}

    def field(self, code: str) -> Field | None:
        """The client's field of this code; any source of up to 100 characters gives an `external_id.<source>`."""
        found = self.fields.get(code)
        source = code.removeprefix(EXTERNAL_ID)
        if found is None and source != code and 0 < len(source) <= MAX_SOURCE and source.strip() == source:
            return external_id(source)
        return found

    def field_codes(self) -> Iterable[str]:
        """Codes of all fields that are known beforehand."""
        return [*self.fields, *sorted(self.external_ids)]


def external_id(source: str) -> Field:
    """The id of a client in one source."""
    whole = CLIENT_FIELDS["external_id"]
    label = Label(f"Внешний ID ({source})", f"External id ({source})")
    read = replace(whole.read, key=source)
    return replace(whole, code=f"{EXTERNAL_ID}{source}", label=label, read=read)


def _with_choices(field: Field, catalogue: Catalogue) -> Field:
    """A choice field with the values of the account beside the built-in ones."""
    if field.type is not Type.CHOICE:
        return field
    own = catalogue.choices.get(field.code, ())
    known = {choice.code for choice in own}
    built_in = tuple(choice for choice in field.choices if choice.code not in known)
    return replace(field, choices=(*built_in, *own))


def _client_param(param: Param) -> Field:
    type_ = Type(param.type)
    read = Read("column", _COLUMN_OF[type_], "client_param_values", param.id)
    return _own(param, f"params.{param.code}", read, "params", ("client_param", param.code))


def _order_param(param: Param) -> Field:
    read = Read("order_param", _COLUMN_OF[Type(param.type)], key=param.id)
    return _own(param, f"order.{param.code}", read, "", ("order_param", param.code))


def _own(param: Param, code: str, read: Read, group: str, use: tuple[str, str]) -> Field:
    label = Label(param.name, param.name)
    return Field(
        code, label, Type(param.type), read, group, param.personal, choices=param.choices, uses=(use,)
    )


def _built_in(action: Action, of_orders: list[Field], catalogue: Catalogue) -> Action:
    params = tuple(_with_choices(param, catalogue) for param in action.params)
    if action.code in ORDER_PARAMS_OF:
        params += tuple(of_orders)
    if action.code == "purchase.item":
        params += tuple(receipt_param(param) for param in of_orders)
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
