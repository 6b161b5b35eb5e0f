"""Routes of actions."""

from clientbase.accounts.scopes import Scope
from clientbase.api.deps import Caller, Write
from clientbase.api.route import ApiRouter
from clientbase.loading.actions import upsert_actions
from clientbase.loading.actions.schemas import ActionBatch
from clientbase.loading.schemas import BatchAnswer, batch_answer

router = ApiRouter(tag="actions")


@router.post("/actions/batch", scope=Scope.FACTS_WRITE, batch=True, status_code=207)
async def upsert_action_batch(caller: Caller, session: Write, request: ActionBatch) -> BatchAnswer:
    """Record up to 1000 actions, in the order of the rows.

    With an `external_id` an action is that one of (type, source), which the same row again replaces; without
    one every row is another action. What orders and segments give rise to cannot be posted.
    """
    rows = [action.row() for action in request.items]
    return batch_answer(await upsert_actions(session, account=caller.account, rows=rows))
