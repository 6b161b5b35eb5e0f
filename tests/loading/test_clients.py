"""The upsert of clients: matching, what it says it did, and that a second time changes nothing."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from clientbase.accounts.schemas import AccountInfo
from clientbase.kit.db import WriteSession
from clientbase.loading.clients import ClientRow, Mode, upsert
from clientbase.loading.outcome import Outcome
from clientbase.models import Client, ClientContact, ClientHistory, ClientIdentity, ClientSearch, ClientStats


async def load(
    session: WriteSession, account: AccountInfo, *rows: dict[str, Any], mode: Mode = Mode.UPSERT
) -> list[Outcome]:
    return await upsert(
        session, account=account, rows=[ClientRow(row) for row in rows], actor="test", mode=mode
    )


def identity(external_id: str, source: str = "crm") -> list[dict[str, str]]:
    return [{"source": source, "external_id": external_id}]


def contacts(*values: str) -> list[dict[str, str]]:
    return [{"value": value} for value in values]


async def test_a_record_is_made_then_found_by_its_id_in_the_source(
    session: WriteSession, account: AccountInfo
) -> None:
    row = {
        "identities": identity("1"),
        "last_name": "Иванова",
        "first_name": " Анна ",
        "phones": contacts("8 (916) 123-45-67"),
        "birth_date": date(1990, 2, 28),
        "bonus_balance": Decimal("10.5"),
        "consents": [{"kind": "marketing", "given": True, "at": datetime(2026, 1, 1, tzinfo=UTC)}],
    }
    (first,) = await load(session, account, row)
    (again,) = await load(session, account, row)
    (changed,) = await load(session, account, {**row, "first_name": "Алла"})
    assert (first.status, again.status, changed.status) == ("created", "unchanged", "updated")
    assert first.id == again.id == changed.id

    client = (await session.execute(select(Client).where(Client.id == first.id))).scalar_one()
    assert client.full_name == "Иванова Алла"
    assert client.consent_marketing is True
    history = (
        (await session.execute(select(ClientHistory.field).order_by(ClientHistory.field))).scalars().all()
    )
    assert history == ["first_name", "full_name"]
    assert (await session.execute(select(ClientStats.orders_count))).scalar_one() == 0
    text = (await session.execute(select(ClientSearch.text))).scalar_one()
    assert "иванова алла" in text
    assert "89161234567" in text


async def test_without_an_id_in_a_source_a_phone_finds_then_an_email(
    session: WriteSession, account: AccountInfo
) -> None:
    (made,) = await load(session, account, {"phones": contacts("+79161234567"), "emails": contacts("A@B.ru")})
    by_phone, by_email = await load(
        session,
        account,
        {"phones": contacts("8 916 123 45 67"), "city": "Москва"},
        {"emails": contacts("a@b.RU"), "city": "Казань"},
    )
    assert by_phone.id == by_email.id == made.id
    assert [by_phone.status, by_email.status] == ["updated", "updated"]


async def test_a_contact_of_two_clients_rejects_the_row_and_merges_nobody(
    session: WriteSession, account: AccountInfo
) -> None:
    phone = contacts("+79161234567")
    one, two = await load(
        session,
        account,
        {"identities": identity("1"), "phones": phone},
        {"identities": identity("2"), "phones": phone},
    )
    assert one.id != two.id
    assert [one.status, two.status] == ["created", "created"]
    (shared,) = await load(session, account, {"phones": phone, "city": "Москва"})
    assert shared.status == "rejected"
    assert [fault.code for fault in shared.errors] == ["AMBIGUOUS_CLIENT"]


async def test_rows_of_a_batch_find_each_other(session: WriteSession, account: AccountInfo) -> None:
    outcomes = await load(
        session,
        account,
        {"phones": contacts("+79161234567"), "city": "Москва"},
        {"phones": contacts("89161234567"), "emails": contacts("x@y.ru")},
        {"emails": contacts("x@y.ru"), "city": "Тверь"},
    )
    assert [outcome.status for outcome in outcomes] == ["created", "updated", "updated"]
    assert len({outcome.id for outcome in outcomes}) == 1
    assert (await session.execute(select(Client.city))).scalar_one() == "Тверь"


async def test_a_wrong_row_is_rejected_with_all_its_faults_and_the_others_go_on(
    session: WriteSession, account: AccountInfo
) -> None:
    bad, good = await load(
        session,
        account,
        {
            "phones": contacts("+79161234567", "нет"),
            "gender": "robot",
            "tags": ["none"],
            "params": {"none": 1},
            "birth_date": date(1700, 1, 1),
            "hobby": "x",
        },
        {"city": "Омск"},
    )
    assert good.status == "created"
    assert {(fault.pointer, fault.code) for fault in bad.errors} == {
        ("/phones/1/value", "PHONE_INVALID"),
        ("/gender", "UNKNOWN_CHOICE"),
        ("/tags/0", "UNKNOWN_TAG"),
        ("/params/none", "UNKNOWN_PARAM"),
        ("/birth_date", "BIRTH_DATE_INVALID"),
        ("/hobby", "UNKNOWN_FIELD"),
    }


async def test_lists_are_added_by_an_upsert_and_replaced_by_an_edit(
    session: WriteSession, account: AccountInfo
) -> None:
    (made,) = await load(session, account, {"identities": identity("1"), "phones": contacts("+79161234567")})
    await load(session, account, {"identities": identity("1"), "phones": contacts("+79160000000")})
    query = select(ClientContact.value, ClientContact.is_primary).order_by(ClientContact.value)
    assert (await session.execute(query)).all() == [("+79160000000", False), ("+79161234567", True)]
    row = ClientRow({"phones": contacts("+79160000000")}, made.id)
    await upsert(session, account=account, rows=[row], actor="test", mode=Mode.REPLACE)
    assert (await session.execute(query)).all() == [("+79160000000", True)]


async def test_an_id_in_a_source_belongs_to_one_client(session: WriteSession, account: AccountInfo) -> None:
    (one,) = await load(session, account, {"identities": identity("1")})
    (two,) = await load(session, account, {"identities": identity("2")})
    row = ClientRow({"identities": identity("1")}, two.id)
    (outcome,) = await upsert(session, account=account, rows=[row], actor="test", mode=Mode.REPLACE)
    assert [fault.code for fault in outcome.errors] == ["IDENTITY_TAKEN"]
    owner = select(ClientIdentity.client_id).where(ClientIdentity.external_id == "1")
    assert (await session.execute(owner)).scalar_one() == one.id


@pytest.mark.parametrize(
    ("first", "second", "given"),
    [
        ((True, 1), (False, 2), False),
        ((False, 2), (True, 1), False),
        ((True, 1), (False, 1), False),
        ((False, 1), (True, 1), False),
    ],
)
async def test_the_latest_consent_stands_and_a_withdrawal_wins_a_tie(
    session: WriteSession, account: AccountInfo, first: Any, second: Any, given: bool
) -> None:
    for agreed, day in (first, second):
        consent = {"kind": "marketing", "given": agreed, "at": datetime(2026, 1, day, tzinfo=UTC)}
        await load(session, account, {"identities": identity("1"), "consents": [consent]})
    assert (await session.execute(select(Client.consent_marketing))).scalar_one() is given
