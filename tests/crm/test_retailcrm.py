"""RetailCRM as its connector reads it: everything first, then what changes, whatever goes wrong meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import retailcrm

from clientbase.config import settings
from clientbase.crm.base import (
    BadCredentials,
    Cursor,
    Entry,
    Gone,
    HistoryGap,
    Kind,
    MissingRight,
    Overloaded,
    Record,
    SourceAnswer,
    SourceError,
    SourceUnreachable,
    Unreadable,
)
from clientbase.crm.retailcrm import Credentials, RetailCrm
from clientbase.crm.talk import Manners
from clientbase.kit.reach import Reach
from clientbase.kit.remote import Remote
from tests.crm.retailcrm_account import KEY, Account, listening, told
from tests.kit.serving import Server, http

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
QUICK = Manners(requests=100, seconds=0.1, attempts=3, first_wait=0.01)


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
async def server(account: Account) -> AsyncIterator[Server]:
    async with listening(account) as server:
        yield server


@pytest.fixture
async def remote(server: Server) -> AsyncIterator[Remote]:
    async with Remote(Reach(frozenset({f"127.0.0.1:{server.port}"})), seconds=5) as remote:
        yield remote


@pytest.fixture
def source(remote: Remote, server: Server) -> RetailCrm:
    return RetailCrm(remote, Credentials(server.url(), KEY), manners=QUICK)


@pytest.fixture(autouse=True)
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that the clock reads."""
    file = tmp_path / "clock"
    file.write_text(NOW.isoformat())
    monkeypatch.setattr(settings(), "clock_file", file)
    return file


def fill(account: Account, customers: int, orders: int = 0) -> None:
    """Made yesterday and before."""
    for number in range(1, customers + 1):
        account.put("customers", number, NOW - timedelta(days=2), firstName=f"Client {number}")
    for number in range(1, orders + 1):
        made = NOW - timedelta(days=1, minutes=number)
        account.put("orders", number, made, "status", {"code": "new"}, status="new", customer={"id": 1})


async def read(source: RetailCrm, kind: Kind, cursor: Cursor | None = None) -> tuple[list[Entry], Cursor]:
    """Everything that there is for now."""
    entries: list[Entry] = []
    for _ in range(200):
        page = await source.page(kind, cursor)
        entries += page.entries
        cursor = page.cursor
        if page.is_last:
            return entries, cursor
    raise AssertionError("there is always more")


def records(entries: list[Entry], kind: Kind) -> dict[str, Any]:
    """The latest of each."""
    return {one.external_id: one.raw for one in entries if isinstance(one, Record) and one.kind is kind}


async def test_everything_is_read_once_and_then_only_what_changes(
    source: RetailCrm, account: Account, at: Path
) -> None:
    fill(account, 250)
    entries, cursor = await read(source, Kind.CLIENT)
    assert len(entries) == 250
    assert records(entries, Kind.CLIENT) == {str(id_): raw for id_, raw in account.customers.items()}
    assert await read(source, Kind.CLIENT, cursor) == ([], cursor)

    at.write_text((NOW + timedelta(hours=12)).isoformat())
    account.put("customers", 7, NOW + timedelta(hours=1), firstName="Анна")
    account.put("customers", 251, NOW + timedelta(hours=2), firstName="Борис")
    account.drop("customers", 8, NOW + timedelta(hours=3))
    account.put("customers", 9, NOW + timedelta(hours=4), firstName="Вера")
    account.drop("customers", 9, NOW + timedelta(hours=5), into=7)
    account.asked.clear()
    entries, cursor = await read(source, Kind.CLIENT, cursor)
    changed = records(entries, Kind.CLIENT)
    assert {id_: raw["firstName"] for id_, raw in changed.items()} == {"7": "Анна", "251": "Борис"}
    assert [one for one in entries if isinstance(one, Gone)] == [
        Gone(Kind.CLIENT, "8"), Gone(Kind.CLIENT, "9", into="7"),
    ]  # fmt: skip
    assert len(account.asked) == 3, "the history, those that changed, and that there is no more"
    assert (await read(source, Kind.CLIENT, cursor))[0] == []


