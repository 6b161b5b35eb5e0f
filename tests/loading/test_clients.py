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
from clientbase.models import (
    Client,
    ClientConsent,
    ClientContact,
    ClientHistory,
    ClientIdentity,
    ClientSearch,
    ClientStats,
)


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


async def test_a_shared_contact_joins_no_two_records_of_one_source(
    session: WriteSession, account: AccountInfo
) -> None:
    phone = contacts("+79161234567")
    rows = [{"identities": identity(str(number)), "phones": phone} for number in range(4)]
    outcomes = await load(session, account, *rows)
    assert [outcome.status for outcome in outcomes] == ["created"] * 4
    from_shop = {"identities": identity("s", "shop"), "phones": phone}
    assert [fault.code for fault in (await load(session, account, from_shop))[0].errors] == [
        "AMBIGUOUS_CLIENT"
    ]


async def test_of_the_clients_of_a_contact_those_of_the_same_source_are_no_candidates(
    session: WriteSession, account: AccountInfo
) -> None:
    phone = contacts("+79161234567")
    _, of_shop = await load(
        session,
        account,
        {"identities": identity("1"), "phones": phone},
        {"identities": [*identity("2"), *identity("s", "shop")], "phones": phone},
    )
    (found,) = await load(
        session, account, {"identities": identity("c", "site"), "emails": contacts("a@b.ru")}
    )
    await load(session, account, {"identities": identity("c", "site"), "phones": phone})
    (row,) = await load(session, account, {"identities": identity("3"), "phones": phone})
    assert (row.status, row.id) == ("updated", found.id)
    assert of_shop.id != found.id


@pytest.mark.parametrize("mode", [Mode.UPSERT, Mode.CREATE])
async def test_contacts_that_find_two_clients_join_nobody(
    session: WriteSession, account: AccountInfo, mode: Mode
) -> None:
    by_phone, by_email = await load(
        session, account, {"phones": contacts("+79161234567")}, {"emails": contacts("a@b.ru")}
    )
    both = {"phones": contacts("+79161234567"), "emails": contacts("a@b.ru")}
    (row,) = await load(session, account, both, mode=mode)
    assert row.status == "rejected"
    assert [(fault.code, fault.allowed) for fault in row.errors] == [
        ("MERGE_CONFLICT", (by_phone.id, by_email.id))
    ]
    owners = select(ClientContact.client_id, ClientContact.kind).order_by(ClientContact.client_id)
    assert [tuple(row) for row in await session.execute(owners)] == [
        (by_phone.id, "phone"),
        (by_email.id, "email"),
    ]


async def test_an_id_decides_whoever_else_has_the_contacts(
    session: WriteSession, account: AccountInfo
) -> None:
    mother, _ = await load(
        session,
        account,
        {"identities": identity("1"), "emails": contacts("a@b.ru")},
        {"identities": identity("2"), "phones": contacts("+79161234567")},
    )
    family = {"phones": contacts("+79161234567"), "emails": contacts("a@b.ru")}
    (by_identity,) = await load(session, account, {"identities": identity("1"), **family})
    assert (by_identity.status, by_identity.id) == ("updated", mother.id)
    row = ClientRow({**family, "city": "Омск"}, mother.id)
    (by_id,) = await upsert(session, account=account, rows=[row], actor="test")
    assert (by_id.status, by_id.id) == ("updated", mother.id)


async def test_a_conflict_names_clients_of_the_same_batch_by_their_ids(
    session: WriteSession, account: AccountInfo
) -> None:
    first, second, taken, conflict = await load(
        session,
        account,
        {"identities": identity("1"), "phones": contacts("+79161234567")},
        {"identities": identity("2"), "emails": contacts("a@b.ru")},
        {"identities": [*identity("1"), *identity("2")]},
        {"phones": contacts("+79161234567"), "emails": contacts("a@b.ru")},
    )
    assert [(fault.code, fault.allowed) for fault in taken.errors] == [("IDENTITY_TAKEN", (second.id,))]
    assert [(fault.code, fault.allowed) for fault in conflict.errors] == [
        ("MERGE_CONFLICT", (first.id, second.id))
    ]


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
            "birth_date": date(1850, 1, 1),
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


async def test_an_undated_consent_that_stands_already_changes_nothing(
    session: WriteSession, account: AccountInfo
) -> None:
    row = {"identities": identity("1"), "consents": [{"kind": "marketing", "given": True}]}
    statuses = [(await load(session, account, row))[0].status for _ in range(2)]
    assert statuses == ["created", "unchanged"]
    assert len((await session.execute(select(ClientConsent.id))).all()) == 1


async def test_an_undated_consent_does_not_undo_a_withdrawal(
    session: WriteSession, account: AccountInfo
) -> None:
    given = {"identities": identity("1"), "consents": [{"kind": "marketing", "given": True}]}
    withdrawn = {"identities": identity("1"), "consents": [{"kind": "marketing", "given": False}]}
    await load(session, account, given)
    assert (await load(session, account, withdrawn))[0].status == "updated"
    (stale,) = await load(session, account, {**given, "city": "Омск"})
    assert stale.status == "updated"
    assert [(fault.pointer, fault.code) for fault in stale.errors] == [("/consents/0", "CONSENT_WITHDRAWN")]
    assert (await session.execute(select(Client.consent_marketing, Client.city))).one() == (False, "Омск")
    dated = [{"kind": "marketing", "given": True, "at": datetime.now(UTC)}]
    (anew,) = await load(session, account, {**given, "consents": dated})
    assert (anew.status, anew.errors) == ("updated", [])
    assert (await session.execute(select(Client.consent_marketing))).scalar_one() is True
