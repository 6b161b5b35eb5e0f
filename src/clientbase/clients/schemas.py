"""Shapes in which clients are written."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from clientbase.kit.schema import Bool, Code, Day, Id, Instant, Number, Shape

Text = Annotated[str, StringConstraints(max_length=255)] | None
Reference = Annotated[str, StringConstraints(max_length=100)] | None
MAX_BATCH = 1000


class ContactIn(Shape):
    """A phone or e-mail; the first one of the list is the primary one."""

    value: str = Field(min_length=1, max_length=255, examples=["+7 916 123-45-67"])
    verified: Bool | None = None


class IdentityIn(Shape):
    """The id of the client in a source, with a link to its card there."""

    source: str = Field(min_length=1, max_length=100, examples=["retailcrm"])
    external_id: str = Field(min_length=1, max_length=255, examples=["c-1001"])
    url: str | None = Field(default=None, max_length=2000)


class ConsentIn(Shape):
    """A consent given or withdrawn; `at` is now when absent."""

    kind: Literal["marketing", "personal_data"]
    given: Bool
    at: Instant | None = None
    source: str | None = Field(default=None, max_length=255)
    text_version: str | None = Field(default=None, max_length=255)


class ClientFields(Shape):
    """The fields of a client; those that are absent stay as they are, null clears one."""

    full_name: Text = Field(default=None, examples=["Иванова Анна Петровна"])
    last_name: Text = None
    first_name: Text = None
    middle_name: Text = None
    birth_date: Day | None = None
    gender: Text = Field(default=None, examples=["female"])
    city: Text = None
    region: Text = None
    country: Text = None
    car_number: Text = None
    extra_key_1: Text = None
    extra_key_2: Text = None
    extra_key_3: Text = None
    extra_key_4: Text = None
    extra_key_5: Text = None
    extra_key_6: Text = None
    source: Reference = None
    manager: Reference = None
    shop: Reference = None
    card_number: Text = None
    card_barcode: Text = None
    card_template: Reference = None
    device: Text = None
    loyalty_level: Reference = None
    bonus_balance: Number | None = Field(default=None, description="As a source states it; null: counted")
    discount_percent: Number | None = None
    last_accrual_at: Instant | None = None
    last_writeoff_at: Instant | None = None
    issue_form: Text = None
    point_of_sale: Reference = None
    event_trigger: Text = None
    date_trigger: Day | None = None
    phones: list[ContactIn] | None = Field(default=None, max_length=50)
    emails: list[ContactIn] | None = Field(default=None, max_length=50)
    identities: list[IdentityIn] | None = Field(default=None, max_length=50)
    params: dict[Code, Any] | None = Field(
        default=None, max_length=200, description="Custom params by code; null removes one"
    )
    tags: list[Code] | None = Field(default=None, max_length=50, description="Codes of tags")
    consents: list[ConsentIn] | None = Field(default=None, max_length=50)


class ClientIn(ClientFields):
    """A new client, or a record of one in a source."""

    created_at: Instant | None = Field(default=None, description="When the source made it; now when absent")


class ClientUpsert(ClientIn):
    """A row of a batch; with an id it names its client, else it is found by its keys or made."""

    id: Id | None = None


class ClientBatch(Shape):
    """Up to 1000 rows, each found by (source, external_id), then phone, then e-mail, or made."""

    items: list[ClientUpsert] = Field(min_length=1, max_length=MAX_BATCH)
