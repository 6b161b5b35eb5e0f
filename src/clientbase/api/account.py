"""Routes of the account and its API keys."""

from fastapi import Response

from clientbase.accounts import service
from clientbase.accounts.schemas import (
    AccountInfo,
    AccountOut,
    AccountPatch,
    ApiKeyCreated,
    ApiKeyIn,
    ApiKeyOut,
)
from clientbase.accounts.scopes import Scope
from clientbase.api import etags
from clientbase.api.deps import Caller, CodePath, Paging, Read, Write
from clientbase.api.etags import IfMatch
from clientbase.api.route import ApiRouter
from clientbase.kit.paging import Page

router = ApiRouter(tag="administration")


def _answer(account: AccountInfo, response: Response) -> AccountOut:
    answer = AccountOut.model_validate(account, from_attributes=True)
    response.headers["ETag"] = etags.of(answer)
    return answer


@router.get("/account", scope=Scope.CLIENTS_READ, headers=("ETag",))
async def get_account(caller: Caller, response: Response) -> AccountOut:
    """The account that the key belongs to: time zone, currency, language."""
    return _answer(caller.account, response)


@router.patch("/account", scope=Scope.ADMIN, errors=(412,), headers=("ETag",))
async def update_account(
    caller: Caller, session: Write, response: Response, patch: AccountPatch, if_match: IfMatch = None
) -> AccountOut:
    """Rename the account or move it to another time zone (segments follow at their next recalculation)."""
    account_id = caller.account.id
    current = await service.account_by_id(session, account_id=account_id, lock=True)
    etags.check(if_match, etags.of(AccountOut.model_validate(current, from_attributes=True)))
    account = await service.update_account(session, account_id=account_id, patch=patch)
    return _answer(service.account_info(account), response)


@router.get("/api-keys", scope=Scope.ADMIN)
async def list_api_keys(caller: Caller, session: Read, page: Paging) -> Page[ApiKeyOut]:
    """The keys of the account, newest first; their secrets are not kept."""
    return await service.list_keys(session, account_id=caller.account.id, page=page)


@router.post(
    "/api-keys",
    scope=Scope.ADMIN,
    errors=(409,),
    status_code=201,
    openapi_extra={"x-shown-once": True},
)
async def create_api_key(caller: Caller, session: Write, request: ApiKeyIn) -> ApiKeyCreated:
    """A new key; the answer is the only time that it is shown.

    Its secret is not kept, so a repetition with the same Idempotency-Key is not answered again: 409
    SHOWN_ONCE says that the key was made. Revoke it and make another one if the answer was lost.
    """
    key, text = await service.issue_key(session, caller=caller, request=request)
    return ApiKeyCreated(**dict(ApiKeyOut.of(key)), key=text)


@router.delete("/api-keys/{key_id}", scope=Scope.ADMIN, errors=(404,), status_code=204)
async def revoke_api_key(caller: Caller, session: Write, key_id: CodePath) -> Response:
    """End a key at once."""
    await service.revoke_key(session, account_id=caller.account.id, key_id=key_id)
    return Response(status_code=204)
