"""Answers written from rows at once: JSON without going through a model, and links to the next page."""

from typing import Any

import orjson
from fastapi import Request, Response
from starlette.datastructures import URL

from clientbase.search.service import Answer

_OPTIONS = orjson.OPT_UTC_Z


def json_response(body: Any, headers: dict[str, str] | None = None, *, status: int = 200) -> Response:
    """Rows as JSON; times in UTC with a Z."""
    return Response(orjson.dumps(body, option=_OPTIONS), status, headers, media_type="application/json")


def clients_page(answer: Answer, request: Request | None = None) -> Response:
    """A page of clients; for a GET with the link to the next one."""
    body = {
        "items": answer.items,
        "next_cursor": answer.next_cursor,
        "total": answer.total.model_dump() if answer.total else None,
        "as_of": answer.as_of,
    }
    return json_response(body, next_link(request, answer.next_cursor) if request else None)


def next_link(request: Request, cursor: str | None) -> dict[str, str]:
    """The header `Link: <…>; rel="next"`, if there is a next page."""
    if cursor is None:
        return {}
    url: URL = request.url.include_query_params(cursor=cursor)
    return {"Link": f'<{url.path}?{url.query}>; rel="next"'}
