"""The example segments are made with the base, and each cuts some of it out."""

from sqlalchemy.ext.asyncio import AsyncEngine

from clientbase.demo import service
from clientbase.demo.segments import EXAMPLES
from clientbase.filters import check, plan
from clientbase.kit.db import reading, session_factory
from clientbase.search import catalogue as catalogues
from clientbase.search.evaluator import Evaluator
from tests import factories
from tests.demo.test_demo import NOW

CLIENTS = 2000


async def test_every_example_has_some_members_and_not_all(committed_engine: AsyncEngine) -> None:
    sessions = session_factory(committed_engine)
    account = await factories.create_account(sessions)
    await service.load(sessions, account_id=account.id, clients=CLIENTS, seed=5, now=NOW)
    sizes = {}
    async with reading(sessions, snapshot=True) as session:
        catalogue = await catalogues.load(session, account=account)
        assert set(catalogue.segments) == {example.code for example in EXAMPLES}
        evaluator = Evaluator(session, account=account, now=NOW)
        for example in EXAMPLES:
            found = await evaluator.evaluate(plan(check(example.filter, catalogue), catalogue))
            evaluator.remember(catalogue.segments[example.code].id, found)
            sizes[example.code] = len(found.members)
    assert all(0 < size < CLIENTS / 2 for size in sizes.values()), sizes
