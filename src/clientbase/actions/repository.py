"""SQL of the account's own action types."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import delete, func, select

from clientbase.kit.db import AnySession, among
from clientbase.models import Action, ActionType, Param, ParamChoice


class ActionTypeRepository:
    """The own action types of one account."""

    def __init__(self, session: AnySession, account_id: int) -> None:
        self.session = session
        self.account_id = account_id

    async def by_code(self, code: str, *, lock: bool = False) -> ActionType | None:
        """One type, held until the end of the transaction with `lock`."""
        query = select(ActionType).where(ActionType.account_id == self.account_id, ActionType.code == code)
        if lock:
            query = query.with_for_update().execution_options(populate_existing=True)
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
