"""Lists of products and groups of products."""

from clientbase.kit.db import AnySession
from clientbase.kit.paging import Page, PageRequest, Total, binding, decode_cursor, encode_cursor
from clientbase.models import Product, ProductGroup
from clientbase.orders.product_repository import ProductRepository
from clientbase.orders.schemas import ProductGroupOut, ProductOut


async def list_products(session: AnySession, *, account_id: int, page: PageRequest) -> Page[ProductOut]:
    """A page of products, by code."""
    repository = ProductRepository(session, account_id)
    bound = binding(account_id, "products")
    after = decode_cursor(page.cursor, bound)[0] if page.cursor else None
    rows = await repository.product_page(after=after, limit=page.limit + 1)
    items = [
        ProductOut(id=row.id, code=row.code, name=row.name, group=row.group, path=row.path or [])
        for row in rows[: page.limit]
    ]
    return Page(
        items=items,
        next_cursor=encode_cursor([items[-1].code], bound) if len(rows) > page.limit else None,
        total=Total(value=await repository.total(Product)) if page.count else None,
    )


async def list_groups(session: AnySession, *, account_id: int, page: PageRequest) -> Page[ProductGroupOut]:
    """A page of groups, by code."""
    repository = ProductRepository(session, account_id)
    bound = binding(account_id, "product-groups")
    after = decode_cursor(page.cursor, bound)[0] if page.cursor else None
    rows = await repository.group_page(after=after, limit=page.limit + 1)
    items = [
        ProductGroupOut(
            id=row.id,
            code=row.code,
            name=row.name,
            parent=row.path[-2] if len(row.path) > 1 else None,
            path=row.path,
        )
        for row in rows[: page.limit]
    ]
    return Page(
        items=items,
        next_cursor=encode_cursor([items[-1].code], bound) if len(rows) > page.limit else None,
        total=Total(value=await repository.total(ProductGroup)) if page.count else None,
    )
