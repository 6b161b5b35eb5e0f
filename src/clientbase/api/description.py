"""The OpenAPI description: what FastAPI generates, and the key, the problems, the idempotency header."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from clientbase.api.errors import ProblemOut
from clientbase.api.idempotency import HEADER, MAX_LENGTH

_TEMPLATE = "#/components/schemas/{model}"
_KEY_SCHEME = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "cb_<id>_<secret>",
    "description": "An API key; each operation names the scope that it needs in `x-scope`.",
}


def install(app: FastAPI) -> None:
    """Give the app its description, made once."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _describe(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _describe(app: FastAPI) -> dict[str, Any]:
    description = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    components = description.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    problem = ProblemOut.model_json_schema(ref_template=_TEMPLATE)
    schemas |= problem.pop("$defs", {})
    schemas["ProblemOut"] = problem
    components["securitySchemes"] = {"key": _KEY_SCHEME}
    for path in description["paths"].values():
        for method, operation in path.items():
            operation["security"] = [{"key": []}]
            if method == "post" and not operation.get("x-reads"):
                operation.setdefault("parameters", []).append(_idempotency_header(operation))
    return description


def _idempotency_header(operation: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": HEADER,
        "in": "header",
        "required": operation.get("x-idempotency-key") == "required",
        "description": "The same key and body again get the same answer, kept for 24 hours",
        "schema": {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH, "pattern": "^[ -~]+$"},
    }
