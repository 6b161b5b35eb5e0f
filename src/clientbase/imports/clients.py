"""Files of clients."""

from collections.abc import Iterable
from typing import Any

from clientbase.accounts.schemas import AccountInfo
from clientbase.imports.cells import Reading, choice, many, phones, text
from clientbase.imports.kinds import Batch, Kind, Values, param_targets, params_of
from clientbase.imports.options import Options
from clientbase.imports.repository import ImportRepository
from clientbase.imports.targets import Targets, list_target, our_id, table, target
from clientbase.imports.vocabulary import OF_CLIENT
from clientbase.kit.db import AnySession, WriteSession
from clientbase.kit.errors import Item
from clientbase.kit.text import fold
from clientbase.loading.clients import ClientRow, Mode, upsert
from clientbase.loading.clients.fields import FIELDS
from clientbase.loading.outcome import Outcome

KEYS = ("id", "external_id", "phone", "email")
CONSENTS = {"consent_marketing": "marketing", "consent_personal_data": "personal_data"}
_GENDERS = {
    fold(word): code
    for code, words in {
        "male": ("м", "муж", "мужчина", "мужской", "m", "male", "man"),
        "female": ("ж", "жен", "женщина", "женский", "f", "female", "woman"),
    }.items()
    for word in words
}
_NO_KEY = Item("/keys", "KEY_MISSING", "A client is known by an id, an external id, a phone or an e-mail.")
_ELSEWHERE = frozenset((*KEYS, "tags", *CONSENTS))


async def _targets(session: AnySession, account: AccountInfo, reading: Reading) -> Targets:
    repository = ImportRepository(session, account.id)
    convert = reading.converters()
    choices = await repository.choices()
    choices["gender"] = _GENDERS | choices.get("gender", {})
    fields = [
        target(name, convert.get(field.type.type) or choice(choices.get(name, {})))
        for name, field in FIELDS.items()
    ]
    return table(
        [
            our_id(),
            target("external_id", text, *OF_CLIENT),
            list_target("phone", phones),
            list_target("email", many(text)),
            *fields,
            list_target("tags", many(choice(await repository.tags()))),
            *(target(name, convert["boolean"]) for name in CONSENTS),
            target("created_at", convert["datetime"]),
            *param_targets(await repository.params("client"), convert),
        ]
    )


def _required(options: Options) -> list[tuple[str, ...]]:
    return [KEYS]


async def _load(session: WriteSession, batch: Batch) -> list[Outcome]:
    """Rows without any key are rejected: a second import would make their clients again."""
    keyed = [index for index, row in enumerate(batch.rows) if any(row.get(key) for key in KEYS)]
    mode = Mode.CREATE if batch.options.on_existing == "skip" else Mode.UPSERT
    loaded = await upsert(
        session,
        account=batch.account,
        rows=[_client(batch.rows[index], batch) for index in keyed],
        actor=batch.actor,
        mode=mode,
    )
    outcomes = [Outcome(index, "rejected", errors=[_NO_KEY]) for index in range(len(batch.rows))]
    for index, outcome in zip(keyed, loaded, strict=True):
        outcome.index = index
        outcomes[index] = _skipped(outcome) if mode is Mode.CREATE else outcome
    return outcomes


def _skipped(outcome: Outcome) -> Outcome:
    """A client that is there already is left as it is."""
    if [fault.code for fault in outcome.errors] == ["CLIENT_EXISTS"]:
        return Outcome(outcome.index, "unchanged")
    return outcome


def _client(row: Values, batch: Batch) -> ClientRow:
    values = {name: value for name, value in row.items() if name not in _ELSEWHERE and "." not in name}
    if row.get("phone"):
        values["phones"] = [{"value": value} for value in row["phone"]]
    if row.get("email"):
        values["emails"] = [{"value": value} for value in row["email"]]
    if row.get("tags"):
        values["tags"] = row["tags"]
    if row.get("external_id"):
        values["identities"] = [{"source": batch.options.source, "external_id": row["external_id"]}]
    if params := params_of(row):
        values["params"] = params
    if consents := list(_consents(row)):
        values["consents"] = consents
    return ClientRow(values, row.get("id"))


def _consents(row: Values) -> Iterable[dict[str, Any]]:
    for name, kind in CONSENTS.items():
        if row.get(name) is not None:
            yield {"kind": kind, "given": row[name], "source": "import"}


CLIENTS = Kind(
    targets=_targets,
    load=_load,
    required=_required,
    sourced=("external_id",),
    pointers={
        "phones": ("phone",),
        "emails": ("email",),
        "identities": ("external_id",),
        "consents": tuple(CONSENTS),
        "keys": KEYS,
    },
)
