"""The documentation page: whole, without anything from elsewhere, escaped."""

import hashlib
import re
from base64 import b64encode
from html.parser import HTMLParser

import httpx
import pytest

from tests.test_openapi import DESCRIPTION, SCHEMAS, operations


class Page(HTMLParser):
    """What a page links to, has, and loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.open: list[str] = []
        self.elements: set[str] = set()
        self.feed(text)

    def handle_starttag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        self.elements.add(name)
        if name != "meta":
            self.open.append(name)
        if "id" in values:
            assert values["id"] not in self.ids
            self.ids.add(str(values["id"]))
        if "href" in values:
            self.links.add(str(values["href"]))
        assert not values.keys() & {"src", "style", "onclick", "onload"}

    def handle_endtag(self, name: str) -> None:
        assert self.open.pop() == name


@pytest.fixture
async def answer(anonymous: httpx.AsyncClient) -> httpx.Response:
    return await anonymous.get("/docs")


async def test_the_page_shows_every_operation_and_schema(answer: httpx.Response) -> None:
    page = Page(answer.text)
    assert page.open == []
    assert {operation["operationId"] for _, _, operation in operations()} <= page.ids
    assert {f"schema-{name}" for name in SCHEMAS} <= page.ids
    for path in DESCRIPTION["paths"]:
        assert f"<code>{path}</code>" in answer.text


async def test_every_link_leads_within_the_service(
    answer: httpx.Response, anonymous: httpx.AsyncClient
) -> None:
    page = Page(answer.text)
    inside = {link[1:] for link in page.links if link.startswith("#")}
    assert inside <= page.ids
    assert {link for link in page.links if not link.startswith("#")} == {"/openapi.json"}
    assert (await anonymous.get("/openapi.json")).json() == DESCRIPTION


async def test_the_page_loads_nothing_and_its_policy_lets_it(answer: httpx.Response) -> None:
    assert not Page(answer.text).elements & {"script", "link", "img", "iframe", "form"}
    style = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    assert style is not None
    digest = b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = answer.headers["content-security-policy"]
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")
    assert "unsafe" not in policy
