"""How long the demo base takes, and its shape: skewed, on average 5 orders and 10 actions a client."""

from sqlalchemy import text

from benchmarks.figures import Figure
from benchmarks.stage import Stage
from clientbase.kit.db import reading

SECONDS_PER_CLIENT = 60 / 100_000
_SHAPE = text("""
SELECT (SELECT count(*) FROM orders WHERE account_id = :account) AS orders,
       (SELECT count(*) FROM actions WHERE account_id = :account) AS actions,
       (SELECT sum(orders_count) FROM (
           SELECT orders_count FROM client_stats WHERE account_id = :account
           ORDER BY orders_count DESC LIMIT :tenth) best) AS of_best
""")


async def measure(stage: Stage) -> list[Figure]:
    """Orders and actions a client, the share of the best tenth, and the time when the base was made now."""
    async with reading(stage.sessions) as session:
        await session.execute(text("SET LOCAL statement_timeout = 0"))
        values = {"account": stage.account.id, "tenth": stage.clients // 10}
        row = (await session.execute(_SHAPE, values)).one()
    figures = [
        Figure("orders a client", row.orders / stage.clients, ""),
        Figure("actions a client", row.actions / stage.clients, ""),
        Figure("share of the orders that the best tenth made", float(row.of_best) / row.orders * 100, "%"),
    ]
    if stage.load_seconds is not None:
        aim = max(60.0, SECONDS_PER_CLIENT * stage.clients)
        figures.append(Figure("demo base made in", stage.load_seconds, "s", aim))
    return figures
