"""A look at a filter before it is saved: how many, a first page, and how many can be reached."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from typing import Any

from pyroaring import BitMap64

from clientbase.accounts.schemas import AccountInfo
from clientbase.clients.view import choose_fields, read_clients
from clientbase.filters import Catalogue, Plan, check, plan
from clientbase.filters.tree import VERSION
from clientbase.kit import clock
from clientbase.kit.db import AnySession
from clientbase.kit.errors import Conflict, not_found
from clientbase.kit.paging import PageRequest, binding
from clientbase.search import catalogue as catalogues
from clientbase.search.evaluator import Evaluation, Evaluator
from clientbase.search.pages import page_of
from clientbase.search.service import readable_sorting
from clientbase.search.understood import understand
from clientbase.segments.guard import are_too_many
from clientbase.segments.pin_repository import PinRepository
from clientbase.segments.repository import SegmentRepository
from clientbase.segments.schemas import EditPreviewIn, PreviewIn
from clientbase.segments.storage import exact

_CHANNELS: dict[str, tuple[str, str]] = {
    "email": ("email", "not_empty"),
    "phone": ("phone", "not_empty"),
    "marketing_consent": ("consent_marketing", "is_true"),
}
"""What a client needs to be reached, as leaves of the filter language."""


@dataclass(frozen=True)
class Preview:
    """The clients of a filter: how many, a sample, and how many can be reached (None: not to be told)."""

    found: Evaluation
    sample: list[dict[str, Any]]
    reachable: dict[str, int] | None


@dataclass(frozen=True)
class EditPreview:
    """Who would be entering, leaving and staying: how many of each, and some."""

    counts: dict[str, int]
    samples: dict[str, list[dict[str, Any]]]
    needs_review: bool
    """Whether the guard would stop it."""
    as_of: datetime


async def preview(
    session: AnySession, *, account: AccountInfo, request: PreviewIn, personal: bool
) -> Preview:
    """Evaluate a filter without saving it; the session reads one snapshot. Raises as a search.

    Who may not read personal data is not told how many have a phone or an e-mail.
    """
    catalogue = await catalogues.load(session, account=account)
    understood = await understand(request.filter, catalogue, personal=personal)
    fields = choose_fields(request.fields, catalogue.client_params)
    sorting = readable_sorting(request.sort, personal=personal)
    evaluator = Evaluator(session, account=account, now=clock.now())
    channels = _channels(catalogue) if personal else {}
    found, *having = await evaluator.evaluate_all([understood.plan, *channels.values()])
    first = await page_of(
        session,
        account_id=account.id,
        members=found.members,
        sorting=sorting,
        page=PageRequest(max(request.limit, 1)),
        bound_to=binding(account.id, "preview"),
    )
    ids = first.ids[: request.limit]
    sample = await read_clients(session, account=account, ids=ids, fields=fields, personal=personal)
    reached = {name: found.members & one.members for name, one in zip(channels, having, strict=True)}
    return Preview(found, sample, _reachable(reached) if personal else None)


async def preview_edit(
    session: AnySession, *, account: AccountInfo, code: str, request: EditPreviewIn, personal: bool
) -> EditPreview:
    """Who would enter, leave and stay by another filter: both filters at one instant in one snapshot.

    Who is pinned stays in or out. Samples are by id. Raises as `preview`, and NotFound; Conflict
    (SEGMENT_MANUAL).
    """
    segment = await SegmentRepository(session, account.id).by_code(code)
    if segment is None:
        raise not_found("segment")
    if segment.filter is None:
        raise Conflict("SEGMENT_MANUAL", "A manual segment has no filter.")
    catalogue = await catalogues.load(session, account=account)
    present = await understand(exact(segment.filter), catalogue, personal=personal)
    wanted = await understand(request.filter, catalogue, personal=personal)
    fields = choose_fields(request.fields, catalogue.client_params)
    evaluator = Evaluator(session, account=account, now=clock.now())
    before, after = await evaluator.evaluate_all([present.plan, wanted.plan])
    pins = (await PinRepository(session, account.id).read([segment.id]))[segment.id]
    old, new = pins.applied(before.members), pins.applied(after.members)
    entering, leaving, staying = new - old, old - new, old & new
    shown = {
        "entering": list(islice(entering, request.limit)),
        "leaving": list(islice(leaving, request.limit)),
        "staying": list(islice(staying, request.limit)),
    }
    cards = await read_clients(
        session, account=account, ids=[*chain(*shown.values())], fields=fields, personal=personal
    )
    by_id = {card["id"]: card for card in cards}
    return EditPreview(
        {"enter": len(entering), "leave": len(leaving), "stay": len(staying)},
        {name: [by_id[id_] for id_ in ids if id_ in by_id] for name, ids in shown.items()},
        are_too_many(segment, len(old), len(leaving)),
        min(before.as_of, after.as_of),
    )


def _channels(catalogue: Catalogue) -> dict[str, Plan]:
    """Who has an e-mail, a phone, a consent to advertising."""
    return {name: plan(check(_leaf(*leaf), catalogue), catalogue) for name, leaf in _CHANNELS.items()}


def _reachable(have: Mapping[str, BitMap64]) -> dict[str, int]:
    """Members by channel, and of those the ones who consent to advertising."""
    consenting = have["marketing_consent"]
    return {name: len(found) for name, found in have.items()} | {
        f"{channel}_with_consent": len(have[channel] & consenting) for channel in ("email", "phone")
    }


def _leaf(field: str, operator: str) -> dict[str, Any]:
    return {"version": VERSION, "root": {"type": "field", "field": field, "operator": operator}}
