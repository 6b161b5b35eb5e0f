"""Servers of raw HTTP on inner addresses: they say what a test wants, right or wrong, and count who comes."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

Reply = Callable[[str], bytes] | bytes
"""What is sent to whoever comes, or what is made of the head of the request."""


@dataclass
class Server:
    """Where it listens, and what it has heard."""

    port: int = 0
    connections: int = 0
    heads: list[str] = field(default_factory=list)

    def url(self, path: str = "/") -> str:
        """Of a place on it."""
        return f"http://127.0.0.1:{self.port}{path}"


@asynccontextmanager
async def serving(
    reply: Reply = b"", *, hangs: bool = False, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Server]:
    """A server that answers and closes; with `hangs` it leaves the connection open."""
    server = Server()
    talks: list[asyncio.Task[None]] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            server.heads.append(head)
            writer.write(reply if isinstance(reply, bytes) else reply(head))
            if hangs:
                await reader.read()
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        talks.append(asyncio.create_task(talk(reader, writer)))

    listening = await asyncio.start_server(greet, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    yield server
    listening.close()
    for one in talks:
        one.cancel()
    await asyncio.gather(*talks, return_exceptions=True)


def http(body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    """A whole answer, of which the length may be wrong."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body
