"""An account read back from its tables as the oracle's world: facts alone, nothing counted or folded."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from clientbase.accounts.schemas import AccountInfo
from clientbase.kit import clock
from clientbase.kit.bitmaps import unpack
from clientbase.kit.db import AnySession
from clientbase.models import (
    BUILT_IN_TYPE_IDS,
    Action,
    ActionType,
    Client,
    ClientConsent,
    ClientContact,
    ClientIdentity,
    ClientParamValue,
    ClientTag,
    Order,
    OrderLine,
    OrderParamValue,
    OrderStatus,
    OrderStatusChange,
    Param,
    ParamChoice,
    Product,
    ProductGroup,
    Refund,
    Segment,
    SegmentMembership,
    Tag,
)
from tests.filters.oracle import world as facts
from tests.filters.oracle.vocabulary import ACTIONS

CARD = (
    "created_at", "updated_at", "source", "full_name", "last_name", "first_name", "middle_name", "birth_date",
    "gender", "city", "region", "country", "car_number", "manager", "shop", "card_number", "card_barcode",
    "card_template", "device", "loyalty_level", "stated_bonus_balance", "discount_percent", "issue_form",
    "point_of_sale", "event_trigger", "date_trigger",
)  # fmt: skip
TYPES = {id_: code for code, id_ in BUILT_IN_TYPE_IDS.items()}
MAILING = {code: ("", "mailing") for code in BUILT_IN_TYPE_IDS if code.startswith("mailing.")}
HOT: dict[str, tuple[str, str]] = MAILING | {
    "visit": ("", "ad_channel"),
    "call": ("duration", "direction"),
    "lead": ("amount", "manager"),
    "loyalty.accrual": ("amount", ""),
    "loyalty.writeoff": ("amount", ""),
}
"""Params of built-in types that lie in the columns `amount` and `reference`."""
READ: dict[str, Callable[[str], object]] = {
    "number": Decimal,
    "money": Decimal,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
}
"""Kinds of params that lie in JSON as text."""


@dataclass(frozen=True)
class Seen:
    """What an account holds."""

    world: facts.World
    orders: dict[tuple[str, str], int]
    """Ids by source and external id."""


class Rows:
    """All rows of one account in a table, by client, by order or by any other column."""

    def __init__(self, session: AnySession, account: AccountInfo) -> None:
        self.session, self.account = session, account

    async def of(self, model: Any, *order: Any) -> list[Any]:
        """The rows of a table."""
        query = select(model).where(model.account_id == self.account.id).order_by(*order)
        return list(await self.session.scalars(query))

    async def by(self, column: str, model: Any, *order: Any) -> dict[Any, list[Any]]:
        """The rows of a table by a column."""
        found = defaultdict(list)
        for row in await self.of(model, *order):
            found[getattr(row, column)].append(row)
        return found


async def look(session: AnySession, account: AccountInfo) -> Seen:
    """The account as it is now; the session reads one snapshot."""
    mirror = _Mirror(Rows(session, account))
    await mirror.read_definitions()
    orders = await mirror.orders()
    world = facts.World(
        account=facts.Account(account.time_zone, account.currency, account.places, account.region),
        now=clock.now(),
        clients=await mirror.clients(),
        orders=tuple(orders.values()),
        actions=await mirror.actions(),
        segments=await mirror.segments(),
        client_params=mirror.params_of("client"),
        order_params=mirror.params_of("order"),
        action_types=mirror.own,
        statuses=mirror.statuses,
        product_groups=mirror.groups,
        products=mirror.products,
        tags=tuple(mirror.tags.values()),
    )
    return Seen(world, {key: order.id for key, order in orders.items()})


class _Mirror:
    """Reads the tables of one account."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows

    async def read_definitions(self) -> None:
        """What facts refer to, by id."""
        rows = self.rows
        choices = await rows.by("param_id", ParamChoice, ParamChoice.position)
        self.params = {
            param.id: (
                param,
                facts.ParamDef(param.code, param.type, tuple(one.code for one in choices[param.id])),
            )
            for param in await rows.of(Param, Param.id)
        }
        self.types = {row.id: row for row in await rows.of(ActionType)}
        self.own = {
            row.code: facts.ActionType(row.code, self.params_of("action", id_))
            for id_, row in self.types.items()
        }
        self.statuses = {
            row.code: facts.StatusDef(row.code, row.status_group) for row in await rows.of(OrderStatus)
        }
        self.tags = {row.id: row.code for row in await rows.of(Tag, Tag.code)}
        self.codes = {row.id: row.code for row in await rows.of(Segment, Segment.code)}
        groups = {row.id: row for row in await rows.of(ProductGroup, ProductGroup.code)}
        code_of = {id_: row.code for id_, row in groups.items()}
        self.groups = {
            row.code: facts.ProductGroup(row.code, code_of.get(row.parent_id)) for row in groups.values()
        }
        products = await rows.of(Product, Product.code)
        self.product_codes = {row.id: row.code for row in products}
        self.products = {row.code: facts.Product(row.code, code_of.get(row.group_id)) for row in products}

    def params_of(self, entity: str, action_type: int | None = None) -> dict[str, facts.ParamDef]:
        """The params of clients, of orders or of an action type."""
        return {
            param.code: known
            for param, known in self.params.values()
            if (param.entity, param.action_type_id) == (entity, action_type)
        }

    def values(self, rows: list[Any]) -> dict[str, Any]:
        """Values of params by code; each lies in the column of its type."""
        return {self.params[row.param_id][1].code: _value(row) for row in rows}

    async def clients(self) -> dict[int, facts.Client]:
        """The cards with all that hangs off them."""
        rows = self.rows
        contacts = await rows.by("client_id", ClientContact, ClientContact.value)
        identities = await rows.by("client_id", ClientIdentity, ClientIdentity.source)
        params = await rows.by("client_id", ClientParamValue)
        tags = await rows.by("client_id", ClientTag)
        consents = await rows.by("client_id", ClientConsent)
        return {
            row.id: facts.Client(
                id=row.id,
                **{name: getattr(row, name) for name in CARD},
                extra_keys=tuple(getattr(row, f"extra_key_{place}") for place in range(1, 7)),
                contacts=tuple(
                    facts.Contact(one.kind, one.value, bool(one.verified)) for one in contacts[row.id]
                ),
                identities=tuple(facts.Identity(one.source, one.external_id) for one in identities[row.id]),
                params=self.values(params[row.id]),
                tags=frozenset(self.tags[one.tag_id] for one in tags[row.id]),
                consents=_standing(consents[row.id]),
            )
            for row in await rows.of(Client, Client.id)
        }

    async def orders(self) -> dict[tuple[str, str], facts.Order]:
        """Orders by source and external id."""
        rows = self.rows
        history = await rows.by("order_id", OrderStatusChange, OrderStatusChange.at, OrderStatusChange.id)
        lines = await rows.by("order_id", OrderLine, OrderLine.position)
        refunds = await rows.by("order_id", Refund, Refund.id)
        params = await rows.by("order_id", OrderParamValue)
        return {
            (row.source, row.external_id): facts.Order(
                id=row.id,
                client=row.client_id,
                created_at=row.created_at,
                history=tuple(facts.StatusChange(one.at, one.to_status) for one in history[row.id]),
                total=self.money(row.total),
                discount=self.money(row.discount),
                cost=None if row.cost is None else self.money(row.cost),
                number=row.number,
                shop=row.shop,
                manager=row.manager,
                source=row.source,
                lines=tuple(map(self.line, lines[row.id])),
                refunds=tuple(
                    facts.Refund(one.id, one.at, self.money(one.amount)) for one in refunds[row.id]
                ),
                params=self.values(params[row.id]),
            )
            for row in await rows.of(Order, Order.id)
        }

    def line(self, row: Any) -> facts.Line:
        """A line of an order."""
        product = self.product_codes.get(row.product_id)
        return facts.Line(product, row.quantity, self.money(row.price), self.money(row.amount))

    def money(self, minor: int) -> Decimal:
        """An amount in whole units of the currency."""
        return Decimal(minor).scaleb(-self.rows.account.places)

    async def actions(self) -> tuple[facts.Action, ...]:
        """Recorded actions; those about segments that are gone are of no interest to anybody."""
        rows = await self.rows.of(Action, Action.id)
        return tuple(
            facts.Action(row.id, row.client_id, self.type_of(row), row.at, params)
            for row in rows
            if (params := self.params_of_action(row)) is not None
        )

    def type_of(self, row: Any) -> str:
        """The code of the type of an action."""
        return TYPES.get(row.type_id) or self.types[row.type_id].code

    def params_of_action(self, row: Any) -> dict[str, Any] | None:
        """The params of an action, those in columns too."""
        code = self.type_of(row)
        if code.startswith("segment."):
            segment = self.codes.get(int(row.reference))
            return None if segment is None else {"segment": segment}
        type_ = self.types.get(row.type_id)
        of_own = (type_.amount_param, type_.reference_param) if type_ is not None else ("", "")
        amount, reference = HOT.get(code, of_own)
        kinds = ACTIONS.get(code) or {one.code: one.type for one in self.own[code].params.values()}
        read = {name: READ.get(kinds[name], _as_is)(raw) for name, raw in row.params.items()}
        hot = {amount: row.amount, reference: row.reference}
        return read | {name: value for name, value in hot.items() if name and value is not None}

    async def segments(self) -> dict[str, facts.Segment]:
        """Segments with their stored members."""
        rows = await self.rows.of(SegmentMembership)
        stored = {row.segment_id: frozenset(unpack(row.base, row.drift)) for row in rows}
        return {code: facts.Segment(code, stored.get(id_)) for id_, code in self.codes.items()}


def _as_is(raw: object) -> object:
    return raw


def _value(row: Any) -> Any:
    columns = (row.text, row.number, row.day, row.boolean, row.folded)
    return next(value for value in columns if value is not None)


def _standing(rows: list[Any]) -> dict[str, bool]:
    """Of each kind the latest consent; of two at the same time the withdrawal."""
    return {row.kind: row.given for row in sorted(rows, key=lambda row: (row.at, not row.given))}
