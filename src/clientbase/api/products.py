"""Routes of products."""

from clientbase.accounts.scopes import Scope
from clientbase.api.deps import Caller, Paging, Read, Write
from clientbase.api.route import ApiRouter
from clientbase.kit.paging import Page
from clientbase.loading.product_schemas import ProductBatch
from clientbase.loading.products import upsert_products
from clientbase.loading.schemas import BatchAnswer, batch_answer
from clientbase.orders import products
from clientbase.orders.schemas import ProductOut

router = ApiRouter(tag="products")


@router.get("/products", scope=Scope.CLIENTS_READ)
async def list_products(caller: Caller, session: Read, page: Paging) -> Page[ProductOut]:
    """Products with the path of their groups, by code."""
    return await products.list_products(session, account_id=caller.account.id, page=page)


@router.post("/products/batch", scope=Scope.FACTS_WRITE, batch=True, status_code=207)
async def upsert_product_batch(caller: Caller, session: Write, request: ProductBatch) -> BatchAnswer:
    """Create or change up to 1000 products by code."""
    rows = [product.row() for product in request.items]
    return batch_answer(await upsert_products(session, account_id=caller.account.id, rows=rows))
