"""What is shown of a client: the columns are the documented shape, values are written as promised."""

import httpx
from sqlalchemy import update

from clientbase.accounts.schemas import AccountInfo
from clientbase.clients.view import FIELD_NAMES
from clientbase.clients.view_schemas import ClientOut
from clientbase.kit import json
from clientbase.kit.db import Sessions, writing
from clientbase.models import ClientStats
from clientbase.search.orders import ORDERS
from tests.search.bases import make_base
from tests.segments.work import SEGMENTS, make

CLIENTS = "/api/v1/clients"


def test_every_field_is_documented() -> None:
    assert set(FIELD_NAMES) == set(ClientOut.model_fields)
    assert set(ORDERS) <= set(FIELD_NAMES)


async def test_all_fields_of_a_client_fit_the_documented_shape(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    (client, *_) = await make_base(sessions, account, 2)
    async with writing(sessions) as session:
        values = {"revenue": 10_001, "sales_count": 2, "profit": -55, "items_count": 2.5}
        where = (ClientStats.account_id == account.id, ClientStats.client_id == client.id)
        await session.execute(update(ClientStats).where(*where).values(**values))
    await make(api, "hand", None, kind="manual")
    await api.post(f"{SEGMENTS}/hand/member-additions", json={"ids": [client.id]})
    params = {"id": str(client.id), "fields": ",".join(FIELD_NAMES)}
    (shown,) = json.loads((await api.get(CLIENTS, params=params)).content)["items"]
    assert set(shown) == set(ClientOut.model_fields)
    ClientOut.model_validate(shown)
    assert (shown["revenue"], shown["profit"], shown["ltv"]) == ("100.01", "-0.55", "-0.55")
    assert shown["average_check"] == "50.00"
    assert shown["items_count"] == 2.5
    assert shown["segments"] == ["hand"]
    assert shown["phones"] == [{"value": client.phone, "is_primary": True, "verified": None}]
    assert shown["phone"] == client.phone
    assert shown["identities"] == [{"source": "crm", "external_id": client.external_id, "url": None}]
    assert shown["created_at"].endswith("Z")


async def test_chosen_fields_come_alone_and_params_one_by_one(
    api: httpx.AsyncClient, sessions: Sessions, account: AccountInfo
) -> None:
    for code, type_ in (("size", "number"), ("note", "text"), ("level", "choice")):
        body = {"name": code, "code": code, "type": type_}
        if type_ == "choice":
            body["choices"] = [{"code": "gold", "name": "Gold"}]  # type: ignore[assignment]
        made = await api.post("/api/v1/client-params", json=body)
        assert made.status_code == 201, made.text
    params = {"size": 42.5, "note": "Любит чай", "level": "gold"}
    await api.post(CLIENTS, json={"full_name": "Анна", "params": params})
    (shown,) = (await api.get(CLIENTS, params={"fields": "full_name,params.size,params.level"})).json()[
        "items"
    ]
    assert shown == {"id": shown["id"], "full_name": "Анна", "params": {"size": 42.5, "level": "gold"}}
    (shown,) = (await api.get(CLIENTS, params={"fields": "params"})).json()["items"]
    assert shown["params"] == params
    assert (await api.get(CLIENTS, params={"fields": "params.nope"})).status_code == 422
