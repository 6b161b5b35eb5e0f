"""What rows of one account are checked against, read once a batch."""

from dataclasses import dataclass, field
from datetime import datetime

from clientbase.accounts.schemas import AccountInfo
from clientbase.actions.values import ParamType
from clientbase.kit import clock
from clientbase.kit.db import AnySession
from clientbase.loading.clients.repository import ClientLoadRepository

NO_CHOICES = ParamType("choice")


@dataclass
class LoadContext:
    """Params, tags and choices of an account, and the instant of the load."""

    account: AccountInfo
    now: datetime
    params: dict[str, tuple[int, ParamType]]
    """Custom params of clients: id and type by code."""
    tags: dict[str, int]
    choices: dict[str, ParamType]
    """What each choice field takes."""
    new_choices: set[tuple[str, str]] = field(default_factory=set)
    """Values of open choice fields that rows brought: (field, code)."""

    @classmethod
    async def load(cls, session: AnySession, account: AccountInfo) -> "LoadContext":
        """Read it."""
        repository = ClientLoadRepository(session, account.id)
        params = {
            code: (param_id, ParamType(kind, tuple(choices), account.places))
            for code, param_id, kind, choices in await repository.params()
        }
        choices: dict[str, set[str]] = {}
        for name, code in await repository.choices():
            choices.setdefault(name, set()).add(code)
        types = {name: ParamType("choice", tuple(sorted(codes))) for name, codes in choices.items()}
        return cls(account, clock.now(), params, await repository.tags(), types)
