"""A world of the oracle into the tables, stored as the product stores what it is sent."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

from pyroaring import BitMap64
from sqlalchemy import insert

from clientbase.accounts import service as accounts
from clientbase.accounts.schemas import AccountInfo
from clientbase.actions.values import ParamType, read_value
from clientbase.clients.stats import recount
from clientbase.filters import Catalogue
from clientbase.kit.db import WriteSession
from clientbase.kit.money import to_minor
from clientbase.kit.phones import digit_forms
from clientbase.kit.text import clean, fold
from clientbase.loading.actions.checks import Takes, check, takes_of
from clientbase.loading.actions.rows import ActionRow
from clientbase.loading.orders.checks import typed
from clientbase.loading.orders.states import Entry, purchased_at
from clientbase.models import BUILT_IN_TYPE_IDS, Base
from clientbase.models.clients import FOLDED_FIELDS
from clientbase.search import catalogue as catalogues
from tests.filters.oracle.vocabulary import CHOICES
from tests.filters.oracle.world import Action, ActionType, Client, Order, ParamDef, World

FIELD_CHOICES = ("gender", "device", "issue_form", "loyalty_level")
PLAIN = ("birth_date", "date_trigger", "created_at", "updated_at", "stated_bonus_balance", "discount_percent")
CODES = (
    "gender", "source", "manager", "shop", "card_template", "device", "loyalty_level", "issue_form",
    "point_of_sale",
)  # fmt: skip
HOT = ("quiz",)
"""Own types whose money and reference params are kept in columns, the others' in JSON."""
LOADED_FIRST = (
    "action_types", "params", "param_choices", "field_choices", "order_statuses", "tags", "product_groups",
    "products", "clients", "orders", "segments",
)  # fmt: skip
"""Tables that others refer to."""


@dataclass(frozen=True)
class Loaded:
    """Where a world lies: its account, the catalogue as the product reads it, stored memberships by id."""

    account: AccountInfo
    catalogue: Catalogue
    memberships: dict[int, BitMap64]

    def moved(self, zone: str) -> "Loaded":
        """The same account after a change of its time zone."""
        return replace(
            self,
            account=replace(self.account, time_zone=zone),
            catalogue=replace(self.catalogue, time_zone=zone),
        )


async def load(session: WriteSession, world: World) -> Loaded:
    """A new account that holds the world; counted fields are made by the product's recount."""
    made = await accounts.create_account(
        session,
        name="World",
        time_zone=world.account.time_zone,
        currency=world.account.currency,
        region=world.account.region,
    )
    account = accounts.account_info(made)
    tables = Tables(account.id)
    numbers = Numbers(world)
    await tables.write(session, lambda: define(tables, world, numbers))
    catalogue = await catalogues.load(session, account=account)
    await tables.write(session, lambda: fill(tables, world, numbers, catalogue))
    await recount(session, account_id=account.id, client_ids=list(world.clients))
    memberships = {
        numbers.segments[code]: BitMap64(segment.members)
        for code, segment in world.segments.items()
        if segment.members is not None
    }
    return Loaded(account, catalogue, memberships)


class Tables:
    """Rows of one account by table, waiting to be written."""

    def __init__(self, account_id: int) -> None:
        self.account_id = account_id
        self.rows: dict[str, list[dict[str, Any]]] = defaultdict(list)

    def add(self, table: str, **columns: Any) -> None:
        self.rows[table].append({"account_id": self.account_id, **columns})

    async def write(self, session: WriteSession, gather: Callable[[], None]) -> None:
        """What `gather` adds, what is referred to first."""
        self.rows.clear()
        gather()
        for name in (*LOADED_FIRST, *(self.rows.keys() - set(LOADED_FIRST))):
            if self.rows[name]:
                await session.execute(insert(Base.metadata.tables[name]), self.rows[name])


@dataclass
class Numbers:
    """Ids of what the world names by code."""

    world: World
    tags: dict[str, int] = field(init=False)
    segments: dict[str, int] = field(init=False)
    groups: dict[str, int] = field(init=False)
    products: dict[str, int] = field(init=False)
    types: dict[str, int] = field(init=False)
    params: dict[tuple[str, str], int] = field(init=False)
    """By entity (client, order or the code of an action type) and code."""

    def __post_init__(self) -> None:
        world = self.world
        self.tags = number(world.tags, 5)
        self.segments = number(world.segments, 7)
        self.groups = number(world.product_groups, 1)
        self.products = number(sold(world), 11)
        self.types = number(world.action_types, 1000)
        self.params = number(((entity, param.code) for entity, param in params_of(world)), 20)


def number(codes: Any, first: int) -> dict[Any, int]:
    return {code: first + place for place, code in enumerate(codes)}


def sold(world: World) -> list[str]:
    """Codes of products: those of the catalogue, and those that lines name first."""
    named = (line.product for order in world.orders for line in order.lines if line.product)
    return list(dict.fromkeys([*world.products, *named]))


def params_of(world: World) -> Iterator[tuple[str, ParamDef]]:
    yield from (("client", param) for param in world.client_params.values())
    yield from (("order", param) for param in world.order_params.values())
    for kind in world.action_types.values():
        yield from ((kind.code, param) for param in kind.params.values())


def define(tables: Tables, world: World, numbers: Numbers) -> None:
    """Definitions: what the catalogue of the account is read from."""
    for entity, param in params_of(world):
        define_param(tables, numbers, entity, param)
    for kind in world.action_types.values():
        hot = hot_params(kind)
        tables.add("action_types", id=numbers.types[kind.code], code=kind.code, name=kind.code, **hot)
    for code, id_ in numbers.tags.items():
        tables.add("tags", id=id_, code=code, name=code, color="#ffffff")
    for code, id_ in numbers.segments.items():
        define_segment(tables, world, code, id_)
    define_choices(tables)


def define_param(tables: Tables, numbers: Numbers, entity: str, param: ParamDef) -> None:
    id_, owner = numbers.params[entity, param.code], numbers.types.get(entity)
    tables.add(
        "params",
        id=id_,
        entity="action" if owner else entity,
        action_type_id=owner,
        code=param.code,
        name=param.code,
        type=param.type,
    )
    for place, choice in enumerate(param.choices):
        tables.add("param_choices", param_id=id_, code=choice, name=choice, position=place)


def hot_params(kind: ActionType) -> dict[str, str | None]:
    """For types with hot params, the first money and the first reference param."""
    first = {param.type: param.code for param in reversed(kind.params.values()) if kind.code in HOT}
    return {"amount_param": first.get("money"), "reference_param": first.get("reference")}


def define_segment(tables: Tables, world: World, code: str, id_: int) -> None:
    members = world.segments[code].members
    tables.add(
        "segments",
        id=id_,
        code=code,
        name=code,
        name_folded=fold(code),
        kind="manual",
        is_active=True,
        for_analytics=False,
        recalculation_hours=4,
        state="new" if members is None else "ready",
        size=None if members is None else len(members),
        computed_at=None if members is None else world.now,
    )
    if members is not None:
        packed = BitMap64(members).serialize()
        tables.add("segment_memberships", segment_id=id_, version=1, members=packed, computed_at=world.now)


def define_choices(tables: Tables) -> None:
    """Choices of the world beside those that every account begins with."""
    begun = {(choice["field"], choice["code"]) for choice in accounts.seeds.FIELD_CHOICES}
    for name in FIELD_CHOICES:
        for code in CHOICES[name]:
            if (name, code) not in begun:
                tables.add("field_choices", field=name, code=code, name=code)


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
    stored = typed(read_value(value, of), param.type)
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
