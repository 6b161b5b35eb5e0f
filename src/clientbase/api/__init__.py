"""HTTP: the table of routers, one file per resource."""

from fastapi import APIRouter

from clientbase.api import account, filter_fields, params, runs, search, tags

PREFIX = "/api/v1"

ROUTERS: tuple[APIRouter, ...] = (
    account.router.routes,
    tags.router.routes,
    params.router.routes,
    runs.router.routes,
    search.router.routes,
    filter_fields.router.routes,
)
