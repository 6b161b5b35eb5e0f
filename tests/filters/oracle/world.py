"""A base as plain data: what the oracle reads, and what a loader walks to fill tables.

Ids are whole numbers, instants are aware, money and quantities are decimals in whole currency units.
Text stands as it was given: blanks, case and ё are the evaluator's business.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

Scalar = str | Decimal | bool | date | datetime
"""A value of a param; text, choices and references are strings."""


@dataclass(frozen=True)
class Account:
    time_zone: str = "Europe/Moscow"
    currency: str = "RUB"
    exponent: int = 2
    region: str = "RU"


@dataclass(frozen=True)
class ParamDef:
    """A typed param of clients, of orders or of an own action type."""

    code: str
    type: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class ActionType:
    """An action type of the account's own."""

    code: str
    params: dict[str, ParamDef] = field(default_factory=dict)


@dataclass(frozen=True)
class StatusDef:
    """A status of orders; its group is new, in_progress, done or cancelled."""

    code: str
    group: str


@dataclass(frozen=True)
class ProductGroup:
    code: str
    parent: str | None = None


@dataclass(frozen=True)
class Product:
    code: str
    group: str | None = None


@dataclass(frozen=True)
class Contact:
    """A phone (E.164) or an e-mail (lower case) as it is stored."""

    kind: str
    value: str
    verified: bool = False


@dataclass(frozen=True)
class Identity:
    source: str
    external_id: str


@dataclass(frozen=True)
class Client:
    id: int
    created_at: datetime
    updated_at: datetime
    source: str | None = None
    full_name: str | None = None
    last_name: str | None = None
    first_name: str | None = None
    middle_name: str | None = None
    birth_date: date | None = None
    gender: str | None = None
    city: str | None = None
    region: str | None = None
    country: str | None = None
    car_number: str | None = None
    extra_keys: tuple[str | None, ...] = (None,) * 6
    manager: str | None = None
    shop: str | None = None
    card_number: str | None = None
    card_barcode: str | None = None
    card_template: str | None = None
    device: str | None = None
    loyalty_level: str | None = None
    stated_bonus_balance: Decimal | None = None
    discount_percent: Decimal | None = None
    issue_form: str | None = None
    point_of_sale: str | None = None
    event_trigger: str | None = None
    date_trigger: date | None = None
    contacts: tuple[Contact, ...] = ()
    identities: tuple[Identity, ...] = ()
    params: dict[str, Scalar] = field(default_factory=dict)
    tags: frozenset[str] = frozenset()
    consents: dict[str, bool] = field(default_factory=dict)
    """Keys marketing and personal_data; a consent never stated is absent."""


@dataclass(frozen=True)
class StatusChange:
    at: datetime
    status: str


@dataclass(frozen=True)
class Line:
    product: str | None
    quantity: Decimal
    price: Decimal | None
    amount: Decimal


@dataclass(frozen=True)
class Refund:
    id: int
    at: datetime
    amount: Decimal


@dataclass(frozen=True)
class Order:
    """`history` begins with the status given at creation, so its first instant is `created_at`."""

    id: int
    client: int
    created_at: datetime
    history: tuple[StatusChange, ...]
    total: Decimal
    discount: Decimal | None = None
    cost: Decimal | None = None
    number: str | None = None
    shop: str | None = None
    manager: str | None = None
    source: str | None = None
    lines: tuple[Line, ...] = ()
    refunds: tuple[Refund, ...] = ()
    params: dict[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True)
class Action:
    """What is recorded as such: visits, calls, leads, mailings, loyalty, segments, own types.

    Purchases, their lines, failures, refunds, creations and changes of status follow from the orders.
    """

    id: int
    client: int
    type: str
    at: datetime
    params: dict[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True)
class Segment:
    """Stored members; None: never computed."""

    code: str
    members: frozenset[int] | None


@dataclass(frozen=True)
class World:
    """`now` is the instant around which the facts were laid: a good one to evaluate at."""

    account: Account
    now: datetime
    clients: dict[int, Client]
    orders: tuple[Order, ...] = ()
    actions: tuple[Action, ...] = ()
    segments: dict[str, Segment] = field(default_factory=dict)
    client_params: dict[str, ParamDef] = field(default_factory=dict)
    order_params: dict[str, ParamDef] = field(default_factory=dict)
    action_types: dict[str, ActionType] = field(default_factory=dict)
    statuses: dict[str, StatusDef] = field(default_factory=dict)
    product_groups: dict[str, ProductGroup] = field(default_factory=dict)
    products: dict[str, Product] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
