"""Files as bodies of requests: on disk before the handler runs, gone after it unless it keeps them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, Request
from starlette.requests import ClientDisconnect

from clientbase.config import settings
from clientbase.kit import files
from clientbase.kit.errors import Malformed, TooLarge, UnsupportedMedia
from clientbase.kit.files import Received

MEDIA_TYPE = "text/csv"


@asynccontextmanager
async def received(request: Request) -> AsyncIterator[bytes]:
    """Take the file in; what is yielded is its digest, which stands for the body.

    Raises UnsupportedMedia, TooLarge, Malformed.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != MEDIA_TYPE:
        raise UnsupportedMedia("UNSUPPORTED_MEDIA_TYPE", f"Send the file itself as {MEDIA_TYPE}.")
    bound = settings().max_upload_bytes
    stated = request.headers.get("content-length", "")
    if stated.isdigit() and int(stated) > bound:
        raise TooLarge("FILE_TOO_LARGE", f"The file is larger than {bound} bytes.")
    try:
        file = await files.receive(request.stream(), bound=bound)
    except ClientDisconnect:
        raise Malformed("UPLOAD_ABORTED", "The upload ended before its end.") from None
    try:
        request.state.upload = file
        yield bytes.fromhex(file.sha256)
    finally:
        files.discard(file.path)


def _upload(request: Request) -> Received:
    file: Received = request.state.upload
    return file


Upload = Annotated[Received, Depends(_upload)]
"""The file that came as the body: in the work folder until the handler keeps it."""
