"""Routes of the account and its API keys."""

from fastapi import Response

from clientbase.accounts import service
from clientbase.accounts.schemas import AccountOut, AccountPatch, ApiKeyCreated, ApiKeyIn, ApiKeyOut
from clientbase.accounts.scopes import Scope
from clientbase.api.deps import Caller, CodePath, Read, Write
from clientbase.api.route import ApiRouter
from clientbase.kit.paging import Page, Total
from clientbase.models import ApiKey

router = ApiRouter(tag="administration")


@router.get("/account", scope=Scope.CLIENTS_READ)
async def get_account(caller: Caller) -> AccountOut:
    """The account that the key belongs to: time zone, currency, language."""
    return AccountOut.model_validate(caller.account, from_attributes=True)


@router.patch("/account", scope=Scope.ADMIN)
async def update_account(caller: Caller, session: Write, patch: AccountPatch) -> AccountOut:
    """Rename the account or move it to another time zone (segments follow at their next recalculation)."""
    account = await service.update_account(session, account_id=caller.account.id, patch=patch)
    return AccountOut.model_validate(service.account_info(account), from_attributes=True)


@router.get("/api-keys", scope=Scope.ADMIN)
async def list_api_keys(caller: Caller, session: Read) -> Page[ApiKeyOut]:
    """All keys of the account, newest first; their secrets are not kept."""
    keys = [_key(key) for key in await service.list_keys(session, account_id=caller.account.id)]
    return Page(items=keys, total=Total(value=len(keys)))


@router.post("/api-keys", scope=Scope.ADMIN, status_code=201)
async def create_api_key(caller: Caller, session: Write, request: ApiKeyIn) -> ApiKeyCreated:
    """A new key; the answer is the only time that it is shown."""
    key, text = await service.issue_key(session, caller=caller, request=request)
    return ApiKeyCreated(**dict(_key(key)), key=text)


@router.delete("/api-keys/{key_id}", scope=Scope.ADMIN, errors=(404,), status_code=204)
async def revoke_api_key(caller: Caller, session: Write, key_id: CodePath) -> Response:
    """End a key at once."""
    await service.revoke_key(session, account_id=caller.account.id, key_id=key_id)
    return Response(status_code=204)


def _key(key: ApiKey) -> ApiKeyOut:
    return ApiKeyOut(
        id=key.key_id,
        name=key.name,
        scopes=[Scope(scope) for scope in key.scopes],
        created_at=key.created_at,
        expires_at=key.expires_at,
        last_used_at=key.last_used_at,
        revoked_at=key.revoked_at,
    )
