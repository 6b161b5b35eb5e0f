"""Whom an export means."""

from datetime import datetime
from typing import Any

from clientbase.accounts.schemas import AccountInfo
from clientbase.filters import Catalogue
from clientbase.kit.db import AnySession
from clientbase.search.evaluator import BACKGROUND_SECONDS, INTERACTIVE_SECONDS, Evaluation, Evaluator
from clientbase.search.understood import Understood, in_filter, understand


async def meant(
    filter_: dict[str, Any] | None, segment: str | None, catalogue: Catalogue, *, personal: bool
) -> Understood:
    """The filter, or the segment as one; neither is everyone.

    Members of a segment may be read without its conditions, so a segment asks for no personal scope.
    Raises Invalid (with pointers at /filter or /segment), Forbidden.
    """
    if segment is None:
        return await understand(filter_, catalogue, personal=personal, place=in_filter)
    tree = {"version": 1, "root": {"type": "segment", "operator": "in", "value": [segment]}}
    return await understand(tree, catalogue, personal=True, place=lambda pointer: "/segment")


async def evaluate(
    session: AnySession,
    *,
    account: AccountInfo,
    understood: Understood,
    now: datetime,
    interactive: bool = False,
) -> Evaluation:
    """The clients in the session's snapshot. Raises Conflict (SEGMENT_NOT_READY), Unavailable."""
    budget = INTERACTIVE_SECONDS if interactive else BACKGROUND_SECONDS
    evaluator = Evaluator(session, account=account, now=now, budget_seconds=budget)
    return await evaluator.evaluate(understood.plan)
