"""SQL of the account's own action types, and of what the built-in ones take."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import delete, func, select

from clientbase.filters.catalogue import ActionType as ActionTypeInfo
from clientbase.filters.catalogue import Choice
from clientbase.filters.catalogue import Param as ParamInfo
from clientbase.kit.db import AnySession, among
from clientbase.models import Action, ActionType, FieldChoice, Param, ParamChoice


class ActionTypeRepository:
    """The own action types of one account."""

    def __init__(self, session: AnySession, account_id: int) -> None:
        self.session = session
        self.account_id = account_id

    async def by_code(self, code: str) -> ActionType | None:
        """One type."""
        query = select(ActionType).where(ActionType.account_id == self.account_id, ActionType.code == code)
        return (await self.session.execute(query)).scalar_one_or_none()

    async def page(self, *, after: str | None, limit: int) -> Sequence[ActionType]:
        """Types by code, after a code."""
        query = select(ActionType).where(ActionType.account_id == self.account_id)
        if after is not None:
            query = query.where(ActionType.code > after)
        return (await self.session.execute(query.order_by(ActionType.code).limit(limit))).scalars().all()

    async def total(self) -> int:
        """How many types there are."""
        query = select(func.count()).select_from(ActionType).where(ActionType.account_id == self.account_id)
        return (await self.session.execute(query)).scalar_one()

    async def params(self, type_ids: Iterable[int]) -> dict[int, list[tuple[Param, list[ParamChoice]]]]:
        """Params of these types with their choices, in the order of their making."""
        wanted = list(type_ids)
        query = (
            select(Param)
            .where(
                Param.account_id == self.account_id,
                Param.entity == "action",
                among(Param.action_type_id, wanted),
            )
            .order_by(Param.id)
        )
        params = (await self.session.execute(query)).scalars().all()
        choices = await self._choices([param.id for param in params])
        found: dict[int, list[tuple[Param, list[ParamChoice]]]] = defaultdict(list)
        for param in params:
            assert param.action_type_id is not None
            found[param.action_type_id].append((param, choices[param.id]))
        return found

    async def known(self) -> dict[str, ActionTypeInfo]:
        """All own types by code, as the filters and the loading of actions take them."""
        query = select(ActionType).where(ActionType.account_id == self.account_id)
        types = (await self.session.execute(query)).scalars().all()
        params = await self.params(kind.id for kind in types)
        return {kind.code: _info(kind, params[kind.id]) for kind in types}

    async def field_choices(self) -> dict[str, tuple[Choice, ...]]:
        """Values of the choice fields, by field."""
        query = select(FieldChoice.field, FieldChoice.code, FieldChoice.name).where(
            FieldChoice.account_id == self.account_id
        )
        found: dict[str, list[Choice]] = defaultdict(list)
        for field, code, name in await self.session.execute(query):
            found[field].append(Choice(code, name))
        return {field: tuple(choices) for field, choices in found.items()}

    async def actions_count(self, type_id: int) -> int:
        """How many actions of a type there are."""
        query = select(func.count()).where(Action.account_id == self.account_id, Action.type_id == type_id)
        return (await self.session.execute(query)).scalar_one()

    async def delete(self, type_id: int) -> None:
        """A type with its params and all its actions."""
        params = select(Param.id).where(Param.account_id == self.account_id, Param.action_type_id == type_id)
        for model, condition in (
            (Action, Action.type_id == type_id),
            (ParamChoice, ParamChoice.param_id.in_(params)),
            (Param, Param.action_type_id == type_id),
            (ActionType, ActionType.id == type_id),
        ):
            await self.session.execute(delete(model).where(model.account_id == self.account_id, condition))

    async def _choices(self, param_ids: Sequence[int]) -> dict[int, list[ParamChoice]]:
        query = (
            select(ParamChoice)
            .where(ParamChoice.account_id == self.account_id, among(ParamChoice.param_id, param_ids))
            .order_by(ParamChoice.param_id, ParamChoice.position)
        )
        found: dict[int, list[ParamChoice]] = defaultdict(list)
        for choice in (await self.session.execute(query)).scalars():
            found[choice.param_id].append(choice)
        return found


def _info(kind: ActionType, params: Sequence[tuple[Param, list[ParamChoice]]]) -> ActionTypeInfo:
    return ActionTypeInfo(
        kind.id,
        kind.code,
        kind.name,
        tuple(
            ParamInfo(
                param.id,
                param.code,
                param.name,
                param.type,
                param.personal,
                tuple(Choice(choice.code, choice.name) for choice in choices),
            )
            for param, choices in params
        ),
        kind.amount_param,
        kind.reference_param,
    )
