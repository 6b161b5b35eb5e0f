"""HTTP: the table of routers, one file per resource."""

from fastapi import APIRouter

from clientbase.api import (
    account,
    action_types,
    actions,
    clients,
    consents,
    exports,
    filter_fields,
    imports,
    order_statuses,
    orders,
    params,
    product_groups,
    products,
    runs,
    search,
    segment_members,
    segments,
    tags,
    timeline,
)

PREFIX = "/api/v1"

ROUTERS: tuple[APIRouter, ...] = (
    account.router.routes,
    tags.router.routes,
    params.router.routes,
    runs.router.routes,
    search.router.routes,
    segments.router.routes,
    segment_members.router.routes,
    clients.router.routes,
    consents.router.routes,
    filter_fields.router.routes,
    orders.router.routes,
    order_statuses.router.routes,
    products.router.routes,
    product_groups.router.routes,
    action_types.router.routes,
    actions.router.routes,
    timeline.router.routes,
    imports.router.routes,
    exports.router.routes,
)
