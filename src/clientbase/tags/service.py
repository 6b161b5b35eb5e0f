"""Making, changing and deleting tags."""

from dataclasses import dataclass

from clientbase.accounts.usage import refuse_if_used
from clientbase.kit import clock
from clientbase.kit.codes import choose_code
from clientbase.kit.db import AnySession, WriteSession
from clientbase.kit.errors import not_found
from clientbase.kit.paging import Keyset, Page, PageRequest
from clientbase.models import Tag
from clientbase.tags.repository import TagRepository
from clientbase.tags.schemas import TagIn, TagOut, TagPatch


@dataclass(frozen=True)
class TagView:
    """A tag as read, with the number of its clients."""

    tag: Tag
    clients_count: int

    def out(self) -> TagOut:
        """The answer."""
        fields = ("code", "name", "color", "created_at", "updated_at")
        values = {name: getattr(self.tag, name) for name in fields}
        return TagOut(**values, clients_count=self.clients_count)


async def list_tags(session: AnySession, *, account_id: int, page: PageRequest) -> Page[TagOut]:
    """A page of tags by code."""
    repository = TagRepository(session, account_id)
    keyset = Keyset(page, account_id, "tags")
    return await keyset.answer(
        await repository.page(after=keyset.after_one, limit=keyset.take),
        make=lambda row: TagView(row[0], row[1]).out(),
        position=lambda row: [row[0].code],
        total=repository.total,
    )


async def get_tag(session: AnySession, *, account_id: int, code: str, lock: bool = False) -> TagView:
    """One tag; with `lock`, nobody else changes it before the transaction ends. Raises NotFound."""
    repository = TagRepository(session, account_id)
    tag = await repository.by_code(code, lock=lock)
    if tag is None:
        raise not_found("tag")
    return TagView(tag, await repository.clients_count(tag.id))


async def create_tag(session: WriteSession, *, account_id: int, request: TagIn) -> TagView:
    """A new tag. Raises Conflict (CODE_TAKEN)."""
    repository = TagRepository(session, account_id)

    async def exists(code: str) -> bool:
        return await repository.by_code(code) is not None

    code = await choose_code(request.code, request.name, "tag", exists)
    now = clock.now()
    tag = Tag(
        account_id=account_id,
        code=code,
        name=request.name,
        color=request.color,
        created_at=now,
        updated_at=now,
    )
    session.add(tag)
    await session.flush()
    return TagView(tag, 0)


async def update_tag(session: WriteSession, *, account_id: int, code: str, patch: TagPatch) -> TagView:
    """Rename or recolour a tag. Raises NotFound."""
    view = await get_tag(session, account_id=account_id, code=code)
    view.tag.name = patch.name or view.tag.name
    view.tag.color = patch.color or view.tag.color
    view.tag.updated_at = clock.now()
    await session.flush()
    return view


async def delete_tag(session: WriteSession, *, account_id: int, code: str) -> None:
    """Take a tag off all clients and delete it. Raises NotFound, Conflict (IN_USE) while filters use it."""
    view = await get_tag(session, account_id=account_id, code=code)
    await refuse_if_used(session, account_id=account_id, kind="tag", code=code)
    await TagRepository(session, account_id).delete(view.tag.id)
