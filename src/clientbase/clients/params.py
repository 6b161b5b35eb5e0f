"""Custom params of clients and of orders: making, changing and deleting them."""

from collections.abc import Sequence
from typing import Literal

from clientbase.accounts.usage import refuse_if_used
from clientbase.clients.param_repository import ParamRepository, delete_param, write_choices
from clientbase.clients.param_schemas import ChoiceIn, ChoiceOut, ParamIn, ParamOut, ParamPatch
from clientbase.kit import clock
from clientbase.kit.codes import choose_code
from clientbase.kit.db import AnySession, WriteSession
from clientbase.kit.errors import Conflict, Forbidden, Item, invalid_at, not_found
from clientbase.kit.paging import Keyset, Page, PageRequest
from clientbase.kit.text import code_from
from clientbase.models import Param, ParamChoice

Entity = Literal["client", "order"]
_WHERE = {"client": "params", "order": "order"}
"""How a filter names the choices of a param: `params.<code>:<choice>`."""


async def list_params(
    session: AnySession, *, account_id: int, entity: Entity, page: PageRequest
) -> Page[ParamOut]:
    """A page of params by code."""
    repository = ParamRepository(session, account_id, entity)
    keyset = Keyset(page, account_id, "params", entity)
    params = await repository.page(after=keyset.after_one, limit=keyset.take)
    choices = await repository.choices([param.id for param in params])
    return await keyset.answer(
        params,
        make=lambda param: _out(param, choices.get(param.id, [])),
        position=lambda param: [param.code],
        total=repository.total,
    )


async def get_param(
    session: AnySession, *, account_id: int, entity: Entity, code: str, lock: bool = False
) -> ParamOut:
    """One param; with `lock`, nobody else changes it before the transaction ends. Raises NotFound."""
    return await _read(session, await _find(session, account_id, entity, code, lock=lock))


async def create_param(
    session: WriteSession, *, account_id: int, entity: Entity, request: ParamIn
) -> ParamOut:
    """A new param.

    Raises Conflict (CODE_TAKEN), Invalid (CHOICES_NEEDED, NO_CHOICES_HERE, DUPLICATE_CHOICE).
    """
    _check_choices(request.type, request.choices)
    repository = ParamRepository(session, account_id, entity)

    async def exists(code: str) -> bool:
        return await repository.by_code(code) is not None

    code = await choose_code(request.code, request.name, "param", exists)
    now = clock.now()
    param = Param(
        account_id=account_id,
        entity=entity,
        code=code,
        name=request.name,
        type=request.type,
        personal=request.personal,
        created_at=now,
        updated_at=now,
    )
    session.add(param)
    await session.flush()
    await write_choices(session, param=param, kept=_coded(request.choices), gone=[])
    return await _read(session, param)


async def update_param(
    session: WriteSession, *, account_id: int, entity: Entity, code: str, patch: ParamPatch, personal: bool
) -> ParamOut:
    """Rename a param, change its choices, or open or close it to who may not read personal data.

    Raises NotFound; Conflict (IN_USE) for a choice that is used; Forbidden (PERSONAL_SCOPE_NEEDED) when a
    personal one is opened without `personal`.
    """
    param = await _find(session, account_id, entity, code)
    if param.personal and patch.personal is False and not personal:
        item = Item("/personal", "PERSONAL_SCOPE_NEEDED", "This shows its values to every key.")
        raise Forbidden("PERSONAL_SCOPE_NEEDED", "The key lacks the scope clients:personal.", [item])
    param.name = patch.name or param.name
    param.personal = param.personal if patch.personal is None else patch.personal
    param.updated_at = clock.now()
    if patch.choices is not None:
        _check_choices(param.type, patch.choices)
        await _change_choices(session, param, patch.choices)
    await session.flush()
    return await _read(session, param)


async def delete_unused_param(session: WriteSession, *, account_id: int, entity: Entity, code: str) -> None:
    """Delete a param with all its values. Raises NotFound, Conflict (IN_USE) while filters use it."""
    param = await _find(session, account_id, entity, code)
    await refuse_if_used(session, account_id=account_id, kind=f"{entity}_param", code=code)
    await delete_param(session, param)


async def _change_choices(session: WriteSession, param: Param, choices: Sequence[ChoiceIn]) -> None:
    repository = ParamRepository(session, param.account_id, param.entity)
    stored = (await repository.choices([param.id])).get(param.id, [])
    kept = _coded(choices)
    gone = [choice.code for choice in stored if choice.code not in dict(kept)]
    for choice in gone:
        usage = f"{_WHERE[param.entity]}.{param.code}:{choice}"
        await refuse_if_used(session, account_id=param.account_id, kind="choice", code=usage)
        if await repository.has_value(param.id, choice):
            raise Conflict("IN_USE", "A choice that is left out is still held by something.")
    await write_choices(session, param=param, kept=kept, gone=gone)


def _check_choices(kind: str, choices: Sequence[ChoiceIn]) -> None:
    if kind == "choice" and not choices:
        raise invalid_at("/choices", "CHOICES_NEEDED", "A choice param needs its choices.")
    if kind != "choice" and choices:
        raise invalid_at("/choices", "NO_CHOICES_HERE", "Only a choice param has choices.")
    codes = [code for code, _ in _coded(choices)]
    if len(set(codes)) < len(codes):
        raise invalid_at("/choices", "DUPLICATE_CHOICE", "Two choices have the same code.")


def _coded(choices: Sequence[ChoiceIn]) -> list[tuple[str, str]]:
    return [
        (choice.code or code_from(choice.name) or f"choice-{place}", choice.name)
        for place, choice in enumerate(choices, start=1)
    ]


async def _find(
    session: AnySession, account_id: int, entity: Entity, code: str, *, lock: bool = False
) -> Param:
    param = await ParamRepository(session, account_id, entity).by_code(code, lock=lock)
    if param is None:
        raise not_found("param")
    return param


async def _read(session: AnySession, param: Param) -> ParamOut:
    repository = ParamRepository(session, param.account_id, param.entity)
    return _out(param, (await repository.choices([param.id])).get(param.id, []))


def _out(param: Param, choices: Sequence[ParamChoice]) -> ParamOut:
    fields = ("code", "name", "type", "personal", "created_at", "updated_at")
    shown = [ChoiceOut(code=choice.code, name=choice.name) for choice in choices]
    return ParamOut(**{name: getattr(param, name) for name in fields}, choices=shown)
