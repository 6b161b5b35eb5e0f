"""The committed description: equal to the app's, true in itself, no breaking change of a release."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import jsonschema_rs
import pytest

from clientbase.api.answer_headers import NAMES
from clientbase.app import create_app
from tests.breaking import breaking_changes
from tests.filters.strategies.trees import random_tree
from tests.filters.strategies.worlds import random_world

FOLDER = Path(__file__).parent.parent / "openapi"
COMMITTED = FOLDER / "openapi.json"
DESCRIPTION: dict[str, Any] = json.loads(json.dumps(create_app().openapi()))
SCHEMAS: dict[str, Any] = DESCRIPTION["components"]["schemas"]
PROBLEM = "application/problem+json"


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in DESCRIPTION["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


OPERATIONS = [pytest.param(*row, id=row[2]["operationId"]) for row in operations()]


def walk(value: Any, where: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object in a JSON value with its pointer."""
    if isinstance(value, dict):
        yield where, value
        for key, item in value.items():
            yield from walk(item, f"{where}/{key.replace('/', '~1')}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from walk(item, f"{where}/{index}")


def validator(schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    """A validator of a schema that may refer to those of the description."""
    return jsonschema_rs.Draft202012Validator(
        {**schema, "components": {"schemas": SCHEMAS}}, validate_formats=True
    )


def examples() -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Every example of a schema, a parameter or a body, with the schema that it stands by."""
    for where, schema in walk(DESCRIPTION):
        of = schema.get("schema", schema)
        if isinstance(schema.get("examples"), list):
            yield from ((where, of, example) for example in schema["examples"])
        if "example" in schema:
            yield where, of, schema["example"]
        if "default" in schema and schema["default"] is not None:
            yield where, of, schema["default"]


def test_the_committed_description_is_the_apps() -> None:
    assert json.loads(COMMITTED.read_text(encoding="utf-8")) == DESCRIPTION, "run `make openapi`"


def test_operation_ids_are_unique_and_names_are_for_people() -> None:
    ids = [operation["operationId"] for _, _, operation in operations()]
    assert len(set(ids)) == len(ids)
    assert [name for name in [*ids, *SCHEMAS] if "__" in name or "-" in name or name.endswith("_")] == []


def test_every_reference_leads_somewhere_and_every_schema_is_used() -> None:
    used = {item["$ref"].rpartition("/")[2] for _, item in walk(DESCRIPTION) if "$ref" in item}
    assert used == SCHEMAS.keys()


def test_every_schema_is_a_valid_one() -> None:
    for schema in SCHEMAS.values():
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})


def test_every_example_is_valid() -> None:
    wrong = [(where, example) for where, of, example in examples() if not validator(of).is_valid(example)]
    assert wrong == []
    assert sum(1 for _ in examples()) > 50


def test_every_tree_of_the_language_is_one_of_the_description() -> None:
    """Over trees that use every operator, measure and form of a value."""
    schema = validator(SCHEMAS["FilterTree"])
    for seed in range(5):
        rng = Random(seed)
        world = random_world(rng, clients=20)
        for _ in range(200):
            tree = json.loads(json.dumps(random_tree(rng, world), default=float))
            assert schema.is_valid(tree), tree
    deep = {"type": "field", "field": "city", "operator": "like", "value": "x"}
    assert not schema.is_valid({"version": 1, "root": {"type": "group", "match": "all", "nodes": [deep]}})


def test_every_object_is_closed() -> None:
    """Unknown fields are refused, and answers hold only what is declared; maps say what they hold."""
    open_ones = [
        where
        for where, schema in walk(SCHEMAS)
        if schema.get("type") == "object"
        and "properties" in schema
        and schema.get("additionalProperties") is not False
    ]
    assert open_ones == []


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_answers_are_declared(path: str, method: str, operation: dict[str, Any]) -> None:
    for status, answer in operation["responses"].items():
        assert "X-Request-ID" in answer["headers"]
        assert answer["headers"].keys() <= NAMES
        if int(status) >= 400:
            reference = {"schema": {"$ref": "#/components/schemas/ProblemOut"}}
            assert answer["content"] == {PROBLEM: reference}
        elif status == "204" or status == "304":
            assert "content" not in answer
        for media_type, content in answer.get("content", {}).items():
            assert content.get("schema"), (status, media_type)
    assert "Retry-After" in operation["responses"]["429"]["headers"]
    assert "Retry-After" in operation["responses"]["503"]["headers"]
    assert "WWW-Authenticate" in operation["responses"]["401"]["headers"]


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_headers_follow_the_kind_of_the_operation(path: str, method: str, operation: dict[str, Any]) -> None:
    sent = {item["name"] for item in operation.get("parameters", []) if item["in"] == "header"}
    ((status, success), *_) = sorted(operation["responses"].items())
    headers = success["headers"].keys()
    writes = method == "post" and "x-reads" not in operation
    assert ("Idempotency-Key" in sent) == ("Idempotency-Replayed" in headers) == writes
    if status == "202" and "runs" not in path:
        assert "Location" in headers, "long work tells where its run is"
    if "If-Match" in sent and status != "204":
        assert "ETag" in headers, "what is changed under a condition tells its new version"
    if {"428", "412"} & operation["responses"].keys():
        assert "If-Match" in sent


def test_nothing_that_was_released_is_broken() -> None:
    """`openapi/released` holds the description of every release, copied there when it is made."""
    for released in sorted((FOLDER / "released").glob("*.json")):
        old = json.loads(released.read_text(encoding="utf-8"))
        assert breaking_changes(old, DESCRIPTION) == [], released.name


def _tag(description: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = description["components"]["schemas"]["TagIn"]
    return schema


def _tags(description: dict[str, Any]) -> dict[str, Any]:
    path: dict[str, Any] = description["paths"]["/api/v1/tags"]
    return path


BREAKING = {
    "an operation gone": lambda new: _tags(new).pop("get"),
    "another scope": lambda new: _tags(new)["get"].update({"x-scope": "admin"}),
    "a parameter gone": lambda new: _tags(new)["get"]["parameters"].pop(),
    "a parameter newly needed": lambda new: _tags(new)["get"]["parameters"][1].update(required=True),
    "a header gone": lambda new: _tags(new)["post"]["responses"]["201"]["headers"].pop("ETag"),
    "another status": lambda new: _tags(new)["post"]["responses"].pop("201"),
    "a field no longer taken": lambda new: _tag(new)["properties"].pop("color"),
    "a field newly needed": lambda new: _tag(new)["required"].append("color"),
    "a tighter bound": lambda new: _tag(new)["properties"]["name"].update(maxLength=10),
    "another form": lambda new: _tag(new)["properties"]["color"].update(pattern="^x$"),
    "null no longer taken": lambda new: _tag(new)["properties"]["code"]["anyOf"].pop(),
    "a field no longer answered": lambda new: new["components"]["schemas"]["TagOut"]["properties"].pop(
        "name"
    ),
    "a value no longer taken": lambda new: new["components"]["schemas"]["Scope"]["enum"].pop(),
    "null newly answered": lambda new: new["components"]["schemas"]["TagOut"]["properties"].update(
        name={"anyOf": [{"type": "string", "maxLength": 255}, {"type": "null"}]}
    ),
}
ADDITIVE = {
    "an operation": lambda new: new["paths"].update({"/api/v1/new": _tags(new)}),
    "a parameter": lambda new: _tags(new)["get"]["parameters"].append(
        {"name": "new", "in": "query", "schema": {"type": "string"}}
    ),
    "a field that may be sent": lambda new: _tag(new)["properties"].update(new={"type": "string"}),
    "a field that is answered": lambda new: new["components"]["schemas"]["TagOut"]["properties"].update(
        new={"type": "string"}
    ),
    "a wider bound": lambda new: _tag(new)["properties"]["name"].update(maxLength=1000),
    "a value": lambda new: new["components"]["schemas"]["Scope"]["enum"].append("new"),
}


@pytest.mark.parametrize("name", BREAKING)
def test_a_breaking_change_is_seen(name: str) -> None:
    changed = copy.deepcopy(DESCRIPTION)
    BREAKING[name](changed)
    assert breaking_changes(DESCRIPTION, changed) != []


@pytest.mark.parametrize("name", ADDITIVE)
def test_an_addition_breaks_nothing(name: str) -> None:
    changed = copy.deepcopy(DESCRIPTION)
    ADDITIVE[name](changed)
    assert breaking_changes(DESCRIPTION, changed) == []
