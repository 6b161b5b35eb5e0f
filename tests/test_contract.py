"""What holds for every operation, walked over the generated description."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from clientbase.accounts.scopes import Scope
from clientbase.api.route import COMMON_ERRORS
from clientbase.app import create_app

DESCRIPTION = create_app().openapi()
PARAMS = {"client_id": "1", "run_id": "1", "order_id": "1", "import_id": "1", "export_id": "1"}


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in DESCRIPTION["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


OPERATIONS = [pytest.param(*row, id=row[2]["operationId"]) for row in operations()]


def filled(path: str) -> str:
    """The path with something in place of its parameters."""
    parts = [PARAMS.get(part[1:-1], "absent") if part.startswith("{") else part for part in path.split("/")]
    return "/".join(parts)


def test_operation_ids_are_unique() -> None:
    ids = [operation["operationId"] for _, _, operation in operations()]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_every_operation_declares_its_scope_errors_and_words(
    path: str, method: str, operation: dict[str, Any]
) -> None:
    assert operation["x-scope"] in set(Scope)
    assert operation["security"] == [{"key": []}]
    assert {str(status) for status in COMMON_ERRORS} <= operation["responses"].keys()
    assert operation["description"]
    if "{" in path:
        assert "404" in operation["responses"], "a resource may be absent"


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
async def test_every_operation_refuses_an_anonymous_call(
    anonymous: httpx.AsyncClient, path: str, method: str, operation: dict[str, Any]
) -> None:
    answer = await anonymous.request(method, filled(path))
    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHENTICATED")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["cache-control"] == "no-store"


def bounds_missing(schema: Any, where: str) -> Iterator[str]:
    """Places of a schema whose strings, lists or numbers have no declared bound."""
    if isinstance(schema, list):
        for index, item in enumerate(schema):
            yield from bounds_missing(item, f"{where}/{index}")
        return
    if not isinstance(schema, dict):
        return
    bounded = {"enum", "const", "pattern", "format", "maxLength"}
    if schema.get("type") == "string" and not bounded & schema.keys():
        yield f"{where} (string)"
    if schema.get("type") == "array" and "maxItems" not in schema:
        yield f"{where} (array)"
    for key, item in schema.items():
        if key not in ("example", "examples", "default"):
            yield from bounds_missing(item, f"{where}/{key}")


def test_every_string_and_list_that_is_sent_has_a_declared_bound() -> None:
    sent = [
        (operation["operationId"], part)
        for _, _, operation in operations()
        for part in (operation.get("requestBody"), operation.get("parameters"))
    ]
    found = [place for name, part in sent for place in bounds_missing(part, name)]
    names = {name for name in DESCRIPTION["components"]["schemas"] if not name.endswith("Out")}
    for name in names:
        found += bounds_missing(DESCRIPTION["components"]["schemas"][name], name)
    assert found == []
