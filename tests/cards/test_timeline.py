"""The timeline: everything that a client did, newest first, by kind, in a period, page by page."""

from decimal import Decimal

import pytest

from clientbase.loading.actions import ActionRow, upsert_actions
from clientbase.loading.matching import ClientKey
from clientbase.loading.orders import RefundRow, StatusRow, upsert_orders
from clientbase.models import Action, ActionType, ClientAlias, ClientHistory, Segment
from tests import factories
from tests.conftest import http_client
from tests.orders.facts import day, make_clients, order


@pytest.fixture
async def client(session, account):
    """A client who did something of every kind."""
    mine, other = await make_clients(session, account, 2)
    times = ((1, "new"), (3, "done"), (5, "cancelled"))
    history = [StatusRow(at=day(at), status=status) for at, status in times]
    refund = RefundRow(external_id="r", at=day(4), amount=Decimal("5.50"))
    whole = {"number": "17", "url": "https://shop.test/17", "total": Decimal(100), "created_at": day(1)}
    rows = [
        order(mine, "1", status_history=history, refunds=[refund], **whole),
        order(mine, "2", status="done", total=Decimal(70), created_at=day(6)),
        order(other, "3", status="done", total=Decimal(70), created_at=day(6)),
    ]
    assert all(not each.errors for each in await upsert_orders(session, account=account, rows=rows))
    kind = ActionType(account_id=account.id, code="coupon", name="Купон")
    segment = Segment(
        account_id=account.id, code="vip", name="VIP", name_folded="vip", kind="dynamic", is_active=True,
        for_analytics=False, recalculation_hours=4, state="new",
    )  # fmt: skip
    session.add_all([kind, segment])
    await session.flush()
    actions = [
        ("visit", 7, {"ad_channel": "ads", "city": "Орёл"}),
        ("lead", 8, {"amount": "1500.00", "form": "callback"}),
        ("call", 9, {"direction": "in", "duration": 61}),
        ("mailing.opened", 10, {"mailing": "spring"}),
        ("loyalty.accrual", 11, {"amount": Decimal("2.5")}),
        ("coupon", 12, {}),
    ]
    for owner in (mine, other):
        done = [
            ActionRow(type=code, client=ClientKey(id=owner), at=day(at), params=params)
            for code, at, params in actions
        ]
        assert all(not each.errors for each in await upsert_actions(session, account=account, rows=done))
    entered = {"type_id": 30, "at": day(13), "reference": str(segment.id)}
    session.add(Action(account_id=account.id, client_id=mine, **entered))
    for field, old, new in (("city", "Орёл", "Казань"), ("phones", [], ["+79161234567"])):
        change = ClientHistory(
            account_id=account.id, client_id=mine, at=day(14), actor="x", field=field, old=old, new=new
        )
        session.add(change)
        await session.flush()
    session.add(ClientAlias(account_id=account.id, alias_id=10**9, client_id=mine, merged_at=day(2)))
    await session.commit()
    return mine


async def types(api, client: int, **params: object) -> list[str]:
    page = (await api.get(f"/api/v1/clients/{client}/timeline", params=params)).json()
    return [item["type"] for item in page["items"]]


EVERYTHING = [
    "change", "change", "segment.entered", "coupon", "loyalty.accrual", "mailing.opened", "call",
    "lead", "visit", "purchase", "order.created", "purchase.failed", "refund",
    "order.status_changed", "order.created",
]  # fmt: skip


async def test_everything_newest_first(api, client):
    page = (await api.get(f"/api/v1/clients/{client}/timeline")).json()
    assert [item["type"] for item in page["items"]] == EVERYTHING
    assert page["total"]["value"] == len(EVERYTHING)
    times = [item["at"] for item in page["items"]]
    assert times == sorted(times, reverse=True)
    assert len({item["id"] for item in page["items"]}) == len(EVERYTHING)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("visits", ["visit"]),
        ("leads", ["lead"]),
        ("calls", ["call"]),
        ("mailings", ["mailing.opened"]),
        ("loyalty", ["loyalty.accrual"]),
        ("events", ["coupon"]),
        ("segments", ["segment.entered"]),
        ("history", ["change", "change"]),
        ("deals", EVERYTHING[9:]),
    ],
)
async def test_kinds(api, client, kind, expected):
    assert await types(api, client, kind=kind) == expected


