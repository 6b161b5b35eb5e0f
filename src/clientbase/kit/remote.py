"""The one door for requests to other systems: URLs that users give never reach inner addresses.

A host is resolved where the connection is made, every address that it has is checked, and the connection goes
to one of those that were: between the check and the connection nothing is resolved again. No proxies of the
environment, no redirects to another host, bounds of time and size; nothing of a request is logged, since
addresses and headers hold secrets.
"""

import asyncio
import ssl
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any
from urllib.parse import urljoin

import httpcore
import httpx
import orjson

from clientbase.kit.reach import (
    BadAnswer,
    Network,
    Reach,
    Resolve,
    Unreachable,
    look_up,
    port_of,
    refusal,
)

MOST_BYTES = 10 * 1024**2
"""Of an inflated body."""
SECONDS = 15.0
"""From the first byte sent to the last one received."""
MOST_REDIRECTS = 3
Params = Mapping[str, str | int] | list[tuple[str, str | int | float | bool | None]] | None
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "clientbase"}
_GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True)
class Answer:
    """A whole answer, inflated."""

    status: int
    headers: httpx.Headers
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """The body as JSON. Raises BadAnswer."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            kind = self.headers.get("content-type", "no type").split(";")[0][:60]
            raise BadAnswer(f"The answer is no JSON but {kind}.") from None


class Remote:
    """Asks other systems; connections are kept for as long as it is entered."""

    def __init__(
        self,
        reach: Reach,
        *,
        resolve: Resolve = look_up,
        seconds: float = SECONDS,
        connect_seconds: float = 5.0,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self.reach = reach
        self._seconds = seconds
        self._most_bytes = most_bytes
        self._timeout = httpx.Timeout(seconds, connect=connect_seconds).as_dict()
        # Not a client around it: that would carry cookies from one account's requests into another's.
        self._transport = _Transport(Network(reach, resolve))

    async def __aenter__(self) -> "Remote":
        await self._transport.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.__aexit__(kind, error, trace)

    async def ask(
        self,
        method: str,
        url: str,
        *,
        params: Params = None,
        headers: Mapping[str, str] | None = None,
        json: Any | None = None,
        data: Mapping[str, Any] | None = None,
        most_bytes: int | None = None,
    ) -> Answer:
        """One request and its whole answer, whatever its status.

        Raises UrlNotAllowed, Unreachable, BadAnswer.
        """
        content = None if json is None else orjson.dumps(json)
        given = _HEADERS | dict(headers or {})
        if content is not None:
            given["Content-Type"] = "application/json"
        asked = httpx.Request(
            method,
            self.reach.check(url),
            params=params,
            headers=given,
            content=content,
            data=data,
            extensions={"timeout": self._timeout},
        )
        try:
            async with asyncio.timeout(self._seconds):
                return await self._answer(asked, most_bytes or self._most_bytes)
        except TimeoutError:
            raise Unreachable(f"{asked.url.host} did not answer within {self._seconds:g} s.") from None

    async def _answer(self, request: httpx.Request, most_bytes: int) -> Answer:
        for _ in range(MOST_REDIRECTS + 1):
            async with self._sent(request) as response:
                if not response.has_redirect_location:
                    return Answer(response.status_code, response.headers, await _body(response, most_bytes))
                request = self._followed(request, response)
        raise BadAnswer(f"{request.url.host} sends from one place to the next.")

    @asynccontextmanager
    async def _sent(self, request: httpx.Request) -> AsyncIterator[httpx.Response]:
        try:
            response = await self._transport.handle_async_request(request)
            try:
                yield response
            finally:
                await response.aclose()
        except httpx.TimeoutException:
            raise Unreachable(f"{request.url.host} did not answer in time.") from None
        except httpx.TransportError as error:
            refused = refusal(error)
            raise refused or Unreachable(f"{request.url.host} cannot be reached.") from None

    def _followed(self, request: httpx.Request, response: httpx.Response) -> httpx.Request:
        """Only a safe request, only to the same scheme, host and port: credentials go with it."""
        target = self.reach.check(urljoin(str(request.url), response.headers["location"]))
        there, here = (target.scheme, target.host, port_of(target)), request.url
        if there != (here.scheme, here.host, port_of(here)) or request.method not in ("GET", "HEAD"):
            raise BadAnswer(f"{here.host} sends to another place.")
        return httpx.Request(
            request.method, target, headers=request.headers, extensions=dict(request.extensions)
        )


async def _body(response: httpx.Response, most_bytes: int) -> bytes:
    """The inflated body: no more is ever inflated than may be kept. Raises BadAnswer."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip"):
        raise BadAnswer("The answer is packed in a way that was not asked for.")
    body = bytearray()
    inflating = None if encoding == "identity" else zlib.decompressobj(_GZIP)
    async for part in response.aiter_raw():
        body += part if inflating is None else _inflated(inflating, part, most_bytes + 1 - len(body))
        if len(body) > most_bytes:
            raise BadAnswer(f"The answer is larger than {most_bytes} bytes.")
    if inflating is not None and not (inflating.eof and not inflating.unused_data):
        raise BadAnswer("The answer is packed and broken.")
    return bytes(body)


def _inflated(inflating: "zlib._Decompress", part: bytes, at_most: int) -> bytes:
    try:
        return inflating.decompress(part, at_most)
    except zlib.error:
        raise BadAnswer("The answer is packed and broken.") from None


class _Transport(httpx.AsyncHTTPTransport):
    """httpx over connections that are made by a network backend of ours; it has no argument for one
    (https://github.com/encode/httpx/discussions/2801)."""

    def __init__(self, network: httpcore.AsyncNetworkBackend) -> None:
        super().__init__(trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(), network_backend=network, max_connections=20
        )
