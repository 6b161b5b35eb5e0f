"""The demo base: right in every derived column, believable, the same for the same seed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import phonenumbers
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from clientbase.accounts.schemas import AccountInfo
from clientbase.clients.quick_search import SEARCHED_FIELDS, search_text
from clientbase.clients.stats import recount_differences
from clientbase.demo import service
from clientbase.demo.tables import COLUMNS, FOLDED_CLIENT_FIELDS
from clientbase.kit.db import Sessions, reading, session_factory
from clientbase.kit.errors import Conflict
from clientbase.kit.phones import digit_forms
from clientbase.kit.text import fold
from tests import factories

NOW = datetime(2026, 3, 8, 9, 30, 15, tzinfo=UTC)
CLIENTS = 2100
"""Two chunks and a part of a third."""
Row = dict[str, Any]


@pytest.fixture(scope="module")
async def base(committed_engine: AsyncEngine) -> AccountInfo:
    """An account with a demo base that tests only read."""
    return await make_base(session_factory(committed_engine), seed=7)


async def make_base(sessions: Sessions, *, seed: int, clients: int = CLIENTS) -> AccountInfo:
    account = await factories.create_account(sessions)
    await service.load(sessions, account_id=account.id, clients=clients, seed=seed, now=NOW)
    return account


async def rows(sessions: Sessions, account: AccountInfo, query: str) -> list[Row]:
    async with reading(sessions) as session:
        found = await session.execute(text(query), {"account": account.id})
        return [dict(row) for row in found.mappings()]


async def test_counted_fields_equal_a_recount(sessions: Sessions, base: AccountInfo) -> None:
    async with reading(sessions) as session:
        assert await recount_differences(session, account_id=base.id) == []
    (counts,) = await rows(
        sessions,
        base,
        "SELECT count(*) AS rows, sum(orders_count) AS orders FROM client_stats WHERE account_id = :account",
    )
    assert counts["rows"] == CLIENTS
    assert counts["orders"] > CLIENTS


async def test_folded_columns_are_folds(sessions: Sessions, base: AccountInfo) -> None:
    for client in await rows(sessions, base, "SELECT * FROM clients WHERE account_id = :account"):
        for name in FOLDED_CLIENT_FIELDS:
            assert client[f"{name}_folded"] == (None if client[name] is None else fold(client[name]))


async def test_folded_params_of_actions_differ_from_the_written(
    sessions: Sessions, base: AccountInfo
) -> None:
    found = await rows(
        sessions, base, "SELECT DISTINCT params, folded FROM actions WHERE account_id = :account"
    )
    assert any(row["folded"] for row in found)
    for row in found:
        texts = {code: value for code, value in row["params"].items() if isinstance(value, str)}
        expected = {code: fold(value) for code, value in texts.items() if fold(value) != value}
        assert (row["folded"] or {}) == expected


async def test_phones_are_valid_and_found_by_their_digits(sessions: Sessions, base: AccountInfo) -> None:
    phones = await rows(
        sessions,
        base,
        "SELECT value, digits FROM client_contacts WHERE account_id = :account AND kind = 'phone'",
    )
    assert len(phones) > CLIENTS / 2
    for phone in phones:
        assert phonenumbers.is_valid_number(phonenumbers.parse(phone["value"]))
        assert phone["digits"] == digit_forms(phone["value"])


async def test_the_searched_text_is_that_of_the_loader(sessions: Sessions, base: AccountInfo) -> None:
    clients = await rows(
        sessions,
        base,
        """
        SELECT c.*, s.text AS searched, i.external_id,
            ARRAY(SELECT value FROM client_contacts k WHERE k.account_id = c.account_id AND k.client_id = c.id
                AND kind = 'phone') AS phones,
            ARRAY(SELECT value FROM client_contacts k WHERE k.account_id = c.account_id AND k.client_id = c.id
                AND kind = 'email') AS emails,
            ARRAY(SELECT text FROM client_param_values v
                WHERE v.account_id = c.account_id AND v.client_id = c.id AND text IS NOT NULL) AS params
        FROM clients c
        JOIN client_search s ON s.account_id = c.account_id AND s.client_id = c.id
        JOIN client_identities i ON i.account_id = c.account_id AND i.client_id = c.id
        WHERE c.account_id = :account
        """,
    )
    assert len(clients) == CLIENTS
    for client in clients:
        texts = [client[name] for name in SEARCHED_FIELDS]
        texts += [*client["emails"], client["external_id"], *client["params"]]
        expected = search_text(texts=texts, phones=client["phones"])
        assert sorted(client["searched"].split("\n")) == sorted(expected.split("\n"))


async def test_orders_are_as_their_history_tells(sessions: Sessions, base: AccountInfo) -> None:
    wrong = await rows(
        sessions,
        base,
        """
        SELECT o.id FROM orders o JOIN LATERAL (
            SELECT (array_agg(to_status ORDER BY at DESC, id DESC))[1] AS status,
                (array_agg(to_group ORDER BY at DESC, id DESC))[1] AS status_group, min(at) AS created_at,
                max(at) FILTER (
                    WHERE to_group = 'done' AND from_group IS DISTINCT FROM 'done'
                ) AS done_at
            FROM order_status_history h WHERE h.account_id = o.account_id AND h.order_id = o.id
        ) told ON true
        LEFT JOIN LATERAL (
            SELECT sum(amount) AS amount,
                bool_and(purchased_at IS NOT DISTINCT FROM o.purchased_at) AS same_time,
                bool_and(client_id = o.client_id) AS same_client
            FROM order_lines l WHERE l.account_id = o.account_id AND l.order_id = o.id
        ) lines ON true
        WHERE o.account_id = :account AND (
            (o.status, o.status_group, o.created_at)
                IS DISTINCT FROM (told.status, told.status_group, told.created_at)
            OR o.purchased_at IS DISTINCT FROM CASE WHEN o.status_group = 'done' THEN told.done_at END
            OR lines.same_time IS NOT TRUE OR lines.same_client IS NOT TRUE
            OR lines.amount <> o.total + o.discount
        )
        """,
    )
    assert wrong == []


async def test_nothing_happens_before_the_client_or_after_now(sessions: Sessions, base: AccountInfo) -> None:
    for table, column in (("orders", "created_at"), ("order_status_history", "at"), ("actions", "at"),
                          ("refunds", "at"), ("client_consents", "at")):  # fmt: skip
        (bounds,) = await rows(
            sessions,
            base,
            f"SELECT max(f.{column}) AS last, bool_and(f.{column} >= c.created_at) AS known FROM {table} f "
            "JOIN clients c ON c.account_id = f.account_id AND c.id = f.client_id "
            "WHERE f.account_id = :account",
        )
        assert bounds["known"], table
        assert NOW - timedelta(days=60) < bounds["last"] <= NOW, table


async def test_balances_and_last_operations(sessions: Sessions, base: AccountInfo) -> None:
    wrong = await rows(
        sessions,
        base,
        """
        SELECT c.id FROM clients c JOIN client_stats s ON s.account_id = c.account_id AND s.client_id = c.id
        LEFT JOIN LATERAL (
            SELECT max(at) FILTER (WHERE type_id = 20) AS accrual,
                max(at) FILTER (WHERE type_id = 21) AS writeoff
            FROM actions a WHERE a.account_id = c.account_id AND a.client_id = c.id
        ) last ON true
        WHERE c.account_id = :account AND (s.bonus_balance < 0
            OR (c.last_accrual_at, c.last_writeoff_at) IS DISTINCT FROM (last.accrual, last.writeoff))
        """,
    )
    assert wrong == []


async def test_consents_of_the_card_are_the_latest_stated(sessions: Sessions, base: AccountInfo) -> None:
    stated = """(SELECT given FROM client_consents k WHERE k.account_id = c.account_id AND k.client_id = c.id
        AND kind = '{kind}' ORDER BY at DESC, given LIMIT 1)"""
    wrong = await rows(
        sessions,
        base,
        f"""
        SELECT id FROM clients c WHERE account_id = :account
        AND (consent_marketing, consent_personal_data)
            IS DISTINCT FROM ({stated.format(kind="marketing")}, {stated.format(kind="personal_data")})
        """,
    )
    assert wrong == []


async def test_it_is_as_large_and_as_skewed_as_real_bases(sessions: Sessions, base: AccountInfo) -> None:
    (shape,) = await rows(
        sessions,
        base,
        """
        SELECT avg(orders_count) AS orders,
            percentile_disc(0.5) WITHIN GROUP (ORDER BY orders_count) AS median,
            (SELECT count(*) FROM actions WHERE account_id = :account)::float / count(*) AS actions,
            (SELECT sum(orders_count) FROM (SELECT orders_count FROM client_stats WHERE account_id = :account
                ORDER BY 1 DESC LIMIT (SELECT count(*) / 10 FROM clients WHERE account_id = :account)) best)
                / sum(orders_count) AS of_best
        FROM client_stats WHERE account_id = :account
        """,
    )
    assert 4.4 < shape["orders"] < 5.6
    assert 9 < shape["actions"] < 11.5
    assert shape["median"] <= 3
    assert 0.4 < shape["of_best"] < 0.7


async def test_the_same_seed_makes_the_same_base(sessions: Sessions) -> None:
    one, same, other = [await make_base(sessions, seed=seed, clients=60) for seed in (3, 3, 4)]
    told = [await _told(sessions, account) for account in (one, same, other)]
    assert told[0] == told[1]
    assert told[0] != told[2]


async def _told(sessions: Sessions, account: AccountInfo) -> dict[str, list[str]]:
    """Every row of an account without the ids that the database gives, in an order of its own."""
    given = {"account_id", "id", "client_id", "order_id", "param_id", "tag_id", "product_id", "type_id"}
    told = {}
    for table, columns in COLUMNS.items():
        names = ", ".join(sorted(set(columns) - given))
        found = await rows(sessions, account, f"SELECT {names} FROM {table} WHERE account_id = :account")
        told[table] = sorted(map(str, found))
    return told


async def test_only_an_empty_account_is_filled(sessions: Sessions, base: AccountInfo) -> None:
    with pytest.raises(Conflict, match="BASE_NOT_EMPTY"):
        await service.load(sessions, account_id=base.id, clients=10, seed=1, now=NOW)


async def test_progress_is_told(sessions: Sessions) -> None:
    account = await factories.create_account(sessions)
    told: list[tuple[int, int]] = []
    await service.load(
        sessions, account_id=account.id, clients=30, seed=1, now=NOW, progress=lambda *step: told.append(step)
    )
    assert told == [(30, 30)]
