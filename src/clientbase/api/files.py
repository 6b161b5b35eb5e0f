"""Files as answers: streamed from disk, named for people."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from fastapi import HTTPException, Response
from fastapi.responses import FileResponse, StreamingResponse
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

_BLOCK = 1 << 18
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


def download(path: Path, *, name: str, content_type: str) -> Response:
    """A whole file; a part of it can be asked for by `Range`. Raises HTTPException 416 while it is sent."""
    headers = {"Content-Disposition": _disposition(name)}
    return _Download(path, media_type=content_type, headers=headers, stat_result=path.stat())


class _Download(FileResponse):
    """Takes one range; as RFC 9110 allows, what is no such range is as if it were not there."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.stat_result is not None
        if not _is_range(Headers(scope=scope).get("range", ""), self.stat_result.st_size):
            kept = [(name, value) for name, value in scope["headers"] if name != b"range"]
            scope = {**scope, "headers": kept}
        await super().__call__(scope, receive, send)


def _is_range(header: str, size: int) -> bool:
    """Whether it is one range of a file. Raises HTTPException for one that begins behind its end."""
    found = _RANGE.fullmatch(header.strip())
    if not found or not any(found.groups()):
        return False
    first, last = found.groups()
    if first and last and int(last) < int(first):
        return False
    if int(first or 0) >= size or (not first and int(last) == 0):
        raise HTTPException(416, headers={"Content-Range": f"bytes */{size}"})
    return True


def download_part(path: Path, size: int, *, name: str, content_type: str) -> Response:
    """The first `size` bytes of a file that may be growing."""
    headers = {"Content-Disposition": _disposition(name), "Content-Length": str(size)}
    return StreamingResponse(_blocks(path, size), media_type=content_type, headers=headers)


def _blocks(path: Path, size: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        while size > 0 and (block := file.read(min(_BLOCK, size))):
            size -= len(block)
            yield block


def _disposition(name: str) -> str:
    """RFC 6266: the name in UTF-8, and one in ASCII for clients that know no other."""
    plain = "".join(char if (char.isascii() and char.isalnum()) or char in "-_." else "_" for char in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
