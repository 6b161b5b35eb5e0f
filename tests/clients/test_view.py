"""Cards as they are read: all that hangs off clients, in one statement."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection

from clientbase.accounts.schemas import AccountInfo
from clientbase.clients.view import DEFAULT_FIELDS, FIELD_NAMES, Fields, choose_fields, read_clients
from clientbase.kit.db import WriteSession
from clientbase.models import ClientConsent

PATH = "/api/v1/clients"
PARAMS = {
    "size": ("number", 42.5),
    "pairs": ("number", 3),
    "wedding": ("date", "2020-02-29"),
    "member": ("boolean", False),
    "motto": ("text", "Чай"),
    "taste": ("choice", "sweet"),
}
SHOWN = {name: value for name, (_, value) in PARAMS.items()} | {"wedding": date(2020, 2, 29)}
ALL = choose_fields(FIELD_NAMES, ())


@contextmanager
def reads(connection: AsyncConnection) -> Iterator[list[str]]:
    """The statements that read something meanwhile."""
    seen: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        if statement.startswith("SELECT"):
            seen.append(statement)

    event.listen(connection.sync_connection, "before_cursor_execute", note)
    yield seen
    event.remove(connection.sync_connection, "before_cursor_execute", note)


async def make(api: httpx.AsyncClient, **values: Any) -> int:
    answer = await api.post(PATH, json=values)
    assert answer.status_code == 201, answer.text
    client_id: int = answer.json()["id"]
    return client_id


@pytest.fixture
async def anna(api: httpx.AsyncClient) -> int:
    """A client who has everything; the param `motto` is personal."""
    for code, (kind, _) in PARAMS.items():
        param: dict[str, Any] = {"code": code, "name": code, "type": kind, "personal": code == "motto"}
        if kind == "choice":
            param["choices"] = [{"code": "sweet", "name": "Сладкий"}]
        assert (await api.post("/api/v1/client-params", json=param)).status_code == 201
    for code in ("b", "a"):
        await api.post("/api/v1/tags", json={"code": code, "name": code})
    return await make(
        api,
        first_name="Анна",
        phones=[{"value": "+7 916 123-45-67", "verified": True}, {"value": "+7 495 000 00 00"}],
        emails=[{"value": "anna@example.ru"}],
        identities=[{"source": "shop", "external_id": "1"}, {"source": "crm", "external_id": "2"}],
        params={name: value for name, (_, value) in PARAMS.items()},
        tags=["b", "a"],
    )


async def read(
    session: WriteSession,
    account: AccountInfo,
    *ids: int,
    fields: Fields | None = ALL,
    personal: bool = True,
) -> list[dict[str, Any]]:
    return await read_clients(session, account=account, ids=ids, fields=fields, personal=personal)


async def test_everything_that_hangs_off_a_client_has_its_type_and_order(
    session: WriteSession, account: AccountInfo, anna: int
) -> None:
    (card,) = await read(session, account, anna)
    assert list(card) == list(FIELD_NAMES)
    assert card["phones"] == [
        {"value": "+79161234567", "is_primary": True, "verified": True},
        {"value": "+74950000000", "is_primary": False, "verified": None},
    ]
    assert (card["phone"], card["email"]) == ("+79161234567", "anna@example.ru")
    assert card["identities"] == [
        {"source": "crm", "external_id": "2", "url": None},
        {"source": "shop", "external_id": "1", "url": None},
    ]
    assert card["tags"] == ["a", "b"]
    assert list(card["params"].items()) == sorted(SHOWN.items())
    assert [type(card["params"][code]) for code in ("pairs", "size", "member")] == [int, float, bool]


async def test_the_latest_consent_of_each_kind_is_shown_and_a_withdrawal_wins_a_tie(
    session: WriteSession, account: AccountInfo, anna: int
) -> None:
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, 12, 30, 0, 1, tzinfo=UTC)
    for kind, given, at, source in (
        ("personal_data", True, early, None),
        ("marketing", True, late, "site"),
        ("marketing", False, late, "call"),
        ("marketing", True, early, "shop"),
    ):
        consent = ClientConsent(account_id=account.id, client_id=anna, kind=kind, given=given, at=at)
        consent.source = source
        session.add(consent)
    await session.flush()
    (card,) = await read(session, account, anna)
    assert card["consents"] == [
        {"kind": "marketing", "given": False, "at": late, "source": "call", "text_version": None},
        {"kind": "personal_data", "given": True, "at": early, "source": None, "text_version": None},
    ]


async def test_who_has_nothing_has_empty_parts(
    session: WriteSession, account: AccountInfo, api: httpx.AsyncClient
) -> None:
    bare = await make(api, first_name="Пётр", identities=[{"source": "crm", "external_id": "9"}])
    await api.patch(f"{PATH}/{bare}", json={"identities": []})
    (card,) = await read(session, account, bare)
    assert (card["phone"], card["email"], card["params"]) == (None, None, {})
    assert all(card[name] == [] for name in ("phones", "emails", "tags", "consents", "segments"))


async def test_clients_come_in_the_order_of_their_ids_and_strangers_are_left_out(
    session: WriteSession,
    account: AccountInfo,
    other_account: AccountInfo,
    api: httpx.AsyncClient,
    anna: int,
) -> None:
    boris = await make(api, first_name="Борис", phones=[{"value": "+7 916 765-43-21"}])
    cards = await read(session, account, boris, 10**15, anna)
    assert [card["id"] for card in cards] == [boris, anna]
    assert [card["phone"] for card in cards] == ["+79167654321", "+79161234567"]
    assert await read(session, other_account, boris, anna) == []


async def test_a_page_is_one_statement_and_segments_are_another(
    session: WriteSession, account: AccountInfo, connection: AsyncConnection, anna: int
) -> None:
    with reads(connection) as seen:
        await read(session, account, anna, fields=None)
    assert len(seen) == 1
    with reads(connection) as seen:
        await read(session, account, anna)
    assert len(seen) == 2


async def test_personal_fields_are_null_in_their_places_and_are_not_even_read(
    session: WriteSession, account: AccountInfo, connection: AsyncConnection, anna: int
) -> None:
    with reads(connection) as seen:
        (card,) = await read(session, account, anna, fields=None, personal=False)
    (statement,) = seen
    assert not any(word in statement for word in ("client_contacts", "client_identities", "first_name"))
    assert list(card) == list(DEFAULT_FIELDS)
    personal = ("first_name", "phone", "phones", "email", "emails", "identities")
    assert [card[name] for name in personal] == [None] * len(personal)
    assert card["params"] == {code: value for code, value in SHOWN.items() if code != "motto"}


async def test_only_the_wanted_params_are_shown(
    session: WriteSession, account: AccountInfo, anna: int
) -> None:
    chosen = choose_fields(["params.size", "params.motto"], list(PARAMS))
    assert await read(session, account, anna, fields=chosen) == [
        {"id": anna, "params": {"motto": "Чай", "size": 42.5}}
    ]
    assert await read(session, account, anna, fields=chosen, personal=False) == [
        {"id": anna, "params": {"size": 42.5}}
    ]
