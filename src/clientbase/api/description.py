"""The OpenAPI description: what FastAPI generates, made exact: key, headers, problems, short names."""

import re
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from clientbase.api.answer_headers import documented
from clientbase.api.errors import ProblemOut
from clientbase.api.idempotency import HEADER, MAX_LENGTH

_REFS = "#/components/schemas/"
_KEY_SCHEME = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "cb_<id>_<secret>",
    "description": "An API key; each operation names the scope that it needs in `x-scope`.",
}
_PAGE = re.compile(r"Page_(\w+?)(?:Out)?_")
_QUALIFIED = re.compile(r"clientbase__([a-z]+)(?:__[a-z_]+)*__(\w+)")


def install(app: FastAPI) -> None:
    """Give the app its description, made once."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _describe(app)
        return app.openapi_schema

    # FastAPI documents this assignment as the way to change the description.
    app.openapi = openapi  # type: ignore[method-assign]


def _describe(app: FastAPI) -> dict[str, Any]:
    description = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        separate_input_output_schemas=False,
    )
    schemas = description.setdefault("components", {}).setdefault("schemas", {})
    problem = ProblemOut.model_json_schema(ref_template=_REFS + "{model}")
    schemas |= problem.pop("$defs", {})
    schemas["ProblemOut"] = problem
    description["components"]["securitySchemes"] = {"key": _KEY_SCHEME}
    for path in description["paths"].values():
        for method, operation in path.items():
            _complete(method, operation, schemas)
    named: dict[str, Any] = _with_short_names(description)
    return named


def _complete(method: str, operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """What FastAPI does not know of an operation: the key, the idempotency header, headers of answers."""
    operation["security"] = [{"key": []}]
    writes = method == "post" and not operation.get("x-reads")
    if writes:
        operation.setdefault("parameters", []).append(_idempotency_header(operation))
    declared = operation.pop("x-headers", [])
    for status, response in operation["responses"].items():
        names = [*declared, "Idempotency-Replayed"] if writes else [*declared]
        if method == "get" and _is_page(response, schemas):
            names.append("Link")
        response["headers"] = documented(int(status), names)


def _is_page(response: dict[str, Any], schemas: dict[str, Any]) -> bool:
    schema = response.get("content", {}).get("application/json", {}).get("schema", {})
    shape = schemas.get(schema.get("$ref", "").removeprefix(_REFS), {})
    return "next_cursor" in shape.get("properties", {})


def _idempotency_header(operation: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": HEADER,
        "in": "header",
        "required": operation.get("x-idempotency-key") == "required",
        "description": "The same key and body again get the same answer, kept for 24 hours",
        "schema": {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH, "pattern": "^[ -~]+$"},
    }


def _with_short_names(description: dict[str, Any]) -> Any:
    """The description with names of schemas for people: `TagPage`, `RunsState`."""
    schemas = description["components"]["schemas"]
    short = {name: _short(name) for name in schemas}
    assert len(set(short.values())) == len(short), "two schemas would get one name"
    in_order = sorted(schemas, key=_short)
    description["components"]["schemas"] = {short[name]: schemas[name] for name in in_order}
    references = {_REFS + name: _REFS + new for name, new in short.items()}

    def renamed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: renamed(item) for key, item in value.items()}
        if isinstance(value, list):
            return [renamed(item) for item in value]
        return references.get(value, value) if isinstance(value, str) else value

    return renamed(description)


def _short(name: str) -> str:
    if page := _PAGE.fullmatch(name):
        return page[1] + "Page"
    qualified = _QUALIFIED.fullmatch(name)
    return qualified[1].capitalize() + qualified[2] if qualified else name
