"""The table of what is shown of a client from one row: name, source, whether personal, how written."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Numeric, cast, func

from clientbase.filters.fields import CLIENT_FIELDS
from clientbase.kit.money import from_minor
from clientbase.models import Client, ClientStats, ClientVisits


@dataclass(frozen=True, slots=True)
class Frame:
    """What values are written by: places of the currency, the account's zone and its day."""

    places: int
    zone: ZoneInfo
    today: date


Write = Callable[[Any, Frame], Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A value of a client; `table` says which rows must be joined, `write` is left out for plain values."""

    name: str
    table: str
    source: ColumnElement[Any]
    personal: bool
    write: Write | None = None


def money(units: int, frame: Frame) -> str:
    """Minor units as a decimal string."""
    return str(from_minor(units, frame.places))


def plain_number(value: Decimal) -> int | float:
    """An exact number as JSON writes it."""
    return int(value) if value == value.to_integral_value() else float(value)


def _number(value: Decimal, _: Frame) -> int | float:
    return plain_number(value)


def _quotient(units: Decimal, frame: Frame) -> str:
    """A quotient of minor units, rounded half-even."""
    return money(int(units.quantize(Decimal(1), ROUND_HALF_EVEN)), frame)


def _age(born: date, frame: Frame) -> int:
    """Completed years; who is born on 29 February completes one on the 28th of a common year."""
    today = frame.today
    is_leap = today.year % 4 == 0 and (today.year % 100 != 0 or today.year % 400 == 0)
    birthday = (2, 28) if (born.month, born.day) == (2, 29) and not is_leap else (born.month, born.day)
    return today.year - born.year - ((today.month, today.day) < birthday)


def _days_since(at: datetime, frame: Frame) -> int:
    """Days by the account's calendar; at the ends of the calendar, where a zone has no day, by UTC's."""
    try:
        day = at.astimezone(frame.zone).date()
    except (OverflowError, ValueError):  # asyncpg gives -infinity as year 1 without a zone
        day = at.date()
    return (frame.today - day).days


def _of(model: type[Any], names: Sequence[str], write: Write | None = None) -> list[Column]:
    """Columns that are shown under their own names."""
    return [_column(name, model, getattr(model, name), write) for name in names]


def _column(name: str, model: type[Any], source: Any, write: Write | None = None) -> Column:
    field = CLIENT_FIELDS.get(name)
    return Column(name, model.__tablename__, source, field is not None and field.personal, write)


_AVERAGE = cast(ClientStats.revenue, Numeric) / func.nullif(ClientStats.sales_count, 0)
_BALANCE = func.coalesce(Client.stated_bonus_balance, ClientStats.bonus_balance)
_COLUMNS = [
    *_of(Client, ["id", "full_name", "last_name", "first_name", "middle_name", "birth_date"]),
    _column("age", Client, Client.birth_date, _age),
    *_of(
        Client,
        [
            "gender", "city", "region", "country", "car_number",
            "extra_key_1", "extra_key_2", "extra_key_3", "extra_key_4", "extra_key_5", "extra_key_6",
            "source", "manager", "shop", "consent_marketing", "consent_personal_data",
            "created_at", "updated_at",
            "card_number", "card_barcode", "card_template", "device", "loyalty_level",
        ],
    ),
    _column("bonus_balance", ClientStats, _BALANCE, _number),
    *_of(Client, ["discount_percent"], _number),
    *_of(
        Client,
        [
            "last_accrual_at", "last_writeoff_at", "issue_form", "point_of_sale", "event_trigger",
            "date_trigger",
        ],
    ),
    *_of(ClientStats, ["orders_count", "sales_count", "deals_in_progress_count", "cancelled_count"]),
    *_of(ClientStats, ["items_count"], _number),
    *_of(ClientStats, ["cancelled_revenue", "revenue", "profit", "last_purchase_amount"], money),
    _column("ltv", ClientStats, ClientStats.profit, money),
    _column("average_check", ClientStats, _AVERAGE, _quotient),
    *_of(ClientStats, ["first_order_at", "last_order_at", "first_purchase_at", "last_purchase_at"]),
    _column("client_since_days", ClientStats, ClientStats.first_purchase_at, _days_since),
    _column("visits_count", ClientVisits, func.coalesce(ClientVisits.visits_count, 0)),
    *_of(
        ClientVisits,
        [
            "first_visit_at", "last_visit_at", "ad_channel", "last_ad_channel",
            "utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term",
            "last_utm_source", "last_utm_medium", "last_utm_campaign", "last_utm_content", "last_utm_term",
            "referral_id", "visit_countries", "visit_cities",
        ],
    ),
]  # fmt: skip

COLUMNS: dict[str, Column] = {column.name: column for column in _COLUMNS}
