"""The upload itself: keys, sizes, types, and what is left on disk."""

import uuid
from collections.abc import AsyncIterator

import pytest

from clientbase.config import settings
from tests.imports.house import House

FILE = "Телефон;Имя\n+79161234567;Анна\n"


async def test_the_same_key_and_file_is_one_import_and_another_file_is_refused(house: House) -> None:
    first = await house.send(FILE, key="one")
    again = await house.send(FILE, key="one")
    other = await house.send(FILE + "+79161234568;Олег\n", key="one")
    otherwise = await house.send(FILE, key="one", blank="clear")
    assert first.status_code == again.status_code == 202
    assert again.content == first.content
    assert again.headers["Idempotency-Replayed"] == "true"
    assert first.headers["Location"] == f"/api/v1/runs/{first.json()['id']}"
    assert [other.status_code, otherwise.status_code] == [422, 422]
    assert other.json()["code"] == "IDEMPOTENCY_KEY_REUSED"
    stored = [path for path in (house.folder / "files").rglob("*") if path.is_file()]
    assert len(stored) == 1
    listed = (await house.api.get("/api/v1/imports")).json()
    assert [item["id"] for item in listed["items"]] == [first.json()["id"]]


async def test_a_key_is_needed(house: House) -> None:
    answer = await house.api.post(
        "/api/v1/imports",
        params={"kind": "clients"},
        content=FILE.encode(),
        headers={"Content-Type": "text/csv"},
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "IDEMPOTENCY_KEY_MISSING")


async def test_other_types_of_content_are_refused(house: House) -> None:
    headers = {"Idempotency-Key": uuid.uuid4().hex, "Content-Type": "application/json"}
    answer = await house.api.post(
        "/api/v1/imports", params={"kind": "clients"}, content=b"{}", headers=headers
    )
    assert answer.status_code == 415


async def test_a_file_over_the_bound_is_cut_off_and_leaves_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLIENTBASE_MAX_UPLOAD_BYTES", "1000000")
    settings.cache_clear()

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 100_000

    headers = {"Idempotency-Key": uuid.uuid4().hex, "Content-Type": "text/csv"}
    answer = await house.api.post(
        "/api/v1/imports", params={"kind": "clients"}, content=endless(), headers=headers
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "FILE_TOO_LARGE")
    assert not any(path.is_file() for path in (house.folder / "files").rglob("*"))


async def test_unknown_parameters_are_an_error(house: House) -> None:
    answer = await house.send(FILE, delimeter="tab")
    assert answer.status_code == 422
