"""The shape in which clients are shown; answers are written from rows, this documents them."""

from typing import Any

from pydantic import Field

from clientbase.kit.schema import Bool, Day, Id, Instant, Int, Money, Number, Shape, Short

_SHORT = 255
Text = str | None
Count = Int | None


def _text(**extra: Any) -> Any:
    return Field(default=None, max_length=_SHORT, **extra)


class ContactOut(Shape):
    """A phone (E.164) or an e-mail."""

    value: str = Field(max_length=_SHORT, examples=["+79161234567"])
    is_primary: Bool
    verified: Bool | None


class IdentityOut(Shape):
    """The id of the client in a source."""

    source: str = Field(max_length=100)
    external_id: str = Field(max_length=_SHORT)
    url: str | None = Field(max_length=2000)


class ConsentOut(Shape):
    """The latest consent of a kind."""

    kind: str = Field(max_length=32, examples=["marketing"])
    given: Bool
    at: Instant
    source: str | None = Field(max_length=_SHORT)
    text_version: str | None = Field(max_length=_SHORT)


class ClientOut(Shape):
    """A client: the fields that were asked for. Personal ones are null without the scope clients:personal."""

    id: Id
    full_name: Text = _text(examples=["Иванова Анна Петровна"])
    last_name: Text = _text()
    first_name: Text = _text()
    middle_name: Text = _text()
    birth_date: Day | None = None
    age: Count = None
    gender: Text = _text(examples=["female"])
    city: Text = _text()
    region: Text = _text()
    country: Text = _text()
    car_number: Text = _text()
    extra_key_1: Text = _text()
    extra_key_2: Text = _text()
    extra_key_3: Text = _text()
    extra_key_4: Text = _text()
    extra_key_5: Text = _text()
    extra_key_6: Text = _text()
    source: Text = _text()
    manager: Text = _text()
    shop: Text = _text()
    consent_marketing: Bool | None = None
    consent_personal_data: Bool | None = None
    created_at: Instant | None = None
    updated_at: Instant | None = None
    card_number: Text = _text()
    card_barcode: Text = _text()
    card_template: Text = _text()
    device: Text = _text()
    loyalty_level: Text = _text()
    bonus_balance: Number | None = None
    discount_percent: Number | None = None
    last_accrual_at: Instant | None = None
    last_writeoff_at: Instant | None = None
    issue_form: Text = _text()
    point_of_sale: Text = _text()
    event_trigger: Text = _text()
    date_trigger: Day | None = None
    orders_count: Count = None
    sales_count: Count = None
    deals_in_progress_count: Count = None
    cancelled_count: Count = None
    items_count: Number | None = None
    cancelled_revenue: Money | None = None
    revenue: Money | None = None
    profit: Money | None = None
    last_purchase_amount: Money | None = None
    ltv: Money | None = Field(default=None, description="The same as profit")
    average_check: Money | None = Field(default=None, description="revenue ÷ sales_count, rounded half-even")
    first_order_at: Instant | None = None
    last_order_at: Instant | None = None
    first_purchase_at: Instant | None = None
    last_purchase_at: Instant | None = None
    client_since_days: Count = None
    visits_count: Count = None
    first_visit_at: Instant | None = None
    last_visit_at: Instant | None = None
    ad_channel: Text = _text()
    last_ad_channel: Text = _text()
    utm_source: Text = _text()
    utm_medium: Text = _text()
    utm_campaign: Text = _text()
    utm_content: Text = _text()
    utm_term: Text = _text()
    last_utm_source: Text = _text()
    last_utm_medium: Text = _text()
    last_utm_campaign: Text = _text()
    last_utm_content: Text = _text()
    last_utm_term: Text = _text()
    referral_id: Text = _text()
    visit_countries: list[Short] | None = Field(default=None, max_length=10_000)
    visit_cities: list[Short] | None = Field(default=None, max_length=10_000)
    phone: Text = _text(description="The primary phone")
    phones: list[ContactOut] | None = Field(default=None, max_length=1000)
    email: Text = _text(description="The primary e-mail")
    emails: list[ContactOut] | None = Field(default=None, max_length=1000)
    identities: list[IdentityOut] | None = Field(default=None, max_length=1000)
    params: dict[str, Any] | None = Field(default=None, description="Values of custom params by code")
    tags: list[Short] | None = Field(default=None, max_length=10_000, description="Codes of tags")
    consents: list[ConsentOut] | None = Field(default=None, max_length=10, description="Only when asked for")
    segments: list[Short] | None = Field(
        default=None, max_length=10_000, description="Codes of the segments that hold it; only when asked for"
    )
