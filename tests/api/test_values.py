"""Values at the edges of what is taken: numbers, money, days, lengths. Never a 500, neither now nor later."""

from datetime import UTC, date, datetime

import httpx
import pytest
from sqlalchemy import update

from clientbase.accounts.schemas import AccountInfo
from clientbase.kit.db import Sessions, WriteSession, writing
from clientbase.kit.errors import Item
from clientbase.loading.outcome import Outcome
from clientbase.loading.schemas import batch_answer
from clientbase.models import Client, ClientStats
from tests import factories
from tests.conftest import http_client
from tests.orders.facts import make_clients

GROWING = "\u0958"
"""One character that NFC makes two of."""
ORDER = {"source": "shop", "external_id": "1", "status": "done", "total": "100.00"}
ACTION = {"type": "own", "at": "2026-01-05T10:00:00Z"}
TYPES = ("money", "number", "date", "datetime", "text")


async def send(api: httpx.AsyncClient, kind: str, row: dict) -> dict:
    """What a batch of one row is answered: the row with its first error, or the problem itself."""
    answer = await api.post(f"/api/v1/{kind}/batch", json={"items": [row]})
    assert answer.status_code in (207, 422), answer.text
    return answer.json()["items"][0] if answer.status_code == 207 else answer.json()


def fault(answer: dict) -> tuple[str, str]:
    (error,) = answer["errors"]
    return error["pointer"], error["code"]


@pytest.fixture
async def client_id(session: WriteSession, account: AccountInfo) -> int:
    (made,) = await make_clients(session, account, 1)
    await session.commit()
    return made


@pytest.fixture
async def own_type(api: httpx.AsyncClient) -> None:
    params = [{"code": kind, "name": kind, "type": kind} for kind in TYPES]
    made = await api.post("/api/v1/action-types", json={"name": "Own", "code": "own", "params": params})
    assert made.status_code == 201


@pytest.mark.usefixtures("own_type")
@pytest.mark.parametrize(
    ("param", "value", "code"),
    [
        *[
            ("money", text, "WRONG_TYPE")
            for text in ("NaN", "sNaN", "Infinity", "1_0", "٣", " 5 ", "1e3", "")
        ],
        ("money", "-1", "NEGATIVE_AMOUNT"),
        ("money", "1.001", "TOO_MANY_PLACES"),
        ("money", "100000000000000", "NUMBER_OUT_OF_RANGE"),
        ("number", 10**14, "NUMBER_OUT_OF_RANGE"),
        ("number", 0.00001, "TOO_MANY_PLACES"),
        ("date", "9999-12-31", "INVALID_DATE"),
        ("date", "1799-12-31", "INVALID_DATE"),
        ("date", "2026-02-30", "INVALID_DATE"),
        ("date", "2026-W01-1", "WRONG_TYPE"),
        ("datetime", "9999-12-31T23:59:59Z", "INVALID_DATE"),
        ("datetime", "9999-12-31T23:59:59-05:00", "INVALID_DATE"),
        ("datetime", "2026-01-05T10:00:00", "WRONG_TYPE"),
        ("text", GROWING * 2001, "TEXT_TOO_LONG"),
    ],
)
async def test_a_param_out_of_bounds_is_rejected(
    api: httpx.AsyncClient, client_id: int, param: str, value: object, code: str
) -> None:
    row = await send(api, "actions", ACTION | {"client": {"id": client_id}, "params": {param: value}})
    assert fault(row) == (f"/params/{param}", code)


@pytest.mark.usefixtures("own_type")
async def test_params_at_their_bounds_are_taken(api: httpx.AsyncClient, client_id: int) -> None:
    body = """{"items": [{"type": "own", "at": "1800-01-01T00:00:00Z", "client": {"id": %d}, "params": {
        "money": "99999999999999.99", "number": 0e-4000, "date": "1800-01-01", "text": "%s",
        "datetime": "2200-12-31T23:59:59Z"}}]}"""
    answer = await api.post(
        "/api/v1/actions/batch",
        content=body % (client_id, GROWING * 2000),
        headers={"Content-Type": "application/json"},
    )
    assert answer.json()["items"][0]["status"] == "created", answer.text


@pytest.mark.parametrize("year", ["0001", "1799", "2201", "9999"])
async def test_an_order_of_another_age_is_refused(api: httpx.AsyncClient, client_id: int, year: str) -> None:
    created = {"client": {"id": client_id}, "created_at": f"{year}-12-31T00:00:00Z"}
    assert fault(await send(api, "orders", ORDER | created)) == ("/items/0/created_at", "INVALID_DATE")


@pytest.mark.parametrize("zone", ["Asia/Vladivostok", "America/Los_Angeles"])
async def test_stored_clients_of_another_age_are_shown(sessions: Sessions, zone: str) -> None:
    """Rows from before there were bounds: at the ends of the calendar some zones have no day."""
    account = await factories.create_account(sessions, time_zone=zone)
    async with writing(sessions) as session:
        ids = await make_clients(session, account, 2)
        ends = (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, tzinfo=UTC))
        for client_id, at in zip(ids, ends, strict=True):
            where = (ClientStats.account_id == account.id, ClientStats.client_id == client_id)
            await session.execute(update(ClientStats).where(*where).values(first_purchase_at=at))
        await session.execute(
            update(Client).where(Client.account_id == account.id).values(birth_date=date(1, 1, 1))
        )
    async with http_client(sessions, await factories.create_key(sessions, account)) as api:
        answer = await api.get("/api/v1/clients")
    assert answer.status_code == 200
    days = [client["client_since_days"] for client in answer.json()["items"]]
    assert sorted(day < 0 for day in days) == [False, True]


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("tags", {"name": GROWING * 128}, "/name"),
        ("products/batch", {"items": [{"code": GROWING * 51, "name": "A"}]}, "/items/0/code"),
    ],
)
async def test_text_that_grows_when_it_is_composed_is_measured_then(
    api: httpx.AsyncClient, path: str, body: dict, pointer: str
) -> None:
    answer = await api.post(f"/api/v1/{path}", json=body)
    assert (answer.status_code, fault(answer.json())) == (422, (pointer, "TOO_LONG"))
    longest = await api.post("/api/v1/tags", json={"name": GROWING * 127})
    assert len(longest.json()["name"]) == 254


@pytest.mark.parametrize(
    ("name", "longest"), [("number", 255), ("shop", 100), ("manager", 100), ("url", 2000)]
)
async def test_texts_of_orders_are_measured_as_they_are_stored(
    api: httpx.AsyncClient, client_id: int, name: str, longest: int
) -> None:
    row = ORDER | {"client": {"id": client_id}}
    grown = await send(api, "orders", row | {name: GROWING * (longest // 2 + 1)})
    assert fault(grown) == (f"/{name}", "TEXT_TOO_LONG")
    assert (await send(api, "orders", row | {name: GROWING * (longest // 2)}))["status"] == "created"
    assert (await api.get("/api/v1/orders")).status_code == 200


def test_a_batch_tells_at_most_a_thousand_allowed_values() -> None:
    wrong = Item("/params/size", "UNKNOWN_CHOICE", "This is not one of the choices.", tuple(range(1001)))
    (item,) = batch_answer([Outcome(0, "rejected", errors=[wrong])]).items
    assert item.errors[0].allowed == list(range(1000))
