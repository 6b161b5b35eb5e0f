"""Clients and what hangs off them: contacts, identities, params, tags, consents, history, counted fields."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Boolean, Date, Index, Text, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from clientbase.models.base import AccountId, AccountKey, Base, Code, Folded, Id, Money, Number, of_client

FOLDED_FIELDS = (
    "full_name", "last_name", "first_name", "middle_name", "city", "region", "country", "car_number",
    "extra_key_1", "extra_key_2", "extra_key_3", "extra_key_4", "extra_key_5", "extra_key_6",
    "card_number", "card_barcode", "event_trigger",
)  # fmt: skip
"""Text columns of `clients` that have a folded twin `<name>_folded`."""


class Client(Base):
    """One person or company of the base with its card."""

    __tablename__ = "clients"

    account_id: Mapped[AccountId]
    id: Mapped[Id]
    full_name: Mapped[str | None]
    last_name: Mapped[str | None]
    first_name: Mapped[str | None]
    middle_name: Mapped[str | None]
    birth_date: Mapped[date | None] = mapped_column(Date)
    gender: Mapped[Code | None]
    city: Mapped[str | None]
    region: Mapped[str | None]
    country: Mapped[str | None]
    car_number: Mapped[str | None]
    extra_key_1: Mapped[str | None]
    extra_key_2: Mapped[str | None]
    extra_key_3: Mapped[str | None]
    extra_key_4: Mapped[str | None]
    extra_key_5: Mapped[str | None]
    extra_key_6: Mapped[str | None]
    source: Mapped[Code | None]
    manager: Mapped[Code | None]
    shop: Mapped[Code | None]
    card_number: Mapped[str | None]
    card_barcode: Mapped[str | None]
    card_template: Mapped[Code | None]
    device: Mapped[Code | None]
    loyalty_level: Mapped[Code | None]
    stated_bonus_balance: Mapped[Number | None]
    """The balance that a source states; without it the sum of loyalty operations counts."""
    discount_percent: Mapped[Number | None]
    last_accrual_at: Mapped[datetime | None]
    last_writeoff_at: Mapped[datetime | None]
    issue_form: Mapped[Code | None]
    point_of_sale: Mapped[Code | None]
    event_trigger: Mapped[str | None]
    date_trigger: Mapped[date | None] = mapped_column(Date)
    consent_marketing: Mapped[bool | None] = mapped_column(Boolean)
    consent_personal_data: Mapped[bool | None] = mapped_column(Boolean)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


for _name in FOLDED_FIELDS:
    setattr(Client, f"{_name}_folded", mapped_column(f"{_name}_folded", Text(collation="C")))

Index("ix_clients_by_name", Client.account_id, Client.__table__.c.full_name_folded, Client.id)
Index("ix_clients_by_creation", Client.account_id, Client.created_at, Client.id)
Index("ix_clients_by_change", Client.account_id, Client.updated_at, Client.id)
Index("ix_clients_by_birth", Client.account_id, Client.birth_date, Client.id)
Index(
    "ix_clients_by_birthday",
    Client.account_id,
    text("(((EXTRACT(month FROM birth_date) * 100 + EXTRACT(day FROM birth_date)))::integer)"),
    Client.id,
)
Index("ix_clients_by_city", Client.account_id, Client.__table__.c.city_folded, Client.id)
Index(
    "ix_clients_with_stated_balance",
    Client.account_id,
    Client.id,
    postgresql_include=["stated_bonus_balance"],
    postgresql_where=text("stated_bonus_balance IS NOT NULL"),
)


class ClientSearch(Base):
    """Folded text of everything on the card, for quick search by trigrams."""

    __tablename__ = "client_search"
    __table_args__ = (
        of_client(),
        Index(
            "ix_client_search_trigrams",
            "text",
            postgresql_using="gin",
            postgresql_ops={"text": "gin_trgm_ops"},
        ),
    )

    account_id: Mapped[AccountKey]
    client_id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[Folded]


class ClientContact(Base):
    """A phone (E.164) or e-mail (lower-case) of a client; two clients may share one."""

    __tablename__ = "client_contacts"
    __table_args__ = (of_client(), Index(None, "account_id", "kind", "value"))

    account_id: Mapped[AccountKey]
    client_id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[Code] = mapped_column(primary_key=True)
    """phone or email"""
    value: Mapped[Folded] = mapped_column(primary_key=True)
    digits: Mapped[Folded | None]
    """Phones: space-led and space-ended international, national and significant digits, for LIKE."""
    is_primary: Mapped[bool] = mapped_column(server_default="false")
    verified: Mapped[bool | None]


class ClientIdentity(Base):
    """The id of a client in a source (a CRM, a shop), with a link to its card there."""

    __tablename__ = "client_identities"
    __table_args__ = (of_client(), Index(None, "account_id", "client_id"))

    account_id: Mapped[AccountKey]
    source: Mapped[Code] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    external_id_folded: Mapped[Folded]
    client_id: Mapped[int]
    url: Mapped[str | None]


class ClientAlias(Base):
    """The id of a client that was merged away, still answering as its survivor."""

    __tablename__ = "client_aliases"
    __table_args__ = (of_client(), Index(None, "account_id", "client_id"))

    account_id: Mapped[AccountKey]
    alias_id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int]
    merged_at: Mapped[datetime]


class ClientHistory(Base):
    """Who changed which field of a client, from what to what."""

    __tablename__ = "client_history"
    __table_args__ = (of_client(), Index(None, "account_id", "client_id", "at"))

    account_id: Mapped[AccountKey]
    id: Mapped[Id]
    client_id: Mapped[int]
    at: Mapped[datetime]
    actor: Mapped[str]
    field: Mapped[str]
    old: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    new: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))


class ClientStats(Base):
    """The counted fields over orders and loyalty: one narrow row for every client, zeros included."""

    __tablename__ = "client_stats"
    __table_args__ = (
        of_client(),
        Index("ix_client_stats_by_revenue", "account_id", "revenue", "client_id"),
        Index("ix_client_stats_by_last_order", "account_id", "last_order_at", "client_id"),
        Index("ix_client_stats_by_last_purchase", "account_id", "last_purchase_at", "client_id"),
        Index("ix_client_stats_by_orders", "account_id", "orders_count", "client_id"),
        Index(
            "ix_client_stats_by_average_check",
            "account_id",
            text("(revenue::numeric / NULLIF(sales_count, 0))"),
            "client_id",
        ),
    )

    account_id: Mapped[AccountKey]
    client_id: Mapped[int] = mapped_column(primary_key=True)
    orders_count: Mapped[int] = mapped_column(server_default="0")
    sales_count: Mapped[int] = mapped_column(server_default="0")
    items_count: Mapped[Number] = mapped_column(server_default="0")
    deals_in_progress_count: Mapped[int] = mapped_column(server_default="0")
    cancelled_count: Mapped[int] = mapped_column(server_default="0")
    cancelled_revenue: Mapped[Money] = mapped_column(server_default="0")
    revenue: Mapped[Money] = mapped_column(server_default="0")
    profit: Mapped[Money] = mapped_column(server_default="0")
    last_purchase_amount: Mapped[Money | None]
    first_order_at: Mapped[datetime | None]
    last_order_at: Mapped[datetime | None]
    first_purchase_at: Mapped[datetime | None]
    last_purchase_at: Mapped[datetime | None]
    bonus_balance: Mapped[Number] = mapped_column(server_default="0")


class ClientVisits(Base):
    """The counted fields over visits: a row for clients who visited."""

    __tablename__ = "client_visits"
    __table_args__ = (
        of_client(),
        Index("ix_client_visits_by_last_visit", "account_id", "last_visit_at", "client_id"),
    )

    account_id: Mapped[AccountKey]
    client_id: Mapped[int] = mapped_column(primary_key=True)
    visits_count: Mapped[int]
    first_visit_at: Mapped[datetime]
    last_visit_at: Mapped[datetime]
    ad_channel: Mapped[Code | None]
    last_ad_channel: Mapped[Code | None]
    utm_source: Mapped[str | None]
    utm_medium: Mapped[str | None]
    utm_campaign: Mapped[str | None]
    utm_content: Mapped[str | None]
    utm_term: Mapped[str | None]
    last_utm_source: Mapped[str | None]
    last_utm_medium: Mapped[str | None]
    last_utm_campaign: Mapped[str | None]
    last_utm_content: Mapped[str | None]
    last_utm_term: Mapped[str | None]
    referral_id: Mapped[str | None]
    visit_countries: Mapped[list[str]] = mapped_column(ARRAY(Text))
    visit_cities: Mapped[list[str]] = mapped_column(ARRAY(Text))


VISIT_FOLDED_FIELDS = (
    "utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term",
    "last_utm_source", "last_utm_medium", "last_utm_campaign", "last_utm_content", "last_utm_term",
    "referral_id",
)  # fmt: skip
for _name in VISIT_FOLDED_FIELDS:
    setattr(ClientVisits, f"{_name}_folded", mapped_column(f"{_name}_folded", Text(collation="C")))
for _name in ("visit_countries", "visit_cities"):
    setattr(ClientVisits, f"{_name}_folded", mapped_column(f"{_name}_folded", ARRAY(Text(collation="C"))))


class Tag(Base):
    """A label of the account with a colour."""

    __tablename__ = "tags"
    __table_args__ = (UniqueConstraint("account_id", "code"),)

    account_id: Mapped[AccountId]
    id: Mapped[Id]
    code: Mapped[Code]
    name: Mapped[str]
    color: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ClientTag(Base):
    """A tag on a client."""

    __tablename__ = "client_tags"
    __table_args__ = (of_client(), Index(None, "account_id", "tag_id", "client_id"))

    account_id: Mapped[AccountKey]
    client_id: Mapped[int] = mapped_column(primary_key=True)
    tag_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ClientConsent(Base):
    """A consent given or withdrawn; the latest by time stands in `clients`, a withdrawal winning a tie."""

    __tablename__ = "client_consents"
    __table_args__ = (of_client(), Index(None, "account_id", "client_id", "kind", "at"))

    account_id: Mapped[AccountKey]
    id: Mapped[Id]
    client_id: Mapped[int]
    kind: Mapped[Code]
    """marketing or personal_data"""
    given: Mapped[bool]
    at: Mapped[datetime]
    source: Mapped[str | None]
    text_version: Mapped[str | None]
