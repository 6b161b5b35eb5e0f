"""The documentation page: plain HTML made from the description, so it works without the internet."""

import json
from base64 import b64encode
from functools import lru_cache
from hashlib import sha256
from importlib import resources
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from clientbase.api.docs_html import Html, join, tag, words
from clientbase.api.docs_schemas import SCHEMA_PREFIX, example, properties, short_type

router = APIRouter(include_in_schema=False)
_STYLE = resources.files("clientbase.api").joinpath("docs.css").read_text(encoding="utf-8")
_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_ORDER = ("get", "post", "put", "patch", "delete")
Operation = tuple[str, str, dict[str, Any]]


@router.get("/docs", response_class=HTMLResponse)
async def docs(request: Request) -> HTMLResponse:
    """Every operation with parameters, bodies, answers, errors and examples; and every schema."""
    page = _page(json.dumps(request.app.openapi()))
    return HTMLResponse(page, headers={"Content-Security-Policy": _POLICY})


@lru_cache(maxsize=1)
def _page(text: str) -> str:
    """The page of a description; made once, the description does not change."""
    description = json.loads(text)
    schemas = description["components"]["schemas"]
    by_tag = _by_tag(description)
    body = join(_tag(name, operations, schemas) for name, operations in by_tag.items())
    return str(
        Html("<!doctype html>")
        + tag(
            "html",
            tag("head", Html('<meta charset="utf-8"><meta name="viewport" content="width=device-width">'))
            + tag("title", "clientbase API")
            + tag("style", Html(_STYLE)),
            tag(
                "body", _navigation(by_tag), tag("main", _introduction(description), body, _schemas(schemas))
            ),
            lang="en",
        )
    )


def _by_tag(description: dict[str, Any]) -> dict[str, list[Operation]]:
    found: dict[str, list[Operation]] = {}
    for path, operations in description["paths"].items():
        for method in (name for name in _ORDER if name in operations):
            operation = operations[method]
            found.setdefault(operation["tags"][0], []).append((method.upper(), path, operation))
    return found


def _navigation(by_tag: dict[str, list[Operation]]) -> Html:
    groups = (
        tag("p", tag("b", name))
        + join(tag("a", f"{method} {path.removeprefix('/api/v1')}", href=f"#{operation['operationId']}")
               for method, path, operation in operations)
        for name, operations in by_tag.items()
    )  # fmt: skip
    return tag("nav", join(groups), tag("p", tag("a", "Schemas", href="#schemas")))


def _introduction(description: dict[str, Any]) -> Html:
    info = description["info"]
    machine = tag("a", "/openapi.json", href="/openapi.json")
    return (
        tag("h1", f"{info['title']} API {info['version']}")
        + join(tag("p", words(part)) for part in info["description"].split("\n\n"))
        + tag("p", "Machine-readable: ", machine)
    )


def _tag(name: str, operations: list[Operation], schemas: dict[str, Any]) -> Html:
    return tag("h2", name) + join(_operation(*operation, schemas) for operation in operations)


def _operation(method: str, path: str, operation: dict[str, Any], schemas: dict[str, Any]) -> Html:
    return tag(
        "section",
        tag("h3", tag("b", method, class_="method"), tag("code", path)),
        join(tag("p", words(part)) for part in operation["description"].split("\n\n")),
        tag("p", "Scope ", tag("code", operation["x-scope"]), class_="quiet"),
        _parameters(operation.get("parameters", [])),
        _body(operation.get("requestBody"), schemas),
        _answers(operation["responses"]),
        id=operation["operationId"],
    )


def _parameters(parameters: list[dict[str, Any]]) -> Html:
    if not parameters:
        return Html("")
    rows = (
        tag("tr",
            tag("td", tag("code", item["name"]), " ", tag("small", item["in"])),
            tag("td", short_type(item["schema"]), tag("small", " needed" if item.get("required") else "")),
            tag("td", words(item.get("description", ""))))
        for item in parameters
    )  # fmt: skip
    return tag("details", tag("summary", f"Parameters ({len(parameters)})"), tag("table", join(rows)))


def _body(body: dict[str, Any] | None, schemas: dict[str, Any]) -> Html:
    if body is None:
        return Html("")
    ((media_type, content), *_) = body["content"].items()
    schema = content.get("schema", {})
    line = tag("p", "Body ", tag("code", media_type), " ", short_type(schema))
    if "json" not in media_type:
        return line
    text = json.dumps(example(schema, schemas), ensure_ascii=False, indent=2)
    return line + tag("details", tag("summary", "Example"), tag("pre", text))


def _answers(responses: dict[str, Any]) -> Html:
    good = (_answer(status, answer) for status, answer in responses.items() if int(status) < 400)
    errors = ", ".join(f"{status} {answer['description'].lower()}" for status, answer in responses.items()
                       if int(status) >= 400)  # fmt: skip
    shape = tag("a", "problems", href=f"#{SCHEMA_PREFIX}ProblemOut")
    return join(good) + tag("p", "Errors, as ", shape, f": {errors}", class_="quiet")


def _answer(status: str, answer: dict[str, Any]) -> Html:
    kinds = (
        tag("code", media_type) + " " + short_type(content.get("schema", {})) + " "
        for media_type, content in answer.get("content", {}).items()
    )
    headers = ", ".join(answer.get("headers", {}))
    return tag("p", "Answer ", tag("b", status), " ", join(kinds), tag("small", headers))


def _schemas(schemas: dict[str, Any]) -> Html:
    parts = (
        tag("section",
            tag("h3", name), tag("p", words(schema.get("description", ""))), properties(schema),
            id=SCHEMA_PREFIX + name)
        for name, schema in schemas.items()
    )  # fmt: skip
    return tag("h2", "Schemas", id="schemas") + join(parts)
