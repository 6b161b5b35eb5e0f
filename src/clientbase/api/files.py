"""Files as answers: streamed from disk, named for people."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from fastapi import Response
from fastapi.responses import FileResponse, StreamingResponse

_BLOCK = 1 << 18


def download(path: Path, *, name: str, content_type: str) -> Response:
    """A whole file; parts of it can be asked for by `Range`."""
    headers = {"Content-Disposition": _disposition(name)}
    return FileResponse(path, media_type=content_type, headers=headers)


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
