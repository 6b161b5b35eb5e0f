"""What may be wrong with a row, each fault with its place; what is right becomes a change."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from clientbase.actions.values import ParamType, WrongValue, read_value
from clientbase.kit import emails, phones
from clientbase.kit.errors import Item
from clientbase.kit.text import clean, fold
from clientbase.loading.clients.context import NO_CHOICES, LoadContext
from clientbase.loading.clients.fields import FIELDS, MAX_TEXT, OPEN_CHOICES, Field
from clientbase.loading.clients.rows import ClientRow
from clientbase.loading.clients.states import Change, Consent, Statement
from clientbase.loading.typed_values import TypedValue, typed_value

CONSENT_KINDS = ("marketing", "personal_data")
MAX_LIST = 50
_CLOCK_SKEW = timedelta(minutes=5)
_EARLIEST_BIRTH = date(1880, 1, 1)


class RowCheck:
    """The check of one row: gathers all its faults."""

    def __init__(self, row: ClientRow, context: LoadContext) -> None:
        self.values = row.values
        self.row = row
        self.context = context
        self.faults: list[Item] = []

    def change(self) -> Change:
        """What the row asks for; meaningless while there are faults."""
        change = Change(
            columns=self._columns(),
            phones=self._contacts("phones", self._phone),
            emails=self._contacts("emails", self._email),
            identities=self._identities(),
            params=self._params(),
            tags=self._tags(),
            consents=self._consents(),
            created_at=self._created_at(),
        )
        self._unknown()
        change.keys = list(self._keys(change))
        return change

    def add(self, pointer: str, code: str, message: str, allowed: Iterable[object] | None = None) -> None:
        """One more fault."""
        self.faults.append(Item(pointer, code, message, tuple(allowed) if allowed is not None else None))

    def _unknown(self) -> None:
        for name in self.values.keys() - FIELDS.keys() - _LISTS:
            self.add(f"/{name}", "UNKNOWN_FIELD", "There is no such field of a client.")

    def _columns(self) -> dict[str, Any]:
        columns: dict[str, Any] = {}
        for name, value in self.values.items():
            field = FIELDS.get(name)
            if field is not None:
                columns[field.column] = cell = self._cell(field, value)
                if field.folded:
                    columns[f"{field.column}_folded"] = None if cell is None else fold(cell)
        return columns

    def _cell(self, field: Field, value: Any) -> Any:
        if value is None:
            return None
        try:
            cell = read_value(value, self._type(field, value))
        except WrongValue as wrong:
            self.faults.append(wrong.at(f"/{field.name}"))
            return None
        return self._bounded(field, cell)

    def _type(self, field: Field, value: Any) -> ParamType:
        if field.type.type != "choice":
            return field.type
        known = self.context.choices.get(field.name, NO_CHOICES)
        if (
            field.name in OPEN_CHOICES
            and isinstance(value, str)
            and 0 < len(value) <= 100
            and value not in known.choices
        ):
            self.context.new_choices.add((field.name, value))
            return ParamType("choice", (value,))
        return known

    def _bounded(self, field: Field, cell: Any) -> Any:
        if isinstance(cell, str) and len(cell) > MAX_TEXT:
            self.add(f"/{field.name}", "TEXT_TOO_LONG", f"At most {MAX_TEXT} characters.")
        if field.name == "birth_date" and not _EARLIEST_BIRTH <= cell <= self.context.now.date() + timedelta(
            days=1
        ):
            self.add("/birth_date", "BIRTH_DATE_INVALID", "A birth date lies between 1880 and today.")
        if field.name == "discount_percent" and not 0 <= cell <= 100:
            self.add("/discount_percent", "NUMBER_OUT_OF_RANGE", "A percentage from 0 to 100.")
        return cell

    def _list(self, name: str) -> Sequence[Any] | None:
        if name not in self.values:
            return None
        items = self.values[name] or ()
        if len(items) > MAX_LIST:
            self.add(f"/{name}", "TOO_MANY_ITEMS", f"At most {MAX_LIST}.")
        return items[:MAX_LIST]

    def _contacts(self, name: str, normalise: Any) -> dict[str, bool | None] | None:
        items = self._list(name)
        if items is None:
            return None
        found: dict[str, bool | None] = {}
        for index, item in enumerate(items):
            value = normalise(item["value"])
            if value is None:
                code, message = _INVALID_CONTACT[name]
                self.add(f"/{name}/{index}/value", code, message)
            else:
                found.setdefault(value, item.get("verified"))
        return found

    def _phone(self, text: str) -> str | None:
        return phones.normalise(text, self.context.account.region)

    def _email(self, text: str) -> str | None:
        return emails.normalise(text)

    def _identities(self) -> dict[tuple[str, str], str | None] | None:
        items = self._list("identities")
        if items is None:
            return None
        found: dict[tuple[str, str], str | None] = {}
        for index, item in enumerate(items):
            source, external_id = clean(item["source"]), clean(item["external_id"])
            if source is None or external_id is None:
                self.add(
                    f"/identities/{index}", "BLANK_VALUE", "Neither source nor external id may be blank."
                )
            else:
                found[source, external_id] = item.get("url")
        return found

    def _params(self) -> dict[int, TypedValue | None] | None:
        given: Mapping[str, Any] | None = self.values.get("params")
        if given is None:
            return None
        found: dict[int, TypedValue | None] = {}
        for code, raw in given.items():
            known = self.context.params.get(code)
            if known is None:
                self.add(f"/params/{code}", "UNKNOWN_PARAM", "Clients have no such param.")
                continue
            try:
                value = None if raw is None else read_value(raw, known[1])
            except WrongValue as wrong:
                self.faults.append(wrong.at(f"/params/{code}"))
                continue
            found[known[0]] = typed_value(known[1].type, value)
        return found

    def _tags(self) -> set[int] | None:
        codes = self._list("tags")
        if codes is None:
            return None
        for index, code in enumerate(codes):
            if code not in self.context.tags:
                self.add(f"/tags/{index}", "UNKNOWN_TAG", "There is no such tag.")
        return {self.context.tags[code] for code in codes if code in self.context.tags}

    def _consents(self) -> list[Statement]:
        found = []
        for index, item in enumerate(self._list("consents") or ()):
            at: datetime = item.get("at") or self.context.now
            if item["kind"] not in CONSENT_KINDS:
                self.add(f"/consents/{index}/kind", "UNKNOWN_CONSENT", "No such consent.", CONSENT_KINDS)
            elif at > self.context.now + _CLOCK_SKEW:
                self.add(f"/consents/{index}/at", "CONSENT_DATE_INVALID", "A consent is not of the future.")
            else:
                consent = Consent(
                    item["kind"], item["given"], at, item.get("source"), item.get("text_version")
                )
                found.append(Statement(consent, item.get("at") is not None, f"/consents/{index}"))
        return found

    def _created_at(self) -> datetime | None:
        at: datetime | None = self.values.get("created_at")
        if at is not None and at > self.context.now + _CLOCK_SKEW:
            self.add("/created_at", "DATE_IN_FUTURE", "A client is not of the future.")
        return at

    def _keys(self, change: Change) -> Iterable[tuple[str, ...]]:
        """In order of precedence; a given id alone decides, identities are then only looked up."""
        if self.row.id is not None:
            yield ("id", str(self.row.id))
        yield from (("identity", *key) for key in change.identities or ())
        if self.row.id is not None:
            return
        yield from (("phone", value) for value in change.phones or ())
        yield from (("email", value) for value in change.emails or ())


_LISTS = {"phones", "emails", "identities", "params", "tags", "consents", "created_at"}
_INVALID_CONTACT = {
    "phones": ("PHONE_INVALID", "This is not a phone number."),
    "emails": ("EMAIL_INVALID", "This is not an e-mail address."),
}
