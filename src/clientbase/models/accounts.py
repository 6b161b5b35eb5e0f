"""Accounts, their API keys, and answers kept for repeated requests."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ARRAY, Index, LargeBinary, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from clientbase.models.base import AccountId, Base, Code, Id

IDEMPOTENCY_KEYS_KEPT = timedelta(hours=24)


class Account(Base):
    """Whose data: everything else belongs to one account."""

    __tablename__ = "accounts"

    id: Mapped[Id]
    name: Mapped[str]
    time_zone: Mapped[str]
    currency: Mapped[str]
    locale: Mapped[str]
    region: Mapped[str]
    """Default region of phones, as phonenumbers names it (RU)."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ApiKey(Base):
    """A key `cb_<key_id>_<secret>`; of the secret only a keyed hash is stored."""

    __tablename__ = "api_keys"

    account_id: Mapped[AccountId]
    id: Mapped[Id]
    key_id: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[str]
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class IdempotencyKey(Base):
    """The answer to a POST, kept so that the same request gets the same answer."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index(None, "created_at"),)

    account_id: Mapped[AccountId]
    route: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int]
    headers: Mapped[dict[str, Any]]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class StoredFile(Base):
    """A file that came in or went out; its bytes lie in the files folder under its id."""

    __tablename__ = "files"
    __table_args__ = (Index(None, "expires_at"),)

    account_id: Mapped[AccountId]
    id: Mapped[Id]
    name: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime | None]


class FieldChoice(Base):
    """A value that a choice field of the catalogue takes; loyalty levels grow with the data."""

    __tablename__ = "field_choices"
    account_id: Mapped[AccountId]
    field: Mapped[Code] = mapped_column(primary_key=True)
    code: Mapped[Code] = mapped_column(primary_key=True)
    name: Mapped[str]