async def test_orders_come_with_all_their_statuses(source: RetailCrm, account: Account) -> None:
    fill(account, 1, 150)
    for hours, code in ((20, "assembling"), (10, "complete")):
        value = {"code": code}
        account.put("orders", 3, NOW - timedelta(hours=hours), "status", value, status=code)
    account.put("orders", 4, NOW - timedelta(minutes=5), "status", {"code": "complete"}, status="complete")
    entries, _ = await read(source, Kind.ORDER)
    assert records(entries, Kind.ORDER) == {str(id_): raw for id_, raw in account.orders.items()}
    told_of = [(one.raw["status"], one.raw["at"]) for one in entries
               if isinstance(one, Record) and one.kind is Kind.STATUS and one.external_id == "3"]  # fmt: skip
    assert [code for code, _ in told_of] == ["new", "assembling", "complete"]
    assert [at for _, at in told_of] == sorted(at for _, at in told_of)
    statuses = [one for one in entries if isinstance(one, Record) and one.kind is Kind.STATUS]
    assert len(statuses) == len({(one.external_id, *one.raw.items()) for one in statuses}) == 153


async def test_what_is_deleted_while_pages_are_read_hides_nobody(source: RetailCrm, account: Account) -> None:
    fill(account, 350)
    first = await source.page(Kind.CLIENT, None)
    account.drop("customers", 350, NOW)
    account.put("customers", 351, NOW, firstName="new")
    account.drop("customers", 349, NOW)
    entries, _ = await read(source, Kind.CLIENT, first.cursor)
    seen = records([*first.entries, *entries], Kind.CLIENT).keys()
    assert seen >= {str(id_) for id_ in account.customers}


async def test_changes_from_before_the_first_page_was_read_are_not_missed(
    source: RetailCrm, account: Account
) -> None:
    fill(account, 120)
    first = await source.page(Kind.CLIENT, None)
    account.put("customers", 120, NOW + timedelta(minutes=1), firstName="Анна")
    entries, _ = await read(source, Kind.CLIENT, first.cursor)
    assert records(entries, Kind.CLIENT)["120"]["firstName"] == "Анна"


async def test_a_cursor_that_is_too_old_tells_of_the_gap(
    source: RetailCrm, account: Account, at: Path
) -> None:
    fill(account, 1)
    _, cursor = await read(source, Kind.CLIENT)
    at.write_text((NOW + timedelta(days=24)).isoformat())
    assert (await read(source, Kind.CLIENT, cursor))[0] == []
    at.write_text((NOW + timedelta(days=26)).isoformat())
    with pytest.raises(HistoryGap):
        await source.page(Kind.CLIENT, cursor)


async def test_a_record_without_an_id_is_put_aside_and_the_rest_goes_on(
    source: RetailCrm, account: Account
) -> None:
    fill(account, 2)
    pagination = {"limit": 100, "totalCount": 3, "currentPage": 1, "totalPageCount": 1}
    account.faults.append(told({"pagination": pagination, "customers": [{"id": 1}, {"name": "?"}, 5]}))
    page = await source.page(Kind.CLIENT, None)
    assert [type(one) for one in page.entries] == [Record, Unreadable, Unreadable]


PAGE_OF_NOTHING = {"limit": 100, "totalCount": 10**9, "currentPage": 1, "totalPageCount": 10**7}
HTML = "Content-Type: text/html"


@pytest.mark.parametrize(
    ("faults", "error"),
    [
        (
            [http(b"<html>no such account</html>", "Content-Type: text/html", status="404 Not Found")],
            SourceAnswer,
        ),
        ([http(b"<html>hello</html>", HTML)], SourceAnswer),
        ([http(b'{"success": true, "customers": [', "Content-Type: application/json")], SourceAnswer),
        ([http(b"[]", "Content-Type: application/json")], SourceAnswer),
        ([told({"pagination": {}, "customers": []})], SourceAnswer),
        ([told({"customers": None, "pagination": PAGE_OF_NOTHING})], SourceAnswer),
        ([told({"customers": [{"id": n} for n in range(101)], "pagination": PAGE_OF_NOTHING})], SourceAnswer),
        ([http(b" " * 11 * 1024**2)], SourceAnswer),
        ([told({"success": False, "errorMsg": "Access denied."}, status="403 Forbidden")], MissingRight),
        (
            [told({"success": False, "errorMsg": "API key is missing"}, status="403 Forbidden")],
            BadCredentials,
        ),
        ([http(b"", status="401 Unauthorized")], BadCredentials),
        ([told({"success": False, "errorMsg": "Limit"}, status="400 Bad Request")], SourceAnswer),
        ([http(b"", "Location: https://evil.example/", status="302 Found")], SourceAnswer),
        ([http(b"", status="500 Error")] * 3, SourceUnreachable),
        ([http(b"", "Retry-After: 0", status="429 Too Many")] * 3, Overloaded),
        ([http(b"", "Retry-After: 3600", status="503 Busy")], Overloaded),
        ([http(b"{}", length=100)] * 3, SourceUnreachable),
    ],
)
async def test_what_a_broken_source_comes_to(
    source: RetailCrm, account: Account, faults: list[bytes], error: type[SourceError]
) -> None:
    fill(account, 1)
    account.faults.extend(faults)
    with pytest.raises(error) as raised:
        await source.page(Kind.CLIENT, None)
    assert KEY not in str(raised.value)
    assert not account.faults, "each fault was met"
    assert len((await source.page(Kind.CLIENT, None)).entries) == 1, "it goes on as soon as it is well again"


