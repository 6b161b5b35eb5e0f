"""Where requests to other systems may go: the open internet, and inner hosts that the owner has opened."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass

import httpcore
import httpx

from clientbase.kit.addresses import is_open

PORTS = (443, 8443)
Resolve = Callable[[str, int], Awaitable[Collection[str]]]
"""The addresses of a host. Raises OSError."""


class RemoteError(Exception):
    """A request that brought no answer; the message tells no part of the URL but the host."""

    code = "REMOTE_FAILED"


class UrlNotAllowed(RemoteError):
    """The URL leads where users may not send the service: scheme, port, host or address."""

    code = "URL_NOT_ALLOWED"


class Unreachable(RemoteError):
    """No such host, no connection, a broken one, or no answer in time."""

    code = "REMOTE_UNREACHABLE"


class BadAnswer(RemoteError):
    """An answer that is too large, broken, not of the promised form, or sends elsewhere."""

    code = "REMOTE_BAD_ANSWER"


@dataclass(frozen=True)
class Reach:
    """Where requests may go: the open internet over HTTPS, and the inner hosts that the owner has opened."""

    opened: frozenset[str] = frozenset()
    """Inner hosts as `host:port`: these may be private, and plain HTTP."""
    schemes: Collection[str] = ("https",)
    ports: Collection[int] = PORTS

    def check(self, url: str) -> httpx.URL:
        """A URL that may be asked, as far as it tells by itself. Raises UrlNotAllowed."""
        try:
            parsed = httpx.URL(url)
        except (httpx.InvalidURL, ValueError, UnicodeError):
            raise UrlNotAllowed("The URL cannot be read.") from None
        if not parsed.host or parsed.userinfo:
            raise UrlNotAllowed("The URL has to name a host, and no user.")
        if self.is_opened(parsed.host, port_of(parsed)) and parsed.scheme in ("http", "https"):
            return parsed
        if parsed.scheme not in self.schemes:
            raise UrlNotAllowed(f"Only {' and '.join(self.schemes)} URLs may be asked.")
        if port_of(parsed) not in self.ports:
            raise UrlNotAllowed(f"Only the ports {', '.join(map(str, self.ports))} may be asked.")
        return parsed

    def is_opened(self, host: str, port: int) -> bool:
        """Whether the owner has opened an inner host."""
        return f"{host}:{port}" in self.opened


class _Refused(httpcore.ConnectError):
    """A host with an address that may not be asked; by its class, since the pool cuts causes off."""


class Network(httpcore.AsyncNetworkBackend):
    """Makes connections to addresses that have been checked; TLS goes on to ask for the name of the host."""

    def __init__(self, reach: Reach, resolve: Resolve) -> None:
        self._reach = reach
        self._resolve = resolve
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the host. Raises httpcore.ConnectError; `refusal` tells whether it was refused."""
        try:
            addresses = sorted(await self._resolve(host, port), key=lambda address: ":" in address)
        except (OSError, UnicodeError):  # a name may be none that can be encoded
            raise httpcore.ConnectError("There is no such host.") from None
        if not addresses:
            raise httpcore.ConnectError("There is no such host.")
        if not self._reach.is_opened(host, port) and not all(map(is_open, addresses)):
            raise _Refused(f"{host} is not in the open internet.")
        for address in addresses[:-1]:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except httpcore.ConnectError:
                continue
        return await self._inner.connect_tcp(addresses[-1], port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        """Between tries."""
        await asyncio.sleep(seconds)


async def look_up(host: str, port: int) -> Collection[str]:
    """As the system resolves it: odd spellings of numbers (`0x7f.1`) become the addresses that they mean."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return {str(address[0]) for *_, address in found}


def port_of(url: httpx.URL) -> int:
    return url.port or {"http": 80, "https": 443}.get(url.scheme, 0)


def refusal(error: BaseException) -> UrlNotAllowed | None:
    """The refusal that lies at the bottom of an error."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, _Refused):
            return UrlNotAllowed(str(cause))
        cause = cause.__cause__
    return None
