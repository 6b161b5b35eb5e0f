"""Routes of groups of products."""

from clientbase.accounts.scopes import Scope
from clientbase.api.deps import Caller, Paging, Read, Write
from clientbase.api.route import ApiRouter
from clientbase.kit.paging import Page
from clientbase.loading.product_schemas import ProductGroupBatch
from clientbase.loading.products import upsert_groups
from clientbase.loading.schemas import BatchAnswer, batch_answer
from clientbase.orders import products
from clientbase.orders.schemas import ProductGroupOut

router = ApiRouter(tag="products")


@router.get("/product-groups", scope=Scope.CLIENTS_READ)
async def list_product_groups(caller: Caller, session: Read, page: Paging) -> Page[ProductGroupOut]:
    """Groups of products with their paths, by code."""
    return await products.list_groups(session, account_id=caller.account.id, page=page)


@router.post("/product-groups/batch", scope=Scope.FACTS_WRITE, batch=True, status_code=207)
async def upsert_product_group_batch(
    caller: Caller, session: Write, request: ProductGroupBatch
) -> BatchAnswer:
    """Create or change up to 1000 groups by code; a moved group takes all that lies below it along."""
    rows = [group.row() for group in request.items]
    return batch_answer(await upsert_groups(session, account_id=caller.account.id, rows=rows))
