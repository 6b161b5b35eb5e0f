"""The curl commands of the documents, run without curl: a fenced `bash` block is a command or several."""

import os
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

import httpx

_BLOCK = re.compile(r"^```bash\n(.*?)^```", re.MULTILINE | re.DOTALL)
_VALUED = {"-X", "-H", "-d", "--data", "--data-binary", "-o"}


@dataclass
class Request:
    """One curl command."""

    url: str = ""
    method: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    data: str | None = None

    def send(self, client: httpx.Client) -> httpx.Response:
        """The answer to it."""
        method = self.method or ("POST" if self.data is not None else "GET")
        content = self.data.encode() if self.data is not None else None
        return client.request(method, self.url, headers=self.headers, content=content)


def commands(document: Path, **variables: str) -> list[Request]:
    """Every curl command of a Markdown file, its `$VARIABLES` filled in."""
    found = []
    for block in _BLOCK.findall(document.read_text()):
        text = Template(block.replace("\\\n", " ")).safe_substitute(os.environ | variables)
        lines = text.splitlines()
        found += [parse(words) for words in _statements(lines) if words and words[0] == "curl"]
    return found


def _statements(lines: list[str]) -> list[list[str]]:
    """Words of each command; a quoted body may run over several lines."""
    found: list[list[str]] = []
    pending = ""
    for line in lines:
        pending = f"{pending}\n{line}" if pending else line
        try:
            words = shlex.split(pending, comments=True)
        except ValueError:
            continue
        pending = ""
        found.append(words[: words.index("|")] if "|" in words else words)
    return found


def parse(words: list[str]) -> Request:
    """The request that a curl command makes."""
    request = Request()
    rest = iter(words[1:])
    for word in rest:
        value = next(rest) if word in _VALUED else ""
        if word == "-X":
            request.method = value
        elif word == "-H":
            name, _, content = value.partition(":")
            request.headers.append((name.strip(), content.strip()))
        elif word in ("-d", "--data", "--data-binary"):
            request.data = Path(value[1:]).read_text() if value.startswith("@") else value
        elif not word.startswith("-"):
            request.url = word
    return request
