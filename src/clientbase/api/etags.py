"""Strong ETags of single resources, and If-Match."""

import hashlib
from typing import Annotated

from fastapi import Header

from clientbase.kit.errors import PreconditionMissing, Stale
from clientbase.kit.schema import Shape


def etag(*parts: object) -> str:
    """A strong ETag of a revision or a time of change."""
    return '"' + "-".join(str(part) for part in parts).replace('"', "") + '"'


def of(answer: Shape) -> str:
    """A strong ETag of what is answered, for a resource that keeps no revision."""
    return etag(hashlib.sha256(answer.model_dump_json().encode()).hexdigest()[:32])


IfMatch = Annotated[
    str | None, Header(alias="If-Match", max_length=255, description="The ETag that was read")
]


def check(if_match: str | None, current: str | None, *, required: bool = False) -> None:
    """Compare with the ETag that is current; None: there is no such resource (any more).

    Raises PreconditionMissing without a needed header, Stale when the resource has changed since.
    """
    if if_match is None:
        if required:
            raise PreconditionMissing("IF_MATCH_MISSING", "Send If-Match with the ETag that you read.")
        return
    if if_match.strip() == "*":
        return
    if current not in [tag.strip() for tag in if_match.split(",")]:
        raise Stale("STALE", "It has changed since it was read; read it again.")
