"""The facts of a world as rows, stored as the product stores what it is sent."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any

from clientbase.accounts import service as accounts
from clientbase.actions.values import ParamType, read_value
from clientbase.filters import Catalogue
from clientbase.kit.money import to_minor
from clientbase.kit.phones import digit_forms
from clientbase.kit.text import clean, fold
from clientbase.loading.actions.checks import Takes, check, takes_of
from clientbase.loading.actions.rows import ActionRow
from clientbase.loading.orders.states import Entry, purchased_at
from clientbase.loading.typed_values import typed_value
from clientbase.models import BUILT_IN_TYPE_IDS
from clientbase.models.clients import FOLDED_FIELDS
from tests.filters.oracle.world import Action, Client, Order, ParamDef, World
from tests.filters.tables import Numbers, Tables

PLAIN = ("birth_date", "date_trigger", "created_at", "updated_at", "stated_bonus_balance", "discount_percent")
CODES = (
    "gender", "source", "manager", "shop", "card_template", "device", "loyalty_level", "issue_form",
    "point_of_sale",
)  # fmt: skip


def fill(tables: Tables, world: World, numbers: Numbers, catalogue: Catalogue) -> None:
    """Facts."""
    fill_products(tables, world, numbers)
    begun = {status["code"] for status in accounts.seeds.ORDER_STATUSES}
    for status in world.statuses.values():
        if status.code not in begun:
            tables.add("order_statuses", code=status.code, name=status.code, status_group=status.group)
    for client in world.clients.values():
        fill_client(tables, world, numbers, client)
    for order in world.orders:
        Receipt(tables, world, numbers, order).fill()
    types = takes_of(catalogue)
    for action in world.actions:
        fill_action(tables, numbers, types, action)


def fill_products(tables: Tables, world: World, numbers: Numbers) -> None:
    for group in world.product_groups.values():
        path = lineage(world, group.code)
        parent = numbers.groups.get(group.parent or "")
        id_ = numbers.groups[group.code]
        tables.add("product_groups", id=id_, code=group.code, name=group.code, parent_id=parent, path=path)
    for code, id_ in numbers.products.items():
        known = world.products.get(code)
        group_id = numbers.groups.get(known.group or "") if known else None
        tables.add("products", id=id_, code=code, name=code, group_id=group_id)


def lineage(world: World, group: str) -> list[str]:
    """Codes from the root to the group."""
    parent = world.product_groups[group].parent
    return [*(lineage(world, parent) if parent else []), group]


def written(text: str | None) -> str | None:
    return None if text is None else clean(text)


def fill_client(tables: Tables, world: World, numbers: Numbers, client: Client) -> None:
    keys = {f"extra_key_{place}": key for place, key in enumerate(client.extra_keys, 1)}
    texts = {name: written(keys.get(name) or getattr(client, name, None)) for name in FOLDED_FIELDS}
    folded = {f"{name}_folded": text and fold(text) for name, text in texts.items()}
    plain = {name: getattr(client, name) for name in PLAIN}
    codes = {name: written(getattr(client, name)) for name in CODES}
    consents = {f"consent_{kind}": client.consents.get(kind) for kind in ("marketing", "personal_data")}
    tables.add("clients", id=client.id, **texts, **folded, **plain, **codes, **consents)
    fill_contacts(tables, client)
    for tag in client.tags:
        tables.add("client_tags", client_id=client.id, tag_id=numbers.tags[tag])
    for code, value in client.params.items():
        columns = param_columns(world.client_params[code], value, world)
        if columns:
            tables.add(
                "client_param_values", client_id=client.id, param_id=numbers.params["client", code], **columns
            )


def fill_contacts(tables: Tables, client: Client) -> None:
    for contact in client.contacts:
        digits = digit_forms(contact.value) if contact.kind == "phone" else None
        tables.add(
            "client_contacts",
            client_id=client.id,
            kind=contact.kind,
            value=contact.value,
            digits=digits,
            is_primary=False,
            verified=contact.verified,
        )
    for identity in client.identities:
        text = written(identity.external_id)
        assert text
        tables.add(
            "client_identities",
            client_id=client.id,
            source=identity.source,
            external_id=text,
            external_id_folded=fold(text),
        )


def param_columns(param: ParamDef, value: Any, world: World) -> dict[str, Any] | None:
    """The columns of a param value; None for a blank one."""
    of = ParamType(param.type, param.choices, world.account.exponent)
    stored = typed_value(param.type, read_value(value, of))
    return stored._asdict() if stored else None


class Receipt:
    """An order on its way into tables."""

    def __init__(self, tables: Tables, world: World, numbers: Numbers, order: Order) -> None:
        self.tables, self.world, self.numbers, self.order = tables, world, numbers, order
        self.entries = tuple(
            Entry(change.at, change.status, world.statuses[change.status].group) for change in order.history
        )
        self.bought = purchased_at(self.entries)
        self.of = {"order_id": order.id, "client_id": order.client}

    def fill(self) -> None:
        self.head()
        self.history()
        order = self.order
        for place, line in enumerate(order.lines):
            self.tables.add(
                "order_lines",
                **self.of,
                position=place,
                product_id=self.numbers.products[line.product] if line.product else None,
                quantity=line.quantity,
                price=self.minor(line.price or Decimal(0)),
                amount=self.minor(line.amount),
                purchased_at=self.bought,
            )
        for refund in order.refunds:
            amount = self.minor(refund.amount)
            self.tables.add(
                "refunds", id=refund.id, **self.of, external_id=str(refund.id), at=refund.at, amount=amount
            )
        for code, value in order.params.items():
            columns = param_columns(self.world.order_params[code], value, self.world)
            if columns:
                param_id = self.numbers.params["order", code]
                self.tables.add("order_param_values", **self.of, param_id=param_id, **columns)

    def minor(self, amount: Decimal) -> int:
        return to_minor(amount, self.world.account.exponent)

    def head(self) -> None:
        order, number = self.order, written(self.order.number)
        self.tables.add(
            "orders",
            id=order.id,
            client_id=order.client,
            source=order.source,
            external_id=str(order.id),
            number=number,
            number_folded=number and fold(number),
            status=self.entries[-1].status,
            status_group=self.entries[-1].group,
            created_at=order.created_at,
            purchased_at=self.bought,
            total=self.minor(order.total),
            discount=self.minor(order.discount or Decimal(0)),
            cost=None if order.cost is None else self.minor(order.cost),
            items_count=sum(line.quantity for line in order.lines),
            shop=written(order.shop),
            manager=written(order.manager),
        )

    def history(self) -> None:
        for before, after in pairwise([None, *self.entries]):
            assert after
            self.tables.add(
                "order_status_history",
                **self.of,
                at=after.at,
                from_status=before and before.status,
                to_status=after.status,
                from_group=before and before.group,
                to_group=after.group,
            )


def fill_action(tables: Tables, numbers: Numbers, types: Mapping[str, Takes], action: Action) -> None:
    columns = of_segment(numbers, action) if action.type.startswith("segment.") else checked(types, action)
    tables.add("actions", client_id=action.client, at=action.at, source="world", **columns)


def of_segment(numbers: Numbers, action: Action) -> dict[str, Any]:
    reference = str(numbers.segments[str(action.params["segment"])])
    type_id = BUILT_IN_TYPE_IDS[action.type]
    return {"type_id": type_id, "reference": reference, "amount": None, "params": {}, "folded": None}


def checked(types: Mapping[str, Takes], action: Action) -> dict[str, Any]:
    """The columns that the product's own check makes of an action as it is sent."""
    row = ActionRow(type=action.type, client=None, at=action.at, params=action.params)
    right = check(row, action.client, types)
    assert not isinstance(right, list), (action, right)
    values = right.values
    return {
        "type_id": right.type_id,
        "reference": values.reference,
        "amount": values.amount,
        "params": values.params,
        "folded": values.folded,
    }
