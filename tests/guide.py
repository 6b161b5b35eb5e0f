"""The examples of `openapi/guide.md`: blocks of curl with what they must answer, and filters."""

import json
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

GUIDE = Path(__file__).parent.parent / "openapi" / "guide.md"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CAPTURE = re.compile(r"(\w+)=\$\((curl .*) \| jq -r \.(\w+)\)", re.DOTALL)
_QUOTED = re.compile(r"\$'((?:[^'\\]|\\.)*)'")
_VARIABLE = re.compile(r"\$(\w+)")
_ESCAPES = {r"\n": "\n", r"\t": "\t", r"\'": "'"}


@dataclass(frozen=True)
class Request:
    """One curl: what is sent, the status that it must get, and the name for a part of its answer."""

    method: str
    url: str
    headers: dict[str, str]
    body: str | None
    status: int | None
    capture: tuple[str, str] | None = None


@dataclass
class Step:
    """The requests of one block, and what the last answer must hold."""

    requests: list[Request]
    expected: Any = None
    line: int = 0


@dataclass
class Examples:
    """All that can be run of a guide, in its order."""

    steps: list[Step] = field(default_factory=list)
    filters: list[tuple[int, dict[str, Any]]] = field(default_factory=list)


def read_examples(text: str) -> Examples:
    """The examples of a guide in Markdown."""
    examples = Examples()
    for block in _BLOCK.finditer(text):
        language, content = block.groups()
        line = text.count("\n", 0, block.start()) + 1
        if language == "bash":
            examples.steps.append(Step(read_requests(content), line=line))
        elif "version" in (value := json.loads(content)):
            examples.filters.append((line, value))
        else:
            assert examples.steps[-1].expected is None, f"line {line}: two answers of one block"
            examples.steps[-1].expected = value
    return examples


def read_requests(content: str) -> list[Request]:
    """The curls of a block; a comment with a number after one is its status."""
    requests: list[Request] = []
    for command in re.split(r"\n(?=curl |\w+=\$\(curl |# \d)", content.strip()):
        if status := re.fullmatch(r"# (\d{3})", command):
            requests[-1] = Request(**{**vars(requests[-1]), "status": int(status[1])})
        else:
            requests.append(_request(command))
    return requests


def _request(command: str) -> Request:
    capture = _CAPTURE.fullmatch(command)
    plain = _QUOTED.sub(lambda found: shlex.quote(_unescaped(found[1])), capture[2] if capture else command)
    words = iter(shlex.split(plain.replace("\\\n", " "))[1:])
    method, url, headers, data, in_query = None, "", {}, [], False
    for word in words:
        if word == "-G":
            in_query = True
        elif word == "-X":
            method = next(words)
        elif word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word in _DATA:
            data.append(_DATA[word](next(words)))
        else:
            assert not word.startswith("-"), f"an option that the tests do not know: {word}"
            url = word
    assert url.isascii(), "curl sends an address as it is"
    body = None if in_query or not data else "&".join(data)
    if in_query:
        url += "?" + "&".join(data)
    named = (capture[1], capture[3]) if capture else None
    return Request(method or ("GET" if body is None else "POST"), url, headers, body, None, named)


def _encoded(text: str) -> str:
    name, _, value = text.partition("=")
    return f"{name}={quote(value, safe='')}"


_DATA: dict[str, Callable[[str], str]] = {"-d": str, "--data-binary": str, "--data-urlencode": _encoded}


def _unescaped(text: str) -> str:
    for written, meant in _ESCAPES.items():
        text = text.replace(written, meant)
    return text


def filled(text: str, variables: dict[str, str]) -> str:
    """The text with `$NAME` replaced; KeyError for a name that is not known."""
    return _VARIABLE.sub(lambda found: variables[found[1]], text)


def holds(answer: Any, expected: Any) -> bool:
    """Whether an answer has all that is expected: keys that are named, the first elements of lists."""
    if isinstance(expected, dict):
        return isinstance(answer, dict) and all(
            key in answer and holds(answer[key], value) for key, value in expected.items()
        )
    if isinstance(expected, list):
        return len(answer) >= len(expected) and all(map(holds, answer, expected))
    return bool(answer == expected)
