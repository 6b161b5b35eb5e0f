"""Requests to other systems: what hostile URLs, names and answers come to, on real sockets."""

import gzip
from collections.abc import Collection
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from clientbase.kit.addresses import is_open
from clientbase.kit.reach import BadAnswer, Reach, RemoteError, Unreachable, UrlNotAllowed
from clientbase.kit.remote import Remote
from tests.kit.certificates import certified
from tests.kit.hostile import URLS
from tests.kit.serving import Server, http, serving

OUTSIDE = "203.113.0.1"
"""An address of the open internet that no test needs to reach."""


def opened(server: Server, **bounds: Any) -> Remote:
    """A way to a server that the owner has opened."""
    return Remote(Reach(frozenset({f"127.0.0.1:{server.port}"})), **bounds)


async def inside(host: str, port: int) -> Collection[str]:
    """Every name is one of this machine."""
    return ["127.0.0.1"]


async def test_hostile_urls_reach_no_inner_address() -> None:
    """Even where schemes and ports would allow it."""
    assert len(URLS) >= 70
    async with serving(http(b"{}")) as canary:
        reach = Reach(schemes=("http", "https"), ports=(canary.port,))
        async with Remote(reach, connect_seconds=1, seconds=3) as remote:
            for form in URLS:
                with pytest.raises(RemoteError):
                    await remote.ask("GET", form.format(p=canary.port))
        assert canary.connections == 0


@pytest.mark.parametrize(
    "form",
    ["http://example.com/", "https://example.com:5432/", "https://example.com:80/", "https://u:p@example.com/",
     "ftp://example.com/", "https:///", "https://", "example.com", ""],
)  # fmt: skip
def test_urls_that_ask_for_too_much_are_refused_before_anything_is_looked_up(form: str) -> None:
    with pytest.raises(UrlNotAllowed):
        Reach().check(form)


def test_urls_of_the_open_internet_and_of_opened_hosts_may_be_asked() -> None:
    assert Reach().check("https://shop.retailcrm.ru/api/v5").host == "shop.retailcrm.ru"
    assert Reach().check("https://portal.example:8443/rest/1/x/").port == 8443
    reach = Reach(frozenset({"crm.local:8080"}))
    assert reach.check("http://crm.local:8080/").host == "crm.local"
    with pytest.raises(UrlNotAllowed):
        reach.check("http://crm.local:8081/")


async def test_a_name_that_turns_from_an_open_into_an_inner_address_leads_nowhere_inside() -> None:
    """Rebinding: a connection goes to an address of the very look-up that was checked."""
    turns = cycle([[OUTSIDE], ["127.0.0.1"], [OUTSIDE, "127.0.0.1"], ["::1", OUTSIDE], ["10.0.0.1"]])
    asked = []

    async def resolve(host: str, port: int) -> Collection[str]:
        asked.append(host)
        return next(turns)

    async with serving(http(b"{}")) as canary:
        reach = Reach(schemes=("http",), ports=(canary.port,))
        async with Remote(reach, resolve=resolve, connect_seconds=0.05, seconds=5) as remote:
            for _ in range(200):
                with pytest.raises(RemoteError):
                    await remote.ask("GET", f"http://rebinding.example:{canary.port}/")
        assert (canary.connections, len(asked)) == (0, 200)


async def test_a_refusal_is_told_from_a_host_that_cannot_be_reached() -> None:
    reach = Reach(schemes=("http",), ports=(80,))
    async with Remote(reach, resolve=inside) as remote:
        with pytest.raises(UrlNotAllowed, match="not in the open internet"):
            await remote.ask("GET", "http://inner.example/")


async def test_an_opened_host_is_reached_by_its_name_and_port_alone() -> None:
    async with serving(http(b'{"a": 1}', "Content-Type: application/json")) as server:
        reach = Reach(frozenset({f"crm.local:{server.port}"}))
        async with Remote(reach, resolve=inside) as remote:
            answer = await remote.ask("GET", f"http://crm.local:{server.port}/x", params={"q": "я"})
            assert (answer.status, answer.json()) == (200, {"a": 1})
            with pytest.raises(UrlNotAllowed):
                await remote.ask("GET", f"https://other.local:{server.port}/")
        head = server.heads[0].lower()
        assert head.startswith("get /x?q=%d1%8f http/1.1\r\n")
        assert f"\r\nhost: crm.local:{server.port}\r\n" in head
        assert server.connections == 1


