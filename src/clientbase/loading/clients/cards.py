"""Single clients over the same upsert: one row, its faults raised as a problem.

What is done to one client is done now: its consents without a date stand, unlike those that sources repeat.
"""

from typing import Any

from clientbase.accounts.schemas import Caller
from clientbase.clients.schemas import ClientBatch, ClientFields, ClientIn, ConsentIn
from clientbase.clients.service import resolve_id
from clientbase.kit import clock
from clientbase.kit.db import WriteSession
from clientbase.kit.errors import Conflict, Item, NotFound, invalid
from clientbase.loading.clients.rows import ClientRow, Mode
from clientbase.loading.clients.service import upsert
from clientbase.loading.outcome import Outcome

_CONFLICTS = {"CLIENT_EXISTS", "IDENTITY_TAKEN", "AMBIGUOUS_CLIENT", "MERGE_CONFLICT"}


async def create_client(session: WriteSession, *, caller: Caller, request: ClientIn) -> int:
    """A new client's id. Raises Conflict when a key finds one already, Invalid with all faults."""
    return await _one(session, caller, _values(request), None, Mode.CREATE)


async def update_client(session: WriteSession, *, caller: Caller, client_id: int, patch: ClientFields) -> int:
    """Change the named fields; lists that are given replace the stored ones.

    Raises NotFound, Conflict (IDENTITY_TAKEN), Invalid with all faults.
    """
    living = await resolve_id(session, account_id=caller.account.id, client_id=client_id)
    return await _one(session, caller, _values(patch), living, Mode.REPLACE)


async def record_consent(
    session: WriteSession, *, caller: Caller, client_id: int, consent: ConsentIn
) -> None:
    """Add a consent or a withdrawal to those of a client. Raises NotFound, Invalid."""
    living = await resolve_id(session, account_id=caller.account.id, client_id=client_id)
    values = {"consents": [consent.model_dump(exclude_unset=True)]}
    await _one(session, caller, values, living, Mode.UPSERT)


async def upsert_batch(session: WriteSession, *, caller: Caller, request: ClientBatch) -> list[Outcome]:
    """Create and change clients of a source; lists are added to the stored ones."""
    rows = [ClientRow(_values(item), item.id) for item in request.items]
    return await upsert(session, account=caller.account, rows=rows, actor=caller.actor)


def _values(request: ClientFields) -> dict[str, Any]:
    values = {name: getattr(request, name) for name in request.model_fields_set if name != "id"}
    for name in ("phones", "emails", "identities", "consents"):
        if values.get(name) is not None:
            values[name] = [item.model_dump(exclude_unset=True) for item in values[name]]
    return values


def _dated(values: dict[str, Any]) -> dict[str, Any]:
    given = values.get("consents") or []
    return values | {"consents": [{**item, "at": item.get("at") or clock.now()} for item in given]}


async def _one(
    session: WriteSession, caller: Caller, values: dict[str, Any], client_id: int | None, mode: Mode
) -> int:
    row = ClientRow(_dated(values), client_id)
    (outcome,) = await upsert(session, account=caller.account, rows=[row], actor=caller.actor, mode=mode)
    if outcome.id is None:
        raise _problem(outcome.errors)
    return outcome.id


def _problem(faults: list[Item]) -> Exception:
    code = faults[0].code
    if code == "UNKNOWN_CLIENT":
        return NotFound("NOT_FOUND", faults[0].message)
    if code in _CONFLICTS:
        return Conflict(code, faults[0].message, faults)
    return invalid(faults)
