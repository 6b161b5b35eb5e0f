"""The catalogue over HTTP, in both languages, with what the account has made itself."""

from typing import Any

import httpx

from tests.search.bases import field, tree


async def _fields(api: httpx.AsyncClient, language: str) -> dict[str, dict[str, Any]]:
    answer = await api.get("/api/v1/filter-fields", headers={"Accept-Language": language})
    assert (answer.status_code, answer.headers["content-language"]) == (200, language)
    assert answer.json()["limits"]["depth"] == 10
    return {item["code"]: item for item in answer.json()["items"] if "code" in item}


async def test_fields_are_listed_with_labels_and_the_accounts_own(
    api: httpx.AsyncClient, other_api: httpx.AsyncClient
) -> None:
    await api.post("/api/v1/client-params", json={"name": "Размер", "code": "size", "type": "number"})
    russian, english = await _fields(api, "ru"), await _fields(api, "en")
    assert (russian["city"]["label"], english["city"]["label"]) == ("Город", "City")
    assert russian["params.size"]["label"] == "Размер"
    assert russian["full_name"]["personal"] is True
    assert "purchase.item" in russian
    assert "params.size" not in await _fields(other_api, "ru")


async def test_a_filter_is_put_into_words(api: httpx.AsyncClient) -> None:
    body = {"filter": tree(field("city", "eq", "Казань"))}
    russian = await api.post("/api/v1/filter-descriptions", json=body, headers={"Accept-Language": "ru"})
    english = await api.post("/api/v1/filter-descriptions", json=body, headers={"Accept-Language": "en"})
    assert "Казань" in russian.json()["text"]
    assert "Город" in russian.json()["text"]
    assert "City" in english.json()["text"]
    wrong = await api.post("/api/v1/filter-descriptions", json={"filter": {"version": 1}})
    assert wrong.status_code == 422
