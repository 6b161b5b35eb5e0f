"""Strong ETags of single resources, and If-Match."""

from typing import Annotated

from fastapi import Header

from clientbase.kit.errors import PreconditionMissing, Stale


def etag(*parts: object) -> str:
    """A strong ETag of a revision or a time of change."""
    return '"' + "-".join(str(part) for part in parts).replace('"', "") + '"'


IfMatch = Annotated[
    str | None, Header(alias="If-Match", max_length=255, description="The ETag that was read")
]


def check(if_match: str | None, current: str, *, required: bool = False) -> None:
    """Raises PreconditionMissing without a needed header, Stale when the resource has changed since."""
    if if_match is None:
        if required:
            raise PreconditionMissing("IF_MATCH_MISSING", "Send If-Match with the ETag that you read.")
        return
    if if_match.strip() == "*":
        return
    if current not in [tag.strip() for tag in if_match.split(",")]:
        raise Stale("STALE", "It has changed since it was read; read it again.")
