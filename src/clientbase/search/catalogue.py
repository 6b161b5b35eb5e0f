"""The catalogue of an account, read from its tables in one statement."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import text

from clientbase.accounts.schemas import AccountInfo
from clientbase.filters import ActionType, Catalogue, Choice, Entry, Param
from clientbase.kit.db import AnySession

Rows = list[dict[str, Any]]

_LOAD = text("""
WITH RECURSIVE known_sources AS (
    (SELECT source FROM client_identities WHERE account_id = :account_id ORDER BY source LIMIT 1)
    UNION ALL
    SELECT (
        SELECT next.source FROM client_identities next
        WHERE next.account_id = :account_id AND next.source > known.source ORDER BY next.source LIMIT 1
    )
    FROM known_sources known WHERE known.source IS NOT NULL
)
SELECT
    (SELECT json_agg(json_build_object(
            'id', id, 'entity', entity, 'action_type_id', action_type_id, 'code', code, 'name', name,
            'type', type, 'personal', personal
        ) ORDER BY code)
        FROM params WHERE account_id = :account_id) AS params,
    (SELECT json_agg(json_build_object('param_id', param_id, 'code', code, 'name', name)
            ORDER BY position, code)
        FROM param_choices WHERE account_id = :account_id) AS param_choices,
    (SELECT json_agg(json_build_object(
            'id', id, 'code', code, 'name', name, 'amount_param', amount_param,
            'reference_param', reference_param
        ) ORDER BY code)
        FROM action_types WHERE account_id = :account_id) AS action_types,
    (SELECT json_agg(json_build_object('id', id, 'code', code, 'name', name) ORDER BY code)
        FROM tags WHERE account_id = :account_id) AS tags,
    (SELECT json_agg(json_build_object('id', id, 'code', code, 'name', name, 'personal', reads_personal)
            ORDER BY code)
        FROM segments WHERE account_id = :account_id) AS segments,
    (SELECT json_agg(json_build_object('id', segment_id, 'kind', kind, 'code', code))
        FROM segment_dependencies
        WHERE account_id = :account_id
        AND kind IN ('segment', 'client_param', 'order_param', 'action_param')) AS dependencies,
    (SELECT json_agg(json_build_object('field', field, 'code', code, 'name', name) ORDER BY code)
        FROM field_choices WHERE account_id = :account_id) AS field_choices,
    (SELECT json_agg(source) FROM known_sources WHERE source IS NOT NULL) AS sources
""")


async def load(session: AnySession, *, account: AccountInfo) -> Catalogue:
    """Everything that filters of the account may name, in one statement."""
    row = (await session.execute(_LOAD, {"account_id": account.id})).mappings().one()
    found: Mapping[str, Any] = {name: value or [] for name, value in row.items()}
    choices = _choices(found["param_choices"], "param_id")
    params = [(param, _param(param, choices)) for param in found["params"]]
    client_params = _of_entity(params, "client")
    order_params = _of_entity(params, "order")
    action_types = {row["code"]: _action_type(row, params) for row in found["action_types"]}
    personal = _personal(client_params, order_params, action_types)
    return Catalogue(
        time_zone=account.time_zone,
        currency_exponent=account.places,
        region=account.region,
        client_params=client_params,
        order_params=order_params,
        action_types=action_types,
        tags={row["code"]: Entry(**row) for row in found["tags"]},
        segments=_segments(found["segments"], found["dependencies"], personal),
        choices=_choices(found["field_choices"], "field"),
        sources=tuple(Choice(source, source) for source in found["sources"]),
    )


def _choices(rows: Rows, owner: str) -> dict[Any, tuple[Choice, ...]]:
    found: dict[Any, list[Choice]] = defaultdict(list)
    for row in rows:
        found[row[owner]].append(Choice(row["code"], row["name"]))
    return {key: tuple(values) for key, values in found.items()}


def _param(row: dict[str, Any], choices: Mapping[Any, tuple[Choice, ...]]) -> Param:
    return Param(
        row["id"], row["code"], row["name"], row["type"], row["personal"], choices.get(row["id"], ())
    )


def _of_entity(params: Iterable[tuple[dict[str, Any], Param]], entity: str) -> dict[str, Param]:
    return {param.code: param for row, param in params if row["entity"] == entity}


def _action_type(row: dict[str, Any], params: Iterable[tuple[dict[str, Any], Param]]) -> ActionType:
    own = tuple(param for of, param in params if of["action_type_id"] == row["id"])
    return ActionType(row["id"], row["code"], row["name"], own, row["amount_param"], row["reference_param"])


def _personal(
    client_params: Mapping[str, Param],
    order_params: Mapping[str, Param],
    action_types: Mapping[str, ActionType],
) -> set[tuple[str, str]]:
    """Personal params as segments depend on them: kind and code."""
    params = [
        *(("client_param", code, param) for code, param in client_params.items()),
        *(("order_param", code, param) for code, param in order_params.items()),
        *(
            ("action_param", f"{kind.code}.{param.code}", param)
            for kind in action_types.values()
            for param in kind.params
        ),
    ]
    return {(kind, code) for kind, code, param in params if param.personal}


def _segments(rows: Rows, dependencies: Rows, params: set[tuple[str, str]]) -> dict[str, Entry]:
    """Segments with whether they read personal data: by their own fields and params, or through segments."""
    personal = {row["code"] for row in rows if row["personal"]}
    codes = {row["id"]: row["code"] for row in rows}
    users: dict[str, set[str]] = defaultdict(set)
    for use in dependencies:
        if use["kind"] == "segment":
            users[use["code"]].add(codes[use["id"]])
        elif (use["kind"], use["code"]) in params:
            personal.add(codes[use["id"]])
    todo = list(personal)
    while todo:
        for user in users[todo.pop()] - personal:
            personal.add(user)
            todo.append(user)
    return {row["code"]: Entry(**{**row, "personal": row["code"] in personal}) for row in rows}
