"""What a newer description breaks for a client of an older one: removed, newly needed, narrowed."""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_FIXED = ("pattern", "format", "const")


def breaking_changes(old: Schema, new: Schema) -> list[str]:
    """One line a change that a client of `old` would notice; additions are none."""
    return sorted(set(_Comparison(old, new).operations()))


class _Comparison:
    """Two descriptions. Requests must accept what they did; answers must stay within what they were."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self.old, self.new = old, new
        self._seen: set[tuple[str, str, bool]] = set()

    def operations(self) -> Iterator[str]:
        for path, methods in self.old["paths"].items():
            for method, operation in methods.items():
                name = operation["operationId"]
                newer = self.new["paths"].get(path, {}).get(method)
                if newer is None or newer["operationId"] != name:
                    yield f"{name}: gone"
                else:
                    yield from self._operation(name, operation, newer)

    def _operation(self, name: str, old: Schema, new: Schema) -> Iterator[str]:
        if old.get("x-scope") != new.get("x-scope"):
            yield f"{name}: another scope"
        yield from self._parameters(name, _by_name(old), _by_name(new))
        yield from self._body(f"{name} body", old.get("requestBody"), new.get("requestBody"))
        for status, answer in old["responses"].items():
            if int(status) < 300:
                yield from self._answer(f"{name} {status}", answer, new["responses"].get(status))

    def _parameters(self, name: str, old: Schema, new: Schema) -> Iterator[str]:
        for key, parameter in old.items():
            if key not in new:
                yield f"{name} {key}: parameter gone"
            else:
                yield from self._schemas(f"{name} {key}", parameter["schema"], new[key]["schema"], sent=True)
        for key, parameter in new.items():
            was_needed = key in old and old[key].get("required", False)
            if parameter.get("required") and not was_needed:
                yield f"{name} {key}: parameter newly needed"

    def _body(self, where: str, old: Schema | None, new: Schema | None) -> Iterator[str]:
        if new is not None and new.get("required") and not (old or {}).get("required"):
            yield f"{where}: newly needed"
        if old is not None:
            yield from self._contents(where, old, new or {}, sent=True)

    def _answer(self, where: str, old: Schema, new: Schema | None) -> Iterator[str]:
        if new is None:
            yield f"{where}: answer gone"
            return
        for header in old.get("headers", {}).keys() - new.get("headers", {}).keys():
            yield f"{where}: header {header} gone"
        yield from self._contents(where, old, new, sent=False)

    def _contents(self, where: str, old: Schema, new: Schema, *, sent: bool) -> Iterator[str]:
        for media_type, content in old.get("content", {}).items():
            newer = new.get("content", {}).get(media_type)
            if newer is None:
                yield f"{where}: {media_type} gone"
            else:
                yield from self._schemas(where, content.get("schema", {}), newer.get("schema", {}), sent=sent)

    def _schemas(self, where: str, old: Schema, new: Schema, *, sent: bool) -> Iterator[str]:
        pair = (old.get("$ref", ""), new.get("$ref", ""), sent)
        if any(pair[:2]):
            if pair in self._seen:
                return
            self._seen.add(pair)
        old, new = _resolved(old, self.old), _resolved(new, self.new)
        yield from self._choices(where, old, new, sent=sent)
        yield from _bounds(where, *((old, new) if sent else (new, old)))
        yield from _values(where, old, new, sent=sent)
        yield from self._properties(where, old, new, sent=sent)
        for key in ("items", "additionalProperties"):
            if isinstance(old.get(key), dict) and isinstance(new.get(key), dict):
                yield from self._schemas(f"{where}/*", old[key], new[key], sent=sent)

    def _choices(self, where: str, old: Schema, new: Schema, *, sent: bool) -> Iterator[str]:
        """Each alternative that had to fit must still have one that it fits."""
        olds, news = _alternatives(old), _alternatives(new)
        if olds == [old] and news == [new]:
            return
        needed, offered = (olds, news) if sent else (news, olds)
        for one in needed:
            twin = next((other for other in offered if _kind(one) == _kind(other)), None)
            if twin is None:
                yield f"{where}: {_kind(one)} {'refused' if sent else 'newly answered'}"
            else:
                pair = (one, twin) if sent else (twin, one)
                yield from self._schemas(where, *pair, sent=sent)

    def _properties(self, where: str, old: Schema, new: Schema, *, sent: bool) -> Iterator[str]:
        olds, news = old.get("properties", {}), new.get("properties", {})
        for name in olds:
            if name not in news:
                yield f"{where}/{name}: gone"
            else:
                yield from self._schemas(f"{where}/{name}", olds[name], news[name], sent=sent)
        needed, was = set(new.get("required", [])), set(old.get("required", []))
        for name in sorted(needed - was if sent else (was - needed) & news.keys()):
            yield f"{where}/{name}: {'newly needed' if sent else 'no longer certain'}"


def _by_name(operation: Schema) -> Schema:
    return {f"{item['in']} {item['name']}": item for item in operation.get("parameters", [])}


def _resolved(schema: Schema, description: Schema) -> Schema:
    name = schema.get("$ref", "").rpartition("/")[2]
    return description["components"]["schemas"][name] if name else schema


def _alternatives(schema: Schema) -> list[Schema]:
    return schema.get("anyOf") or schema.get("oneOf") or [schema]


def _kind(schema: Schema) -> str:
    return str(schema.get("$ref") or schema.get("type") or "anything")


def _bounds(where: str, wide: Schema, narrow: Schema) -> Iterator[str]:
    """Bounds that `narrow` has tighter than `wide`."""
    for key in _LOWER:
        if key in narrow and narrow[key] > wide.get(key, float("-inf")):
            yield f"{where}: {key}"
    for key in _UPPER:
        if key in narrow and narrow[key] < wide.get(key, float("inf")):
            yield f"{where}: {key}"


def _values(where: str, old: Schema, new: Schema, *, sent: bool) -> Iterator[str]:
    """Another type or form, or values that may no longer be sent; answers may get new values."""
    if "type" in old and "type" in new and old["type"] != new["type"]:
        yield f"{where}: type"
    if sent and "enum" in new and not set(old.get("enum", ["anything"])) <= set(new["enum"]):
        yield f"{where}: values gone"
    for key in _FIXED:
        if (key in new if sent else key in old) and old.get(key) != new.get(key):
            yield f"{where}: {key}"