async def test_a_period_holds_both_its_ends(api, client):
    assert await types(api, client, **{"from": "2026-01-09T12:00:00Z", "to": "2026-01-11T12:00:00Z"}) == [
        "loyalty.accrual", "mailing.opened", "call",
    ]  # fmt: skip
    reversed_ = {"from": "2026-01-11T12:00:00Z", "to": "2026-01-09T12:00:00Z"}
    assert (await api.get(f"/api/v1/clients/{client}/timeline", params=reversed_)).status_code == 422


@pytest.mark.parametrize("limit", [1, 2, 4])
async def test_pages_are_a_partition(api, session, account, client, limit):
    key = ClientKey(id=client)
    rows = [ActionRow(type=code, client=key, at=day(6)) for code in ("visit", "call", "visit")]
    await upsert_actions(session, account=account, rows=rows)
    await session.commit()
    path = f"/api/v1/clients/{client}/timeline"
    whole = [item["id"] for item in (await api.get(path)).json()["items"]]
    seen, cursor = [], None
    while True:
        page = (await api.get(path, params={"limit": limit} | ({"cursor": cursor} if cursor else {}))).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == whole
    assert len(whole) == len(EVERYTHING) + 3


async def test_what_items_say(api, client):
    page = (await api.get(f"/api/v1/clients/{client}/timeline")).json()
    items = {item["type"]: item for item in page["items"]}
    assert items["lead"]["amount"] == "1500.00"
    assert items["call"]["params"] == {"direction": "in", "duration": 61}
    assert items["visit"]["params"] == {"ad_channel": "ads", "city": "Орёл"}
    assert items["loyalty.accrual"]["params"] == {"amount": 2.5}
    assert items["segment.entered"]["params"] == {"segment": "vip"}
    assert (items["refund"]["amount"], items["refund"]["url"]) == ("5.50", "https://shop.test/17")
    assert items["purchase.failed"]["params"]["from_status"] == "done"
    assert items["purchase"]["order_id"] is not None
    assert (items["visit"]["title"], items["coupon"]["title"]) == ("Визит", "Купон")
    english = await api.get(f"/api/v1/clients/{client}/timeline", headers={"Accept-Language": "en"})
    assert {item["type"]: item["title"] for item in english.json()["items"]}["visit"] == "Visit"


async def test_personal_changes_need_the_scope(sessions, account, api, client):
    path = f"/api/v1/clients/{client}/timeline?kind=history"
    phones, city = (await api.get(path)).json()["items"]
    assert (phones["params"]["new"], city["params"]["old"]) == (["+79161234567"], "Орёл")
    key = await factories.create_key(sessions, account, scopes=["clients:read"])
    async with http_client(sessions, key) as reader:
        phones, city = (await reader.get(path)).json()["items"]
    assert (phones["params"]["old"], phones["params"]["new"], city["params"]["new"]) == (None, None, "Казань")


async def test_whose_timeline_it_is(api, other_api, client):
    assert await types(api, 10**9) == EVERYTHING
    assert (await other_api.get(f"/api/v1/clients/{client}/timeline")).status_code == 404
    assert (await api.get("/api/v1/clients/987654321/timeline")).status_code == 404
    page = (await api.get(f"/api/v1/clients/{client}/timeline", params={"limit": 1})).json()
    other_kind = {"cursor": page["next_cursor"], "kind": "visits"}
    answer = await api.get(f"/api/v1/clients/{client}/timeline", params=other_kind)
    assert (answer.status_code, answer.json()["code"]) == (400, "CURSOR_INVALID")
