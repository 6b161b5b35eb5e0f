"""What a client is and becomes: pure values, so that a batch means the same as its rows sent one by one."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from clientbase.kit.errors import Item
from clientbase.loading.typed_values import TypedValue


class Contact(NamedTuple):
    """A phone or e-mail as it is stored."""

    is_primary: bool
    verified: bool | None


class Consent(NamedTuple):
    """A consent given or withdrawn."""

    kind: str
    given: bool
    at: datetime
    source: str | None = None
    text_version: str | None = None


class Statement(NamedTuple):
    """A consent as a row states it; one without a date of its own is of the load, and says less."""

    consent: Consent
    dated: bool
    pointer: str


@dataclass
class Card:
    """A client whole: columns, contacts by (kind, value), links by (source, external id), and the rest."""

    columns: dict[str, Any] = field(default_factory=dict)
    contacts: dict[tuple[str, str], Contact] = field(default_factory=dict)
    identities: dict[tuple[str, str], str | None] = field(default_factory=dict)
    params: dict[int, TypedValue] = field(default_factory=dict)
    tags: set[int] = field(default_factory=set)
    consents: set[Consent] = field(default_factory=set)

    def copy(self) -> "Card":
        """A card of its own, to be changed; what its parts hold is never changed, only replaced."""
        return Card(
            self.columns.copy(),
            self.contacts.copy(),
            self.identities.copy(),
            self.params.copy(),
            self.tags.copy(),
            self.consents.copy(),
        )

    def settle_consents(self) -> None:
        """The latest consent of a kind stands; at the same time a withdrawal wins."""
        for kind in {consent.kind for consent in self.consents}:
            latest = max((c for c in self.consents if c.kind == kind), key=lambda c: (c.at, not c.given))
            self.columns[f"consent_{kind}"] = latest.given

    def take_statement(self, statement: Statement) -> bool:
        """Record a consent, unless it has no date and repeats what stands or would undo a withdrawal.

        False when it would: the source may not have heard of the withdrawal.
        """
        consent = statement.consent
        standing = self.columns.get(f"consent_{consent.kind}")
        if statement.dated or standing is None or (standing and not consent.given):
            self.consents.add(consent)
            self.settle_consents()
            return True
        return standing is consent.given


@dataclass
class Change:
    """What one row asks of a client, checked and normalised; None where the row does not name it."""

    columns: dict[str, Any]
    phones: dict[str, bool | None] | None = None
    emails: dict[str, bool | None] | None = None
    identities: dict[tuple[str, str], str | None] | None = None
    params: dict[int, TypedValue | None] | None = None
    tags: set[int] | None = None
    consents: list[Statement] = field(default_factory=list)
    created_at: datetime | None = None
    keys: list[tuple[str, ...]] = field(default_factory=list)

    def apply(self, card: Card, *, replace: bool) -> list[Item]:
        """Do it to a card; with `replace`, lists that the row names replace what is there.

        Returns what was not taken: a consent without a date to what the client has withdrawn.
        """
        card.columns.update(self.columns)
        _name_whole(card.columns, self.columns)
        for kind, values in (("phone", self.phones), ("email", self.emails)):
            if values is not None:
                _set_contacts(card.contacts, kind, values, replace=replace)
        if self.identities is not None:
            card.identities = self.identities if replace else card.identities | self.identities
        if self.tags is not None:
            card.tags = self.tags if replace else card.tags | self.tags
        for param_id, value in (self.params or {}).items():
            card.params.pop(param_id, None)
            if value is not None:
                card.params[param_id] = value
        untaken = [statement for statement in self.consents if not card.take_statement(statement)]
        return [Item(statement.pointer, "CONSENT_WITHDRAWN", _WITHDRAWN) for statement in untaken]


def _name_whole(columns: dict[str, Any], given: dict[str, Any]) -> None:
    """The full name follows its parts unless the row names it."""
    parts = ("last_name", "first_name", "middle_name")
    if "full_name" not in given and any(part in given for part in parts):
        columns["full_name"] = " ".join(columns[part] for part in parts if columns.get(part)) or None
        columns["full_name_folded"] = (
            " ".join(columns[f"{part}_folded"] for part in parts if columns.get(part)) or None
        )


def _set_contacts(
    contacts: dict[tuple[str, str], Contact], kind: str, values: dict[str, bool | None], *, replace: bool
) -> None:
    stored = {value: contact for (of, value), contact in contacts.items() if of == kind}
    if replace:
        for value in stored:
            del contacts[kind, value]
    primary = next(iter(values), None) if replace or not stored else None
    for value, verified in values.items():
        known = stored.get(value)
        contacts[kind, value] = Contact(
            (known.is_primary if known and not replace else False) or value == primary,
            verified if verified is not None or known is None else known.verified,
        )


_WITHDRAWN = "The client has withdrawn it, which stands: give the time of the new consent as `at`."
