"""Making, changing and deleting the account's own action types."""

from clientbase.accounts.usage import refuse_if_used
from clientbase.actions.params import Known, write_params
from clientbase.actions.repository import ActionTypeRepository
from clientbase.actions.schemas import ActionParamOut, ActionTypeIn, ActionTypeOut, ActionTypePatch, ChoiceOut
from clientbase.filters.actions import ACTIONS
from clientbase.kit import clock
from clientbase.kit.codes import choose_code
from clientbase.kit.db import AnySession, WriteSession
from clientbase.kit.errors import not_found
from clientbase.kit.paging import Keyset, Page, PageRequest
from clientbase.models import ActionType


async def list_types(session: AnySession, *, account_id: int, page: PageRequest) -> Page[ActionTypeOut]:
    """A page of action types, by code."""
    repository = ActionTypeRepository(session, account_id)
    keyset = Keyset(page, account_id, "action-types")
    types = await repository.page(after=keyset.after_one, limit=keyset.take)
    params = await repository.params([kind.id for kind in types])
    return await keyset.answer(
        types,
        make=lambda kind: _out(kind, params[kind.id]),
        position=lambda kind: [kind.code],
        total=repository.total,
    )


async def get_type(session: AnySession, *, account_id: int, code: str, lock: bool = False) -> ActionTypeOut:
    """One type; with `lock`, nobody else changes it before the transaction ends. Raises NotFound."""
    kind = await _get(session, account_id, code, lock=lock)
    return _out(kind, await _params(session, kind))


async def create_type(session: WriteSession, *, account_id: int, request: ActionTypeIn) -> ActionTypeOut:
    """A new type. Raises Conflict (CODE_TAKEN), Invalid for what is wrong with its params."""
    repository = ActionTypeRepository(session, account_id)

    async def exists(code: str) -> bool:
        return code in ACTIONS or await repository.by_code(code) is not None

    code = await choose_code(request.code, request.name, "action", exists)
    now = clock.now()
    kind = ActionType(account_id=account_id, code=code, name=request.name, created_at=now, updated_at=now)
    session.add(kind)
    await session.flush()
    await write_params(session, kind, [], request.params)
    return _out(kind, await _params(session, kind))


async def update_type(
    session: WriteSession, *, account_id: int, code: str, patch: ActionTypePatch
) -> ActionTypeOut:
    """Rename a type, add and rename params. Raises NotFound, Invalid."""
    kind = await _get(session, account_id, code)
    if patch.params is not None:
        await write_params(session, kind, await _params(session, kind), patch.params)
    kind.name = patch.name or kind.name
    kind.updated_at = clock.now()
    await session.flush()
    return _out(kind, await _params(session, kind))


async def delete_type(session: WriteSession, *, account_id: int, code: str) -> None:
    """Delete a type with its params and all its actions.

    Raises NotFound, Conflict (IN_USE) while filters of segments use it.
    """
    kind = await _get(session, account_id, code)
    await refuse_if_used(session, account_id=account_id, kind="action_type", code=code)
    await ActionTypeRepository(session, account_id).delete(kind.id)


async def _get(session: AnySession, account_id: int, code: str, *, lock: bool = False) -> ActionType:
    kind = await ActionTypeRepository(session, account_id).by_code(code, lock=lock)
    if kind is None:
        raise not_found("action type")
    return kind


async def _params(session: AnySession, kind: ActionType) -> Known:
    return (await ActionTypeRepository(session, kind.account_id).params([kind.id]))[kind.id]


def _out(kind: ActionType, params: Known) -> ActionTypeOut:
    return ActionTypeOut(
        code=kind.code,
        name=kind.name,
        params=[
            ActionParamOut(
                code=param.code,
                name=param.name,
                type=param.type,
                choices=[ChoiceOut(code=choice.code, name=choice.name) for choice in choices],
            )
            for param, choices in params
        ],
        created_at=kind.created_at,
        updated_at=kind.updated_at,
    )
