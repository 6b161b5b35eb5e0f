"""Lists of products and groups of products."""

from typing import Any

from clientbase.kit.db import AnySession
from clientbase.kit.paging import Keyset, Page, PageRequest
from clientbase.models import Product, ProductGroup
from clientbase.orders.product_repository import ProductRepository
from clientbase.orders.schemas import ProductGroupOut, ProductOut


async def list_products(session: AnySession, *, account_id: int, page: PageRequest) -> Page[ProductOut]:
    """A page of products, by code."""
    repository = ProductRepository(session, account_id)
    keyset = Keyset(page, account_id, "products")
    return await keyset.answer(
        await repository.product_page(after=keyset.after_one, limit=keyset.take),
        make=_product,
        position=lambda row: [row.code],
        total=lambda: repository.total(Product),
    )


async def list_groups(session: AnySession, *, account_id: int, page: PageRequest) -> Page[ProductGroupOut]:
    """A page of groups, by code."""
    repository = ProductRepository(session, account_id)
    keyset = Keyset(page, account_id, "product-groups")
    return await keyset.answer(
        await repository.group_page(after=keyset.after_one, limit=keyset.take),
        make=_group,
        position=lambda row: [row.code],
        total=lambda: repository.total(ProductGroup),
    )


def _product(row: Any) -> ProductOut:
    return ProductOut(id=row.id, code=row.code, name=row.name, group=row.group, path=row.path or [])


def _group(row: Any) -> ProductGroupOut:
    parent = row.path[-2] if len(row.path) > 1 else None
    return ProductGroupOut(id=row.id, code=row.code, name=row.name, parent=parent, path=row.path)
