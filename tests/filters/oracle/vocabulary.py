"""What can be asked: fields, actions, their params and types, in one place for comparison with the catalogue.

Beside the types of the contract there are five finer ones. `phone` and `email` are texts normalised in their
own way, `group` a reference to a product group (a group holds its subgroups), `group_set` a set of such,
`text_set` a set of texts compared as texts are.
"""

from .world import ActionType, World

TEXT_OPERATORS = (
    "eq", "ne", "in", "not_in", "contains", "not_contains", "starts_with", "ends_with", "empty", "not_empty",
)  # fmt: skip
NUMBER_OPERATORS = (
    "eq", "ne", "lt", "lte", "gt", "gte", "between", "not_between", "in", "not_in", "empty", "not_empty",
)  # fmt: skip
DATE_OPERATORS = ("eq", "ne", "before", "after", "between", "not_between", "empty", "not_empty")
CODE_OPERATORS = ("eq", "ne", "in", "not_in", "empty", "not_empty")
SET_OPERATORS = ("has_any", "has_all", "has_none", "empty", "not_empty")

OPERATORS = {
    "text": TEXT_OPERATORS,
    "phone": TEXT_OPERATORS,
    "email": TEXT_OPERATORS,
    "number": NUMBER_OPERATORS,
    "money": NUMBER_OPERATORS,
    "integer": NUMBER_OPERATORS,
    "date": DATE_OPERATORS,
    "datetime": DATE_OPERATORS,
    "boolean": ("is_true", "is_false", "empty"),
    "choice": CODE_OPERATORS,
    "reference": CODE_OPERATORS,
    "group": CODE_OPERATORS,
    "set": SET_OPERATORS,
    "group_set": SET_OPERATORS,
    "text_set": SET_OPERATORS,
}

NEGATIVES = {
    "ne": "eq",
    "not_in": "in",
    "not_contains": "contains",
    "not_between": "between",
    "has_none": "has_any",
    "not_empty": "empty",
}
"""Operator → the one whose exact complement it is, on the same subject."""

CHOICES = {
    "gender": ("male", "female"),
    "loyalty_level": ("bronze", "silver", "gold"),
    "issue_form": ("plastic", "wallet", "app"),
    "device": ("ios", "android", "desktop", "mobile", "tablet"),
    "status_group": ("new", "in_progress", "done", "cancelled"),
    "direction": ("in", "out"),
}
"""Built-in choices by the code of the field or param; own params bring theirs."""

_UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")

_CLIENT = {
    "id": "integer",
    "external_id": "text",
    "source": "reference",
    "full_name": "text",
    "last_name": "text",
    "first_name": "text",
    "middle_name": "text",
    "phone": "phone",
    "phone_verified": "boolean",
    "email": "email",
    "birth_date": "date",
    "age": "integer",
    "gender": "choice",
    "city": "text",
    "region": "text",
    "country": "text",
    "car_number": "text",
    **{f"extra_key_{n}": "text" for n in range(1, 7)},
    "tags": "set",
    "created_at": "datetime",
    "updated_at": "datetime",
    "consent_marketing": "boolean",
    "consent_personal_data": "boolean",
    "manager": "reference",
    "shop": "reference",
}

_CARD = {
    "card_number": "text",
    "card_barcode": "text",
    "card_template": "reference",
    "device": "choice",
    "loyalty_level": "choice",
    "bonus_balance": "number",
    "discount_percent": "number",
    "last_accrual_at": "datetime",
    "last_writeoff_at": "datetime",
    "issue_form": "choice",
    "point_of_sale": "reference",
    "event_trigger": "text",
    "date_trigger": "date",
}

_ORDERS = {
    "orders_count": "integer",
    "sales_count": "integer",
    "items_count": "number",
    "deals_in_progress_count": "integer",
    "cancelled_count": "integer",
    "cancelled_revenue": "money",
    "revenue": "money",
    "profit": "money",
    "ltv": "money",
    "average_check": "money",
    "last_purchase_amount": "money",
    "first_order_at": "datetime",
    "last_order_at": "datetime",
    "first_purchase_at": "datetime",
    "last_purchase_at": "datetime",
    "client_since_days": "integer",
}

