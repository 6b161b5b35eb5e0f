"""Actions through the upsert: what is recorded, replaced, left alone and refused."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from clientbase.accounts.schemas import AccountInfo
from clientbase.clients.stats import recount_differences
from clientbase.kit.db import WriteSession
from clientbase.loading.actions import ActionRow, upsert_actions
from clientbase.loading.clients import ClientRow, upsert
from clientbase.loading.matching import ClientKey
from clientbase.models import (
    Action,
    ActionType,
    Client,
    ClientStats,
    ClientVisits,
    Param,
    ParamChoice,
)
from tests.orders.facts import day, make_clients


def action(
    type_: str, client_id: int | None, at: int = 1, key: str | None = None, **params: object
) -> ActionRow:
    client = ClientKey(id=client_id) if client_id is not None else None
    return ActionRow(type=type_, client=client, at=day(at), params=params, external_id=key)


async def load(session: WriteSession, account: AccountInfo, *rows: ActionRow) -> list[str]:
    outcomes = await upsert_actions(session, account=account, rows=rows)
    assert await recount_differences(session, account_id=account.id) == []
    return [
        " ".join(f"{item.pointer} {item.code}" for item in outcome.errors) or outcome.status
        for outcome in outcomes
    ]


async def stored(session: WriteSession, account: AccountInfo) -> list[Action]:
    query = select(Action).where(Action.account_id == account.id).order_by(Action.id)
    return list((await session.execute(query.execution_options(populate_existing=True))).scalars())


async def own_type(session: WriteSession, account: AccountInfo) -> None:
    hot = {"amount_param": "value", "reference_param": "shop"}
    kind = ActionType(account_id=account.id, code="coupon", name="Coupon", **hot)
    session.add(kind)
    await session.flush()
    types = {
        "value": "money", "shop": "reference", "note": "text", "weight": "number", "until": "date",
        "seen": "datetime", "gift": "boolean", "tier": "choice",
    }  # fmt: skip
    of_type = {"account_id": account.id, "entity": "action", "action_type_id": kind.id}
    params = {code: Param(**of_type, code=code, name=code, type=type_) for code, type_ in types.items()}
    session.add_all(params.values())
    await session.flush()
    tier = params["tier"].id
    session.add(ParamChoice(account_id=account.id, param_id=tier, code="gold", name="Gold", position=0))
    await session.flush()


async def test_params_of_an_own_type_are_kept_by_their_types(session, account):
    (client,) = await make_clients(session, account, 1)
    await own_type(session, account)
    row = action(
        "coupon", client, value="10.50", shop="s1", note=" ЁЖ ", weight=Decimal("1.50"), until="2026-02-01",
        seen="2026-01-02T10:00:00+03:00", gift=True, tier="gold",
    )  # fmt: skip
    assert await load(session, account, row) == ["created"]
    (saved,) = await stored(session, account)
    assert (saved.amount, saved.reference) == (Decimal("10.5"), "s1")
    assert saved.params == {
        "note": "ЁЖ", "weight": "1.5", "until": "2026-02-01", "seen": "2026-01-02T07:00:00.000000+00:00",
        "gift": True, "tier": "gold",
    }  # fmt: skip
    assert saved.folded == {"note": "еж"}


async def test_the_same_key_again_replaces_the_action(session, account):
    first, second = await make_clients(session, account, 2)
    call = action("call", first, 1, "c-1", direction="in", duration=30)
    assert await load(session, account, call, call) == ["created", "unchanged"]
    again = action("call", second, 2, "c-1", direction="out")
    assert await load(session, account, again, again) == ["updated", "unchanged"]
    (saved,) = await stored(session, account)
    assert (saved.client_id, saved.at, saved.reference, saved.amount) == (second, day(2), "out", None)


async def test_without_a_key_every_row_is_an_action(session, account):
    (client,) = await make_clients(session, account, 1)
    visit = action("visit", client)
    assert await load(session, account, visit, visit) == ["created", "created"]
    assert len(await stored(session, account)) == 2


async def test_visits_are_counted_first_and_last(session, account):
    (client,) = await make_clients(session, account, 1)
    rows = [
        action("visit", client, 3, ad_channel="ads", utm_source="Яндекс", city="Казань"),
        action("visit", client, 1, city="Орёл"),
        action("visit", client, 2, utm_source="Google", country="RU", referral_id="R1"),
        action("visit", client, 4),
    ]
    await load(session, account, *rows)
    visits = (await session.execute(select(ClientVisits))).scalar_one()
    assert (visits.visits_count, visits.first_visit_at, visits.last_visit_at) == (4, day(1), day(4))
    assert (visits.utm_source, visits.utm_source_folded) == ("Google", "google")
    assert (visits.last_utm_source, visits.last_utm_source_folded) == ("Яндекс", "яндекс")
    assert (visits.ad_channel, visits.referral_id, visits.visit_countries) == ("ads", "R1", ["RU"])
    assert set(visits.visit_cities_folded) == {"казань", "орел"}


async def test_a_visit_that_moves_away_takes_its_row_along(session, account):
    first, second = await make_clients(session, account, 2)
    await load(session, account, action("visit", first, 1, "v"))
    await load(session, account, action("visit", second, 1, "v"))
    assert (await session.execute(select(ClientVisits.client_id))).scalars().all() == [second]


async def test_loyalty_makes_the_balance(session, account):
    (client,) = await make_clients(session, account, 1)
    rows = [
        action("loyalty.accrual", client, 1, amount=100, reason="birthday"),
        action("loyalty.writeoff", client, 2, amount=Decimal("30.5")),
    ]
    await load(session, account, *rows)
    assert (await session.execute(select(ClientStats.bonus_balance))).scalar_one() == Decimal("69.5")
    dates = (await session.execute(select(Client.last_accrual_at, Client.last_writeoff_at))).one()
    assert tuple(dates) == (day(1), day(2))


async def test_the_dates_of_points_follow_an_operation_that_moves(session, account):
    first, second = await make_clients(session, account, 2)
    await load(session, account, action("loyalty.accrual", first, 1, "a", amount=100))
    await load(session, account, action("loyalty.accrual", second, 1, "a", amount=100))
    dates = select(Client.id, Client.last_accrual_at).order_by(Client.id)
    assert [tuple(row) for row in await session.execute(dates)] == [(first, None), (second, day(1))]


async def test_a_date_of_points_that_no_operation_has_is_a_difference(session, account):
    first, _ = await make_clients(session, account, 2)
    await load(session, account, action("loyalty.accrual", first, 1, amount=100))
    await session.execute(update(Client).values(last_writeoff_at=day(2)))
    assert await recount_differences(session, account_id=account.id) == [first]


async def test_a_stated_date_of_points_is_for_clients_without_operations(session, account):
    first, second = await make_clients(session, account, 2)
    await load(session, account, action("loyalty.accrual", first, 1, amount=100))
    stated = {"last_accrual_at": day(9), "last_writeoff_at": day(9)}
    rows = [ClientRow(stated, client_id) for client_id in (first, second)]
    outcomes = await upsert(session, account=account, rows=rows, actor="test")
    assert [outcome.status for outcome in outcomes] == ["unchanged", "updated"]
    dates = select(Client.last_accrual_at, Client.last_writeoff_at).order_by(Client.id)
    assert [tuple(row) for row in await session.execute(dates)] == [(day(1), None), (day(9), day(9))]
    assert await recount_differences(session, account_id=account.id) == []


@pytest.mark.parametrize(
    ("type_", "params", "fault"),
    [
        ("purchase", {}, "/type TYPE_NOT_POSTED"),
        ("order.created", {}, "/type TYPE_NOT_POSTED"),
        ("refund", {}, "/type TYPE_NOT_POSTED"),
        ("segment.entered", {}, "/type TYPE_NOT_POSTED"),
        ("dance", {}, "/type UNKNOWN_ACTION_TYPE"),
        ("visit", {"colour": "red"}, "/params/colour UNKNOWN_PARAM"),
        ("visit", {"time": "now"}, "/params/time UNKNOWN_PARAM"),
        ("visit", {"device": "toaster"}, "/params/device UNKNOWN_CHOICE"),
        ("call", {"direction": "up"}, "/params/direction UNKNOWN_CHOICE"),
        ("call", {"duration": -1}, "/params/duration NEGATIVE_AMOUNT"),
        ("call", {"duration": True}, "/params/duration WRONG_TYPE"),
        ("lead", {"amount": "1.005"}, "/params/amount TOO_MANY_PLACES"),
        ("lead", {"amount": "much"}, "/params/amount WRONG_TYPE"),
        ("lead", {"form": 7}, "/params/form WRONG_TYPE"),
        ("loyalty.accrual", {}, "/params/amount PARAM_MISSING"),
        ("coupon", {"until": "2026-02-30"}, "/params/until INVALID_DATE"),
        ("coupon", {"seen": "2026-02-03T10:00:00"}, "/params/seen WRONG_TYPE"),
        ("coupon", {"gift": "yes"}, "/params/gift WRONG_TYPE"),
        ("coupon", {"tier": "tin"}, "/params/tier UNKNOWN_CHOICE"),
        ("coupon", {"weight": Decimal("0.00001")}, "/params/weight TOO_MANY_PLACES"),
    ],
)
async def test_wrong_actions_are_refused_and_hinder_no_other(session, account, type_, params, fault):
    (client,) = await make_clients(session, account, 1)
    await own_type(session, account)
    wrong, right = action(type_, client, **params), action("visit", client)
    assert await load(session, account, wrong, right) == [fault, "created"]


async def test_choices_dates_and_blanks(session, account):
    (client,) = await make_clients(session, account, 1)
    await own_type(session, account)
    rows = [
        action("visit", client, device="ios", city="  ", country=None),
        action("coupon", client, until=date(2026, 2, 1), weight=Decimal("-2")),
    ]
    assert await load(session, account, *rows) == ["created", "created"]
    assert [saved.params for saved in await stored(session, account)] == [
        {"device": "ios"}, {"until": "2026-02-01", "weight": "-2"},
    ]  # fmt: skip


async def test_clients_of_another_account_are_not_there(session, account, other_account):
    (stranger,) = await make_clients(session, other_account, 1)
    rows = [action("visit", stranger), action("visit", None)]
    assert await load(session, account, *rows) == ["/client CLIENT_NOT_FOUND", "/client CLIENT_MISSING"]
