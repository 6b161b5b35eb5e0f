"""Filters over what has become personal are hidden from keys that may not read personal data."""

import httpx

from clientbase.accounts.schemas import AccountInfo
from clientbase.kit.db import Sessions
from tests import factories
from tests.conftest import http_client
from tests.search.bases import tree
from tests.segments.work import SEGMENTS, make, read

PARAMS = "/api/v1/order-params"


async def test_a_param_of_orders_that_becomes_personal_hides_the_filters_over_it(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    made = await api.post(PARAMS, json={"name": "Диагноз", "code": "diagnosis", "type": "text"})
    where = {"type": "field", "field": "order.diagnosis", "operator": "eq", "value": "грипп"}
    wanted = tree({"type": "action", "action": "purchase", "where": where})
    await make(api, "ill", wanted)

    headers = {"If-Match": made.headers["ETag"]}
    changed = await api.patch(f"{PARAMS}/diagnosis", json={"personal": True}, headers=headers)

    assert changed.status_code == 200, changed.text
    scopes = ["clients:read", "segments:read", "segments:write"]
    async with http_client(sessions, await factories.create_key(sessions, account, scopes=scopes)) as partner:
        shown = await read(partner, "ill")
        assert (shown["filter"], shown["filter_hidden"]) == (None, True)
        refused = await partner.post(f"{SEGMENTS}/preview", json={"filter": wanted})
        assert refused.status_code == 403