@pytest.mark.parametrize(
    "faults",
    [
        [http(b"", "Retry-After: 0", status="503 Busy"), http(b"", status="429 Too Many")],
        [http(b"", status="502 Bad Gateway"), http(b"{}", length=50)],
        [http(b"", "Retry-After: Sun, 01 Mar 2026 09:00:00 GMT", status="503 Busy")],
    ],
)
async def test_what_passes_is_waited_for(source: RetailCrm, account: Account, faults: list[bytes]) -> None:
    fill(account, 1)
    account.faults.extend(faults)
    assert len((await source.page(Kind.CLIENT, None)).entries) == 1
    assert len(account.asked) == len(faults) + 1


async def test_pages_without_an_end_and_a_history_that_stands_still_are_noticed(
    source: RetailCrm, account: Account
) -> None:
    fill(account, 1)
    grows = {"walk": "all", "page": 500, "begun": NOW.isoformat(), "first_total": 100, "total": 10**6}
    endless = {"pagination": PAGE_OF_NOTHING, "customers": [{"id": 1}]}
    account.faults.append(told(endless))
    with pytest.raises(SourceAnswer, match="no end"):
        await source.page(Kind.CLIENT, grows)
    _, cursor = await read(source, Kind.CLIENT)
    again = {"pagination": PAGE_OF_NOTHING, "history": account.history["customers"]}
    account.faults.append(told(again))
    with pytest.raises(SourceAnswer, match="does not move on"):
        await source.page(Kind.CLIENT, {**cursor, "since_id": 1})


async def test_the_official_client_gets_the_same_from_this_account(
    source: RetailCrm, account: Account, server: Server
) -> None:
    """So the account is not made to suit the connector."""
    fill(account, 30, 20)
    official = retailcrm.v5(server.url().rstrip("/"), KEY)

    async def ask(name: str, *values: Any) -> dict[str, Any]:
        answer = await asyncio.to_thread(getattr(official, name), *values)
        assert answer.is_successful()
        found: dict[str, Any] = answer.get_response()
        return found

    clients, orders = [records((await read(source, kind))[0], kind) for kind in source.kinds]
    for name, found in (("customers", clients), ("orders", orders)):
        listed = (await ask(name, None, 100))[name]
        assert {str(item["id"]): item for item in listed} == found
        history = (await ask(f"{name}_history", {"sinceId": 0}, 100))["history"]
        assert [entry["id"] for entry in history] == [entry["id"] for entry in account.history[name]]
    assert (await ask("statuses"))["statuses"].keys() == (await source.references()).statuses.keys()


async def test_what_a_key_may_do_is_looked_at_first(
    source: RetailCrm, account: Account, remote: Remote, server: Server
) -> None:
    await source.validate()
    account.scopes = ("customer_read",)
    with pytest.raises(MissingRight, match="order_read, reference_read"):
        await source.validate()
    with pytest.raises(BadCredentials):
        await RetailCrm(remote, Credentials(server.url(), "wrong"), manners=QUICK).validate()
    with pytest.raises(SourceAnswer):
        await RetailCrm(remote, Credentials("https://127.0.0.1/", KEY), manners=QUICK).validate()


async def test_references_tell_groups_of_statuses_and_shops(source: RetailCrm) -> None:
    found = await source.references()
    assert {code: group for code, (_, group) in found.statuses.items()} == {
        "new": "new", "assembling": "in_progress", "complete": "done", "cancel-other": "cancelled",
    }  # fmt: skip
    assert found.statuses["complete"][0] == "Выполнен"
    assert found.shops == {"main": "Магазин"}


async def test_links_lead_to_the_source(source: RetailCrm, server: Server) -> None:
    assert source.link(Kind.CLIENT, "7") == server.url("/customers/7")
    assert source.link(Kind.ORDER, "8") == server.url("/orders/8/edit")


async def test_ten_requests_a_second_are_the_most(remote: Remote, server: Server, account: Account) -> None:
    source = RetailCrm(remote, Credentials(server.url(), KEY))
    began = asyncio.get_running_loop().time()
    for _ in range(4):
        await source.page(Kind.CLIENT, None)
    assert asyncio.get_running_loop().time() - began >= 0.25
