"""Accounts and keys: making them, and knowing who asks."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import available_timezones

from clientbase.accounts import keys, seeds
from clientbase.accounts.repository import AccountRepository, find_key, knows_zone, touch_key
from clientbase.accounts.schemas import AccountInfo, AccountPatch, ApiKeyIn, ApiKeyOut, Caller
from clientbase.accounts.scopes import Scope
from clientbase.kit import clock
from clientbase.kit.db import AnySession, WriteSession
from clientbase.kit.errors import Unauthenticated, invalid_at, not_found
from clientbase.kit.paging import Keyset, Page, PageRequest
from clientbase.models import Account, ApiKey

_TOUCH_EVERY = timedelta(minutes=1)
_OF_THE_MACHINE = frozenset({"Factory", "localtime", "posixrules"})
"""Files beside those of the zones, which mean another time on every machine or none at all."""


async def create_account(
    session: WriteSession,
    *,
    name: str,
    time_zone: str = "Europe/Moscow",
    currency: str = "RUB",
    locale: str = "ru",
    region: str = "RU",
) -> Account:
    """A new account with the order statuses and choices that all begin with.

    Raises Invalid (UNKNOWN_TIME_ZONE).
    """
    await _check_zone(session, time_zone)
    account = Account(name=name, time_zone=time_zone, currency=currency, locale=locale, region=region)
    session.add(account)
    await session.flush()
    await AccountRepository(session, account.id).seed(seeds.ORDER_STATUSES, seeds.FIELD_CHOICES)
    return account


async def update_account(session: WriteSession, *, account_id: int, patch: AccountPatch) -> Account:
    """Rename an account or move it to another time zone. Raises Invalid (UNKNOWN_TIME_ZONE)."""
    account = await AccountRepository(session, account_id).get(lock=True)
    if patch.time_zone is not None:
        await _check_zone(session, patch.time_zone)
        account.time_zone = patch.time_zone
    account.name = patch.name or account.name
    return account


async def create_api_key(
    session: WriteSession,
    *,
    account_id: int,
    name: str,
    scopes: Sequence[str],
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """A new key and its full text, which is shown this once only."""
    key_id, secret = keys.make()
    key = ApiKey(
        account_id=account_id,
        key_id=key_id,
        name=name,
        secret_hash=keys.secret_hash(secret),
        scopes=sorted({Scope(scope) for scope in scopes}),
        expires_at=expires_at,
        created_at=clock.now(),
    )
    session.add(key)
    await session.flush()
    return key, keys.join(key_id, secret)


async def issue_key(session: WriteSession, *, caller: Caller, request: ApiKeyIn) -> tuple[ApiKey, str]:
    """A key asked for over HTTP. Raises Invalid when it would be expired already."""
    if request.expires_at is not None and request.expires_at <= clock.now():
        raise invalid_at("/expires_at", "EXPIRED", "The key would be expired already.")
    return await create_api_key(
        session,
        account_id=caller.account.id,
        name=request.name,
        scopes=request.scopes,
        expires_at=request.expires_at,
    )


async def list_keys(session: AnySession, *, account_id: int, page: PageRequest) -> Page[ApiKeyOut]:
    """A page of the keys of an account, newest first. Raises Malformed for a cursor of another list."""
    repository = AccountRepository(session, account_id)
    keyset = Keyset(page, account_id, "api-keys")
    return await keyset.answer(
        await repository.keys(below=keyset.after_one, limit=keyset.take),
        make=ApiKeyOut.of,
        position=lambda key: [key.id],
        total=repository.count_keys,
    )


async def revoke_key(session: WriteSession, *, account_id: int, key_id: str) -> None:
    """End a key at once. Raises NotFound."""
    key = await AccountRepository(session, account_id).key(key_id)
    if key is None:
        raise not_found("key")
    key.revoked_at = key.revoked_at or clock.now()


async def authenticate(session: WriteSession, *, key: str) -> Caller:
    """Who holds this key. Raises Unauthenticated, with the same words for every reason."""
    parts = keys.split(key)
    found = await find_key(session, parts[0]) if parts else None
    now = clock.now()
    if not parts or not found or not keys.matches(parts[1], found[0].secret_hash) or _ended(found[0], now):
        raise Unauthenticated("UNAUTHENTICATED", "The key is missing, wrong, expired or revoked.")
    api_key, account = found
    if api_key.last_used_at is None or now - api_key.last_used_at > _TOUCH_EVERY:
        await touch_key(session, api_key.key_id, now)
    return Caller(account_info(account), api_key.key_id, frozenset(api_key.scopes))


async def account_by_id(session: AnySession, *, account_id: int, lock: bool = False) -> AccountInfo:
    """An account as it is now; with `lock`, nobody else changes it before the transaction ends."""
    return account_info(await AccountRepository(session, account_id).get(lock=lock))


def account_info(account: Account) -> AccountInfo:
    """The row as a value."""
    return AccountInfo(
        account.id, account.name, account.time_zone, account.currency, account.locale, account.region
    )


def _ended(key: ApiKey, now: datetime) -> bool:
    return key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones()) - _OF_THE_MACHINE


async def _check_zone(session: WriteSession, name: str) -> None:
    """Python and the database reckon with the same zone, so both must know it."""
    if name not in _zones() or not await knows_zone(session, name):
        raise invalid_at("/time_zone", "UNKNOWN_TIME_ZONE", "There is no such IANA time zone.")
