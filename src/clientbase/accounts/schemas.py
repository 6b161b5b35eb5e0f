"""Shapes of accounts and API keys."""

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

from pydantic import Field, StringConstraints

from clientbase.accounts.scopes import Scope
from clientbase.kit.money import exponent
from clientbase.kit.schema import Id, Instant, Line, Shape
from clientbase.models import ApiKey


@dataclass(frozen=True)
class AccountInfo:
    """An account as the code passes it around."""

    id: int
    name: str
    time_zone: str
    currency: str
    locale: str
    region: str

    @cached_property
    def places(self) -> int:
        """Decimal places of the account's currency."""
        return exponent(self.currency)


@dataclass(frozen=True)
class Caller:
    """Who asks: an account through one of its keys."""

    account: AccountInfo
    key_id: str
    scopes: frozenset[str]

    @property
    def actor(self) -> str:
        """How the caller is named in histories."""
        return f"api-key:{self.key_id}"

    def may(self, scope: Scope) -> bool:
        """Whether the key carries the scope."""
        return scope in self.scopes or Scope.ADMIN in self.scopes


class AccountOut(Shape):
    """The account that the key belongs to."""

    id: Id
    name: str = Field(max_length=255)
    time_zone: str = Field(max_length=64, examples=["Europe/Moscow"])
    currency: str = Field(max_length=3, examples=["RUB"])
    locale: str = Field(max_length=16, examples=["ru"])
    region: str = Field(max_length=2, examples=["RU"])


class AccountPatch(Shape):
    """What of an account can be changed; the currency cannot, since amounts are stored in it."""

    name: Line | None = None
    time_zone: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None


class ApiKeyIn(Shape):
    """A new key."""

    name: Line
    scopes: list[Scope] = Field(min_length=1, max_length=len(Scope))
    expires_at: Instant | None = None


class ApiKeyOut(Shape):
    """A key as it is listed: never its secret."""

    id: str = Field(max_length=32)
    name: str = Field(max_length=255)
    scopes: list[Scope] = Field(max_length=len(Scope))
    created_at: Instant
    expires_at: Instant | None
    last_used_at: Instant | None
    revoked_at: Instant | None

    @classmethod
    def of(cls, key: ApiKey) -> "ApiKeyOut":
        """The shape of a row."""
        return cls(
            id=key.key_id,
            name=key.name,
            scopes=[Scope(scope) for scope in key.scopes],
            created_at=key.created_at,
            expires_at=key.expires_at,
            last_used_at=key.last_used_at,
            revoked_at=key.revoked_at,
        )


class ApiKeyCreated(ApiKeyOut):
    """A key at its making, the only time that it is shown whole."""

    key: str = Field(max_length=128, examples=["cb_3k2j5h_…"])
