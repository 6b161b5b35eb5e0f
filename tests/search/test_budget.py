"""A filter that takes too long for somebody who waits is refused by the condition that is slow."""

import pytest
from sqlalchemy import text

from clientbase.accounts.schemas import AccountInfo
from clientbase.filters import check, plan
from clientbase.kit import clock
from clientbase.kit.db import Sessions, reading, writing
from clientbase.kit.errors import Invalid
from clientbase.search import catalogue as catalogues
from clientbase.search.evaluator import Evaluator
from tests.search.bases import field, make_base, tree

FILTER = tree(field("city", "eq", "Казань"), {"type": "action", "action": "visit"})


async def test_the_slow_condition_is_named(sessions: Sessions, account: AccountInfo) -> None:
    await make_base(sessions, account, 5)
    async with writing(sessions) as blocking, reading(sessions, snapshot=True) as session:
        catalogue = await catalogues.load(session, account=account)
        await blocking.execute(text("LOCK TABLE actions IN ACCESS EXCLUSIVE MODE"))
        evaluator = Evaluator(session, account=account, now=clock.now(), budget_seconds=0.2)
        with pytest.raises(Invalid) as refused:
            await evaluator.evaluate(plan(check(FILTER, catalogue), catalogue))
    (item,) = refused.value.errors
    assert (refused.value.code, item.code, item.pointer) == ("FILTER_TOO_SLOW", "FILTER_TOO_SLOW", "/filter")
    assert "visit" in item.message
    assert "city" not in item.message
