"""Params of action types: made, added to and renamed; stored actions hold their values, so none goes away."""

from collections.abc import Collection, Sequence
from itertools import count

from clientbase.actions.schemas import ActionParamIn, ChoiceIn
from clientbase.kit import clock
from clientbase.kit.db import WriteSession
from clientbase.kit.errors import Item, invalid
from clientbase.kit.text import code_from
from clientbase.models import ActionType, Param, ParamChoice

Known = Sequence[tuple[Param, list[ParamChoice]]]
RESERVED = frozenset({"time", "source"})
_AMOUNTS = frozenset({"number", "money"})
_REFERENCES = frozenset({"choice", "reference"})


async def write_params(
    session: WriteSession, kind: ActionType, known: Known, given: Sequence[ActionParamIn]
) -> None:
    """Bring the params of a type to those given. Raises Invalid with all that is wrong."""
    codes = _codes([param.code for param in given], [param.name for param in given], "param")
    faults = _faults(known, given, codes)
    if faults:
        raise invalid(faults)
    stored = {param.code: (param, choices) for param, choices in known}
    for code, request in zip(codes, given, strict=True):
        param, choices = stored.get(code) or (await _add(session, kind, code, request), [])
        if param.name != request.name:
            param.name, param.updated_at = request.name, clock.now()
        await _write_choices(session, param, choices, request.choices or [])
    await session.flush()


async def _add(session: WriteSession, kind: ActionType, code: str, request: ActionParamIn) -> Param:
    """A new param; the first amount and the first reference of a type get columns of their own."""
    now = clock.now()
    param = Param(
        account_id=kind.account_id,
        entity="action",
        action_type_id=kind.id,
        code=code,
        name=request.name,
        type=request.type,
        created_at=now,
        updated_at=now,
    )
    session.add(param)
    await session.flush()
    if request.type in _AMOUNTS:
        kind.amount_param = kind.amount_param or code
    if request.type in _REFERENCES:
        kind.reference_param = kind.reference_param or code
    return param


async def _write_choices(
    session: WriteSession, param: Param, known: Sequence[ParamChoice], given: Sequence[ChoiceIn]
) -> None:
    stored = {choice.code: choice for choice in known}
    codes = _codes([choice.code for choice in given], [choice.name for choice in given], "choice")
    for position, (code, request) in enumerate(zip(codes, given, strict=True)):
        choice = stored.get(code)
        if choice is None:
            choice = ParamChoice(account_id=param.account_id, param_id=param.id, code=code)
            session.add(choice)
        choice.name, choice.position = request.name, position


def _codes(given: Sequence[str | None], names: Sequence[str], fallback: str) -> list[str]:
    """Codes as given, or made from the names so that no two are alike."""
    taken = {code for code in given if code is not None}
    codes = []
    for code, name in zip(given, names, strict=True):
        if code is None:
            base = (code_from(name) or fallback)[:58]
            numbered = (base if number == 1 else f"{base}-{number}" for number in count(1))
            code = next(candidate for candidate in numbered if candidate not in taken | RESERVED)
            taken.add(code)
        codes.append(code)
    return codes


def _faults(known: Known, given: Sequence[ActionParamIn], codes: Sequence[str]) -> list[Item]:
    stored = {param.code: (param, choices) for param, choices in known}
    faults = [
        Item("/params", "PARAM_REMOVED", "Stored actions hold its values: name every param.", (code,))
        for code in stored
        if code not in codes
    ]
    for place, (code, request) in enumerate(zip(codes, given, strict=True)):
        at = f"/params/{place}"
        if code in codes[:place]:
            faults.append(Item(f"{at}/code", "CODE_TAKEN", "Another param has this code."))
        if code in RESERVED:
            faults.append(Item(f"{at}/code", "RESERVED_CODE", "Every action has this by itself."))
        if code in stored and stored[code][0].type != request.type:
            allowed = (stored[code][0].type,)
            faults.append(Item(f"{at}/type", "TYPE_CHANGED", "The type of a param stays.", allowed))
        faults += _choice_faults(request, [choice.code for choice in stored.get(code, (None, []))[1]], at)
    return faults


def _choice_faults(request: ActionParamIn, known: Collection[str], at: str) -> list[Item]:
    given = request.choices or []
    codes = _codes([choice.code for choice in given], [choice.name for choice in given], "choice")
    if request.type != "choice":
        unwanted = Item(f"{at}/choices", "CHOICES_NOT_ALLOWED", "Only choice params have choices.")
        return [unwanted] if given else []
    if not codes:
        return [Item(f"{at}/choices", "CHOICES_MISSING", "A choice param has at least one choice.")]
    if len(set(codes)) < len(codes):
        return [Item(f"{at}/choices", "CODE_TAKEN", "Two choices have the same code.")]
    gone = tuple(code for code in known if code not in codes)
    if gone:
        return [Item(f"{at}/choices", "CHOICE_REMOVED", "Stored actions hold it: name every choice.", gone)]
    return []
