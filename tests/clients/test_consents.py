"""Consents over HTTP."""

import httpx

from tests.committed import committed_engine, sessions

__all__ = ["committed_engine", "sessions"]

PATH = "/api/v1/clients"


async def test_consents_are_recorded_and_the_latest_stands(api: httpx.AsyncClient) -> None:
    client = (await api.post(PATH, json={"first_name": "Анна"})).json()
    assert client["consent_marketing"] is None, "unknown is not yes"
    path = f"{PATH}/{client['id']}/consents"
    for given, at in (
        (True, "2026-01-01T00:00:00Z"),
        (False, "2026-03-01T00:00:00Z"),
        (True, "2026-02-01T00:00:00Z"),
    ):
        body = {"kind": "marketing", "given": given, "at": at, "source": "site", "text_version": "v2"}
        assert (await api.post(path, json=body)).status_code == 204
    page = (await api.get(path, params={"limit": 2})).json()
    assert [item["at"] for item in page["items"]] == ["2026-03-01T00:00:00Z", "2026-02-01T00:00:00Z"]
    rest = (await api.get(path, params={"limit": 2, "cursor": page["next_cursor"]})).json()
    assert [item["at"] for item in rest["items"]] == ["2026-01-01T00:00:00Z"]
    assert (await api.get(f"{PATH}/{client['id']}")).json()["consent_marketing"] is False


async def test_a_consent_of_the_future_is_refused(api: httpx.AsyncClient) -> None:
    client = (await api.post(PATH, json={"first_name": "Анна"})).json()
    body = {"kind": "marketing", "given": True, "at": "2126-01-01T00:00:00Z"}
    answer = await api.post(f"{PATH}/{client['id']}/consents", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "CONSENT_DATE_INVALID"


async def test_an_undated_act_on_one_client_is_of_now_and_wins(api: httpx.AsyncClient) -> None:
    client = (await api.post(PATH, json={"first_name": "Анна"})).json()
    path = f"{PATH}/{client['id']}/consents"
    for given in (True, True, False, True):
        assert (await api.post(path, json={"kind": "marketing", "given": given})).status_code == 204
        assert (await api.get(f"{PATH}/{client['id']}")).json()["consent_marketing"] is given
    assert len((await api.get(path)).json()["items"]) == 4


async def test_a_batch_tells_of_a_consent_that_it_did_not_take(api: httpx.AsyncClient) -> None:
    client = (await api.post(PATH, json={"first_name": "Анна"})).json()
    withdrawal = {"kind": "marketing", "given": False, "at": "2026-01-01T00:00:00Z"}
    await api.post(f"{PATH}/{client['id']}/consents", json=withdrawal)
    row = {"id": client["id"], "consents": [{"kind": "marketing", "given": True}]}
    (item,) = (await api.post(f"{PATH}/batch", json={"items": [row]})).json()["items"]
    assert (item["status"], item["id"]) == ("unchanged", client["id"])
    assert [(error["pointer"], error["code"]) for error in item["errors"]] == [
        ("/consents/0", "CONSENT_WITHDRAWN")
    ]
