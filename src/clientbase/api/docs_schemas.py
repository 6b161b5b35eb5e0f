"""JSON schemas for people: a type in one line, properties as a table, an example as JSON."""

import json
from typing import Any

from clientbase.api.docs_html import Html, join, tag, words

SCHEMA_PREFIX = "schema-"
_BOUNDS = {
    "minLength": "from {} characters",
    "maxLength": "to {} characters",
    "minItems": "from {} items",
    "maxItems": "to {} items",
    "minimum": "≥ {}",
    "maximum": "≤ {}",
    "pattern": "as {}",
    "default": "else {}",
}
Schema = dict[str, Any]


def short_type(schema: Schema) -> Html:
    """The type in one line, with links to named schemas."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return tag("a", name, href=f"#{SCHEMA_PREFIX}{name}")
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return _joined([short_type(item) for item in schema[key]])
    if "enum" in schema:
        return _joined([tag("code", json.dumps(value, ensure_ascii=False)) for value in schema["enum"]])
    if "const" in schema:
        return tag("code", json.dumps(schema["const"]))
    if schema.get("type") == "array":
        return Html("list of ") + short_type(schema.get("items", {}))
    if isinstance(schema.get("additionalProperties"), dict):
        return Html("map to ") + short_type(schema["additionalProperties"])
    return Html("") + str(schema.get("format") or schema.get("type") or "any JSON")


def _joined(parts: list[Html]) -> Html:
    return join(part if place == 0 else Html(" | ") + part for place, part in enumerate(parts))


def properties(schema: Schema) -> Html:
    """A table of an object's properties; of anything else its type."""
    if "properties" not in schema:
        return tag("p", short_type(schema))
    needed = schema.get("required", [])
    return tag("table", join(_row(name, item, name in needed) for name, item in schema["properties"].items()))


def _row(name: str, schema: Schema, needed: bool) -> Html:
    return tag(
        "tr",
        tag("td", tag("code", name), tag("small", " needed" if needed else "")),
        tag("td", short_type(schema), " ", tag("small", _bounds(schema))),
        tag("td", words(schema.get("description", "")), _shown(schema)),
    )


def _bounds(schema: Schema) -> str:
    """Bounds of the schema itself or of the first of its alternatives."""
    own = {**(schema.get("anyOf") or [{}])[0], **schema}
    told = (text.format(own[key]) for key, text in _BOUNDS.items() if own.get(key) is not None)
    return ", ".join(told)


def _shown(schema: Schema) -> Html:
    for example in schema.get("examples", [])[:1]:
        text = json.dumps(example, ensure_ascii=False, indent=2)
        if "\n" not in text:
            return Html(" e.g. ") + tag("code", text)
        return tag("details", tag("summary", "Example"), tag("pre", text))
    return Html("")


_PLAIN: dict[str, Any] = {"string": "…", "integer": 1, "number": 1, "boolean": True, "null": None}


def example(schema: Schema, schemas: dict[str, Schema]) -> Any:
    """A value of the schema: what its examples say; of an object what is needed or has an example."""
    if "$ref" in schema:
        return example(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    for key in ("examples", "enum"):
        if key in schema:
            return schema[key][0]
    for key in ("example", "const", "default"):
        if schema.get(key) is not None:
            return schema[key]
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return example(schema[key][0], schemas)
    if schema.get("type") == "array":
        return [example(schema.get("items", {}), schemas)]
    if schema.get("type") == "object":
        return _object(schema, schemas)
    return _PLAIN.get(str(schema.get("type")))


def _object(schema: Schema, schemas: dict[str, Schema]) -> dict[str, Any]:
    needed = schema.get("required", [])
    return {
        name: example(item, schemas)
        for name, item in schema.get("properties", {}).items()
        if name in needed or "examples" in item
    }
