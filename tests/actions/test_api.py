"""Action types and actions over HTTP."""

import pytest

from clientbase.models import Segment, SegmentDependency
from tests.orders.facts import make_clients

CHOICES = [{"code": "gold", "name": "Золотой"}, {"name": "Простой"}]
COUPON = {
    "name": "Купон погашен",
    "params": [
        {"code": "value", "name": "Номинал", "type": "money"},
        {"name": "Вид", "type": "choice", "choices": CHOICES},
    ],
}


async def create(api, **fields: object) -> dict:
    answer = await api.post("/api/v1/action-types", json=COUPON | fields)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_type_is_made_listed_and_read(api):
    made = await create(api)
    assert made["code"] == "kupon-pogashen"
    params = {param["code"]: param["type"] for param in made["params"]}
    assert params == {"value": "money", "vid": "choice"}
    assert made["params"][1]["choices"] == [
        {"code": "gold", "name": "Золотой"}, {"code": "prostoy", "name": "Простой"},
    ]  # fmt: skip
    assert (await api.get("/api/v1/action-types")).json()["items"] == [made]
    assert (await api.get("/api/v1/action-types/kupon-pogashen")).json() == made
    assert (await create(api))["code"] == "kupon-pogashen-2"
    taken = await api.post("/api/v1/action-types", json=COUPON | {"code": "kupon-pogashen"})
    assert (taken.status_code, taken.json()["code"]) == (409, "CODE_TAKEN")


async def test_codes_of_built_in_actions_are_not_given_away(api):
    refused = await api.post("/api/v1/action-types", json={"name": "Визит в салон", "code": "visit"})
    assert (refused.status_code, refused.json()["code"]) == (409, "CODE_TAKEN")
    assert (await api.post("/api/v1/action-types", json={"name": "Call"})).json()["code"] == "call-2"


async def test_actions_of_an_own_type(api, session, account):
    (client,) = await make_clients(session, account, 1)
    await session.commit()
    await create(api, code="coupon")
    row = {
        "type": "coupon", "client": {"id": client}, "at": "2026-01-05T10:00:00Z", "external_id": "c1",
        "params": {"value": "100.00", "vid": "gold"},
    }  # fmt: skip
    rows = [row, row, row | {"params": {"vid": "tin"}}, row | {"type": "purchase"}, row | {"type": "nothing"}]
    body = (await api.post("/api/v1/actions/batch", json={"items": rows})).json()
    assert [item["status"] for item in body["items"]] == ["created", "unchanged", *["rejected"] * 3]
    errors = [item["errors"][0] for item in body["items"][2:]]
    assert [(error["pointer"], error["code"]) for error in errors] == [
        ("/params/vid", "UNKNOWN_CHOICE"), ("/type", "TYPE_NOT_POSTED"), ("/type", "UNKNOWN_ACTION_TYPE"),
    ]  # fmt: skip
    assert errors[0]["allowed"] == ["gold", "prostoy"]


async def patch(api, code: str, body: dict, tag: str | None = None):
    current = tag or (await api.get(f"/api/v1/action-types/{code}")).headers["ETag"]
    return await api.patch(f"/api/v1/action-types/{code}", json=body, headers={"If-Match": current})


async def test_params_are_added_and_renamed(api):
    made = await create(api, code="coupon")
    params = [{key: param[key] for key in ("code", "name", "type")} for param in made["params"]]
    params[0]["name"] = "Сумма"
    params[1]["choices"] = [{"code": "prostoy", "name": "Простой"}, {"code": "gold", "name": "Gold"}]
    params.append({"name": "Кассир", "type": "reference"})
    changed = await patch(api, "coupon", {"params": params})
    assert changed.status_code == 200, changed.text
    assert [param["name"] for param in changed.json()["params"]] == ["Сумма", "Вид", "Кассир"]
    assert [choice["name"] for choice in changed.json()["params"][1]["choices"]] == ["Простой", "Gold"]


ONE_CHOICE = [{"code": "gold", "name": "G"}]
TIME = {"code": "time", "name": "T", "type": "text"}
SECOND_VALUE = {"code": "value", "name": "V", "type": "money"}
TEXT_WITH_CHOICES = {"name": "N", "type": "text", "choices": [{"name": "a"}]}


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        (lambda params: params.pop(), "/params", "PARAM_REMOVED"),
        (lambda params: params[0].update(type="text"), "/params/0/type", "TYPE_CHANGED"),
        (lambda params: params[1].update(choices=ONE_CHOICE), "/params/1/choices", "CHOICE_REMOVED"),
        (lambda params: params[1].update(choices=[]), "/params/1/choices", "CHOICES_MISSING"),
        (lambda params: params.append(TIME), "/params/2/code", "RESERVED_CODE"),
        (lambda params: params.append(SECOND_VALUE), "/params/2/code", "CODE_TAKEN"),
        (lambda params: params.append(TEXT_WITH_CHOICES), "/params/2/choices", "CHOICES_NOT_ALLOWED"),
    ],
)
async def test_what_stored_actions_rest_on_stays(api, change, pointer, code):
    made = await create(api, code="coupon")
    params = [
        {key: value for key, value in param.items() if key != "choices" or value} for param in made["params"]
    ]
    change(params)
    answer = await patch(api, "coupon", {"params": params})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == (pointer, code)


async def test_lost_updates_are_refused(api):
    await create(api, code="coupon")
    tag = (await api.get("/api/v1/action-types/coupon")).headers["ETag"]
    assert (await api.patch("/api/v1/action-types/coupon", json={"name": "A"})).status_code == 428
    assert (await patch(api, "coupon", {"name": "A"}, tag)).status_code == 200
    assert (await patch(api, "coupon", {"name": "B"}, tag)).status_code == 412
    assert (await api.delete("/api/v1/action-types/coupon")).status_code == 428


async def test_a_used_type_is_not_deleted(api, session, account):
    (client,) = await make_clients(session, account, 1)
    await create(api, code="coupon")
    segment = Segment(
        account_id=account.id, code="vip", name="VIP", name_folded="vip", kind="dynamic", is_active=True,
        for_analytics=False, recalculation_hours=4, state="new",
    )  # fmt: skip
    session.add(segment)
    await session.flush()
    use = SegmentDependency(account_id=account.id, segment_id=segment.id, kind="action_type", code="coupon")
    session.add(use)
    await session.commit()
    row = {"type": "coupon", "client": {"id": client}, "at": "2026-01-05T10:00:00Z"}
    await api.post("/api/v1/actions/batch", json={"items": [row]})
    tag = {"If-Match": (await api.get("/api/v1/action-types/coupon")).headers["ETag"]}
    refused = await api.delete("/api/v1/action-types/coupon", headers=tag)
    assert (refused.status_code, refused.json()["errors"][0]["allowed"]) == (409, ["vip"])
    await session.delete(use)
    await session.commit()
    assert (await api.delete("/api/v1/action-types/coupon", headers=tag)).status_code == 204
    assert (await api.get("/api/v1/action-types/coupon")).status_code == 404


async def test_types_of_another_account_are_absent(api, other_api):
    await create(api, code="coupon")
    assert (await other_api.get("/api/v1/action-types/coupon")).status_code == 404
    assert (await other_api.get("/api/v1/action-types")).json()["items"] == []