_VISITS = {
    "first_visit_at": "datetime",
    "last_visit_at": "datetime",
    "visits_count": "integer",
    "ad_channel": "reference",
    "last_ad_channel": "reference",
    **dict.fromkeys(_UTM, "text"),
    **{f"last_{code}": "text" for code in _UTM},
    "referral_id": "text",
    "visit_countries": "text_set",
    "visit_cities": "text_set",
}

CLIENT_FIELDS = _CLIENT | _CARD | _ORDERS | _VISITS
"""Field → type, RFM left out; `external_id.<source>` and `params.<code>` come from the world."""

_RECEIPT = {
    "amount": "money",
    "discount": "money",
    "number": "text",
    "shop": "reference",
    "manager": "reference",
    "source": "reference",
    "products": "set",
    "product_groups": "group_set",
}
_MAILING = {"mailing": "reference"}
_LOYALTY = {"amount": "number", "reason": "text"}
_SEGMENT = {"segment": "reference"}

ACTIONS = {
    "purchase": _RECEIPT,
    "purchase.failed": _RECEIPT,
    "order.created": _RECEIPT,
    "purchase.item": {
        "product": "reference",
        "product_group": "group",
        "quantity": "number",
        "price": "money",
        "amount": "money",
        **{f"receipt.{code}": kind for code, kind in _RECEIPT.items()},
        "receipt.time": "datetime",
    },
    "order.status_changed": {
        "status": "reference",
        "from_status": "reference",
        "status_group": "choice",
        "number": "text",
        "amount": "money",
    },
    "refund": {
        "amount": "money",
        "number": "text",
        "shop": "reference",
        "manager": "reference",
        "source": "reference",
    },
    "visit": {
        "ad_channel": "reference",
        **dict.fromkeys(_UTM, "text"),
        "referrer": "text",
        "landing": "text",
        "referral_id": "text",
        "country": "text",
        "city": "text",
        "device": "choice",
    },
    "call": {"direction": "choice", "duration": "number", "status": "text", "manager": "reference"},
    "lead": {"form": "text", "amount": "money", "manager": "reference"},
    "mailing.sent": _MAILING,
    "mailing.delivered": _MAILING,
    "mailing.received": _MAILING,
    "mailing.opened": _MAILING,
    "mailing.clicked": {**_MAILING, "link": "text"},
    "mailing.bounced": _MAILING,
    "mailing.unsubscribed": _MAILING,
    "mailing.complained": _MAILING,
    "loyalty.accrual": _LOYALTY,
    "loyalty.writeoff": _LOYALTY,
    "segment.entered": _SEGMENT,
    "segment.left": _SEGMENT,
}
"""Built-in action → param → type; `time` belongs to all, order params to those in ORDER_PARAM_PREFIX."""

ORDER_PARAM_PREFIX = {
    "purchase": "order.",
    "purchase.failed": "order.",
    "order.created": "order.",
    "purchase.item": "receipt.order.",
}

CLIENT_PARAM_TYPES = ("text", "number", "date", "boolean", "choice")
"""Types that own params of clients and of orders may have."""

ACTION_PARAM_TYPES = (*CLIENT_PARAM_TYPES, "money", "datetime", "reference")
"""Types that params of own action types may have."""


def client_fields(world: World) -> dict[str, str]:
    """Every field that a leaf about a client of this world may name, with its type."""
    sources = {identity.source for client in world.clients.values() for identity in client.identities}
    own = {f"params.{param.code}": param.type for param in world.client_params.values()}
    return CLIENT_FIELDS | own | {f"external_id.{source}": "text" for source in sorted(sources)}


def action_params(world: World, action: str) -> dict[str, str]:
    """Every param of an action of this world, with its type."""
    if action in ACTIONS:
        params = ACTIONS[action] | _order_params(world, action)
    else:
        params = _own_params(world.action_types[action])
    return params | {"time": "datetime"}


def _order_params(world: World, action: str) -> dict[str, str]:
    prefix = ORDER_PARAM_PREFIX.get(action)
    return {prefix + param.code: param.type for param in world.order_params.values()} if prefix else {}


def _own_params(action_type: ActionType) -> dict[str, str]:
    return {param.code: param.type for param in action_type.params.values()}
