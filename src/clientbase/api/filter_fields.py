"""Routes of the filter language: what can be asked, and a filter in words."""

from typing import Any

from fastapi import Response

from clientbase.accounts.scopes import Scope
from clientbase.api.deps import Caller, Language, Read
from clientbase.api.route import ApiRouter
from clientbase.api.rows import json_response
from clientbase.filters import LIMITS, catalogue_rows, describe
from clientbase.search import catalogue as catalogues
from clientbase.search.catalogue_schema import FilterCatalogue
from clientbase.search.schemas import FilterDescription, FilterIn
from clientbase.search.understood import understand

router = ApiRouter(tag="filters")


@router.get(
    "/filter-fields",
    scope=Scope.CLIENTS_READ,
    headers=("Content-Language",),
    response_model=FilterCatalogue,
)
async def list_filter_fields(caller: Caller, session: Read, language: Language) -> Response:
    """Every field and action that filters of this account may name, with labels, operators and limits."""
    catalogue = await catalogues.load(session, account=caller.account)
    body: dict[str, Any] = {"items": catalogue_rows(catalogue, language), "limits": dict(LIMITS)}
    return json_response(body, {"Content-Language": language})


@router.post("/filter-descriptions", scope=Scope.CLIENTS_READ, reads=True)
async def describe_filter(
    caller: Caller, session: Read, language: Language, request: FilterIn
) -> FilterDescription:
    """A filter as a sentence in Russian or English."""
    catalogue = await catalogues.load(session, account=caller.account)
    understood = await understand(request.filter, catalogue, personal=caller.may(Scope.CLIENTS_PERSONAL))
    return FilterDescription(text=describe(understood.checked, language), locale=language)
