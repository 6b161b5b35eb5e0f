"""Talking to a source over HTTP: at its pace, again after overload, with its errors told apart."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import stamina
from aiolimiter import AsyncLimiter

from clientbase.crm.base import (
    BadCredentials,
    Overloaded,
    SourceAnswer,
    SourceError,
    SourceUnreachable,
)
from clientbase.kit.reach import BadAnswer, Unreachable, UrlNotAllowed
from clientbase.kit.remote import Answer, Params, Remote

LONGEST_WAIT = 60.0
"""Seconds: whoever is asked to wait longer comes back later instead."""


@dataclass(frozen=True)
class Manners:
    """How a source wants to be asked."""

    requests: float
    """So many at once, and no more than that …"""
    seconds: float
    """… in so much time."""
    attempts: int = 5
    first_wait: float = 1.0


class Talk:
    """Requests to one source; `explain` raises what an answer of its own kind means."""

    def __init__(
        self,
        remote: Remote,
        base_url: str,
        manners: Manners,
        *,
        headers: Mapping[str, str],
        explain: Callable[[Answer], None],
    ) -> None:
        self._remote = remote
        self._base_url = base_url.rstrip("/")
        self._manners = manners
        self._limiter = AsyncLimiter(manners.requests, manners.seconds)
        self._headers = headers
        self._explain = explain

    async def get(self, path: str, params: Params = None) -> Any:
        """The JSON of an answer. Raises SourceError."""
        async for attempt in stamina.retry_context(
            on=_wait_before_next,
            attempts=self._manners.attempts,
            timeout=LONGEST_WAIT,
            wait_initial=self._manners.first_wait,
            wait_jitter=self._manners.first_wait,
        ):
            with attempt:
                return await self._ask("GET", path, params)
        raise AssertionError("the last attempt returns or raises")

    async def _ask(self, method: str, path: str, params: Params) -> Any:
        async with self._limiter:
            try:
                answer = await self._remote.ask(
                    method, f"{self._base_url}/{path}", params=params, headers=self._headers
                )
            except Unreachable as error:
                raise SourceUnreachable(str(error)) from None
            except (BadAnswer, UrlNotAllowed) as error:
                raise SourceAnswer(str(error)) from None
        _look(answer)
        self._explain(answer)
        try:
            return answer.json()
        except BadAnswer as error:
            raise SourceAnswer(str(error)) from None


def _look(answer: Answer) -> None:
    """What the status means of any source."""
    if answer.status in (429, 503):
        raise Overloaded("The source takes no more requests for now.", _retry_after(answer))
    if answer.status >= 500:
        raise SourceUnreachable(f"The source answers with status {answer.status}.")
    if answer.status == 401:
        raise BadCredentials("The source does not know the key.")


def _retry_after(answer: Answer) -> float | None:
    """Seconds, from seconds or from a date (RFC 9110, 10.2.3)."""
    said = answer.headers.get("retry-after", "").strip()
    if said.isdigit():
        return float(said)
    try:
        return max(0.0, (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def _wait_before_next(error: Exception) -> bool | float:
    """Whether it is worth another try, and how long to wait when the source has said so."""
    if isinstance(error, Overloaded) and error.retry_after is not None:
        return error.retry_after if error.retry_after <= LONGEST_WAIT else False
    return isinstance(error, SourceError) and error.is_passing