async def test_tls_asks_for_the_name_though_the_connection_goes_to_an_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, authority = certified("crm.local", tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    async with serving(http(b"1"), tls=shown) as server:
        reach = Reach(frozenset({f"crm.local:{server.port}", f"other.local:{server.port}"}))
        async with Remote(reach, resolve=inside) as remote:
            assert (await remote.ask("GET", f"https://crm.local:{server.port}/")).json() == 1
            with pytest.raises(Unreachable):
                await remote.ask("GET", f"https://other.local:{server.port}/")
        monkeypatch.delenv("SSL_CERT_FILE")
        async with Remote(reach, resolve=inside) as remote:
            with pytest.raises(Unreachable):
                await remote.ask("GET", f"https://crm.local:{server.port}/")


async def test_an_unknown_host_and_a_closed_port_cannot_be_reached() -> None:
    async with serving() as server:
        port = server.port
    async with Remote(Reach(frozenset({f"127.0.0.1:{port}", f"nosuch.invalid:{port}"}))) as remote:
        for host in ("127.0.0.1", "nosuch.invalid"):
            with pytest.raises(Unreachable, match=host):
                await remote.ask("GET", f"http://{host}:{port}/")


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (http(b"x" * 2001), BadAnswer),
        (http(gzip.compress(b"0" * 10_000_000), "Content-Encoding: gzip"), BadAnswer),
        (http(gzip.compress(b"{}")[:-4], "Content-Encoding: gzip"), BadAnswer),
        (http(gzip.compress(b"{}") * 2, "Content-Encoding: gzip"), BadAnswer),
        (http(b"not packed", "Content-Encoding: gzip"), BadAnswer),
        (http(b"{}", "Content-Encoding: br"), BadAnswer),
        (http(b"{}", length=100), Unreachable),
        (b"no http at all\r\n\r\n", Unreachable),
        (b"", Unreachable),
        (http(b"", "Location: /again", status="302 Found"), BadAnswer),
        (http(b"", "Location: http://127.0.0.1:1/", status="302 Found"), UrlNotAllowed),
        (http(b"", "Location: https://example.com/", status="301 Moved"), BadAnswer),
        (http(b"", "Location: file:///etc/passwd", status="307 Moved"), UrlNotAllowed),
    ],
    ids=[
        "too-large", "bomb", "packed-and-cut", "packed-twice", "not-packed", "packed-otherwise", "cut",
        "no-http", "nothing", "circle", "to-an-inner-port", "to-another-host", "to-a-file",
    ],
)  # fmt: skip
async def test_bad_answers_are_clear_failures(reply: bytes, error: type[RemoteError]) -> None:
    async with serving(reply) as server, opened(server, most_bytes=2000) as remote:
        with pytest.raises(error):
            await remote.ask("GET", server.url())


async def test_what_is_packed_is_inflated_and_what_is_no_json_is_said() -> None:
    said = ("Content-Encoding: gzip", "Content-Type: text/html; charset=utf-8")
    packed = http(gzip.compress(b"<html>"), *said)
    async with serving(packed) as server, opened(server) as remote:
        answer = await remote.ask("GET", server.url())
        assert answer.body == b"<html>"
        with pytest.raises(BadAnswer, match="text/html"):
            answer.json()


async def test_a_redirect_inside_the_host_is_followed_with_its_headers() -> None:
    def reply(head: str) -> bytes:
        is_start = head.split()[1] == "/start"
        return http(b"", "Location: /end", status="302 Found") if is_start else http(b'"there"')

    async with serving(reply) as server, opened(server) as remote:
        answer = await remote.ask("GET", server.url("/start"), headers={"X-Api-Key": "k"})
        assert answer.json() == "there"
        assert ["x-api-key: k" in head.lower() for head in server.heads] == [True, True]
        with pytest.raises(BadAnswer):
            await remote.ask("POST", server.url("/start"), json={})
        assert [head.split()[0] for head in server.heads] == ["GET", "GET", "POST"]


async def test_an_answer_that_never_ends_is_given_up() -> None:
    endless = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"
    async with serving(endless, hangs=True) as server, opened(server, seconds=0.3) as remote:
        with pytest.raises(Unreachable):
            await remote.ask("GET", server.url())


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(http(b"1")) as server, serving(http(b"2")) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        async with opened(server) as remote:
            assert (await remote.ask("GET", server.url())).json() == 1
        assert proxy.connections == 0


async def test_nothing_of_a_request_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """Neither to logs, with the settings of the service, nor in errors."""
    caplog.set_level("DEBUG")
    async with serving(http(b"{}")) as server, opened(server) as remote:
        headers = {"X-Key": "secret-c"}
        await remote.ask("POST", server.url("/secret-a/"), json={"p": "secret-b"}, headers=headers)
        with pytest.raises(RemoteError) as refused:
            await remote.ask("GET", "https://user:secret-d@example.com/secret-e")
    assert "secret" not in caplog.text + str(refused.value)


@pytest.mark.parametrize("address", ["8.8.8.8", OUTSIDE, "2a00:1450:4010:c0e::71", "2606:4700::1111"])
def test_addresses_of_the_open_internet(address: str) -> None:
    assert is_open(address)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "0.0.0.0", "10.1.2.3", "172.31.0.1", "192.168.1.1", "169.254.169.254", "100.127.255.255",
     "192.0.0.8", "192.0.2.1", "192.88.99.1", "198.19.0.1", "224.0.0.251", "240.0.0.1", "255.255.255.255",
     "::", "::1", "::ffff:8.8.8.8", "::8.8.8.8", "64:ff9b::808:808", "64:ff9b:1::1", "100::1", "2001::1",
     "2001:2::1", "2001:10::1", "2001:db8::1", "2002:808:808::1", "3fff::1", "5f00::1", "fc00::1", "fd12::1",
     "fe80::1", "fec0::1", "ff02::1", "2a00:1450::1%eth0"],
)  # fmt: skip
def test_addresses_that_are_not(address: str) -> None:
    """Also other forms of open ones: whatever translates them may lead inside."""
    assert not is_open(address)
