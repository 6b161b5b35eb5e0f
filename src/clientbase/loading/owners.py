"""Whose fact it is: the clients that rows of orders and actions name."""

from collections.abc import Sequence

from pydantic import Field

from clientbase.accounts.schemas import AccountInfo
from clientbase.kit.db import WriteSession
from clientbase.kit.errors import Item
from clientbase.kit.schema import Id, Shape
from clientbase.loading.matching import ClientKey, Match, resolve


class ClientRef(Shape):
    """The client of a record: the first of id, (source, external_id), phone, e-mail that finds one."""

    id: Id | None = None
    source: str | None = Field(default=None, min_length=1, max_length=100, examples=["retailcrm"])
    external_id: str | None = Field(default=None, min_length=1, max_length=255, examples=["c-1001"])
    phone: str | None = Field(default=None, min_length=1, max_length=255, examples=["+7 916 123-45-67"])
    email: str | None = Field(default=None, min_length=1, max_length=255)

    def key(self) -> ClientKey:
        """The key to look up."""
        return ClientKey(self.id, self.source, self.external_id, self.phone, self.email)


_NOT_FOUND = Item("/client", "CLIENT_NOT_FOUND", "There is no such client.")
_AMBIGUOUS = Item("/client", "CLIENT_AMBIGUOUS", "Several clients fit; name one by its id.")


async def find_owners(
    session: WriteSession, *, account: AccountInfo, keys: Sequence[ClientKey | None]
) -> list[int | Item | None]:
    """For each key the id of its client, or what is wrong with it; None where there is no key."""
    given = [key for key in keys if key is not None]
    found = iter(await resolve(session, account=account, keys=given) if given else [])
    return [None if key is None else _judged(next(found)) for key in keys]


def _judged(match: int | Match | None) -> int | Item:
    if match is None:
        return _NOT_FOUND
    return _AMBIGUOUS if isinstance(match, Match) else match
