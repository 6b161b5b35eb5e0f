"""The members of every segment equal, household by household, what DuckDB selects from the files."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.journey.load import load
from tests.journey.segments import CASES, NOW, Case
from tests.journey.source import Source
from tests.service import running, wait_for

SETTLE_SECONDS = 120


@pytest.fixture(scope="module")
def source() -> Source:
    """The files."""
    return Source()


@pytest.fixture(scope="module")
def api(source: Source, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A running service that holds the chain, its clock standing at the day after the year."""
    folder: Path = tmp_path_factory.mktemp("journey")
    clock = folder / "clock"
    clock.write_text(NOW)
    environment = {"CLIENTBASE_CLOCK_FILE": str(clock)}
    with running(folder, environment=environment) as service, service.client() as client:
        client.patch("/account", json={"time_zone": "UTC"}).raise_for_status()
        started = time.perf_counter()
        counts = load(client, source)
        print(f"\nloaded in {time.perf_counter() - started:.0f} s: {counts}")
        assert counts["clients"]["created"] == 2469
        assert counts["orders"]["created"] == 155_848
        for case in CASES:
            tree = {"version": 1, "root": case.root}
            body = {"code": case.code, "name": case.code, "kind": "dynamic", "filter": tree}
            answer = client.post("/segments", json=body)
            assert answer.is_success, answer.text
        wait_for(lambda: all_ready(client), SETTLE_SECONDS)
        yield client


def all_ready(api: httpx.Client) -> bool:
    """Whether every segment has been computed; a failed one fails at once."""
    states = {item["code"]: item["state"] for item in api.get("/segments?limit=100").json()["items"]}
    assert "failed" not in states.values(), states
    return set(states.values()) == {"ready"}


def members(api: httpx.Client, code: str) -> set[int]:
    """The households of a segment, page by page."""
    found: set[int] = set()
    params = {"fields": "id,identities", "limit": "1000"}
    while True:
        page = api.get(f"/segments/{code}/clients", params=params).json()
        for client in page["items"]:
            found |= {int(link["external_id"]) for link in client["identities"]}
        if page["next_cursor"] is None:
            assert len(found) == page["total"]["value"]
            return found
        params["cursor"] = page["next_cursor"]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("case", CASES, ids=[case.code for case in CASES])
def test_the_members_are_those_that_sql_selects(api: httpx.Client, source: Source, case: Case) -> None:
    expected = source.ids(case.sql)
    found = members(api, case.code)
    print(f"{case.code}: {len(found)}")
    assert found == expected
    assert 0 < len(found) < 2469, "a segment of nobody or of everyone shows little"
    count = api.post("/clients/count", json={"filter": {"version": 1, "root": case.root}}).json()
    assert count["total"]["value"] == len(expected)
