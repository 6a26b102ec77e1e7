"""The declared rates as frozen models, so that a slip in rates.yml stops the making and never quietly makes another world."""

from datetime import date
from pathlib import Path
from typing import Annotated, Self, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

FOLDER = Path(__file__).parent

Share = Annotated[float, Field(ge=0, le=1)]
Mean = Annotated[float, Field(gt=0, le=50)]
Parts = dict[str, Annotated[float, Field(gt=0)]]
Span = tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]]


class RatesError(Exception):
    """A declaration of the sample world is wrong: someone must edit the named file."""

    def __init__(self, file: str, key: str, problem: str, valid: tuple[str, ...] = ()) -> None:
        self.file, self.key, self.problem, self.valid = file, key, problem, valid
        choices = f" Valid: {', '.join(valid)}." if valid else ""
        super().__init__(f"{file}: {key}: {problem}.{choices}")


class Declared(BaseModel):
    """Common ground: frozen, and a key nobody knows is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


Model = TypeVar("Model", bound=Declared)


class World(Declared):
    """How large, from when to when, and where the people live."""

    seed: int
    people: Annotated[int, Field(ge=1)]
    start: date
    days: Annotated[int, Field(ge=1)]
    history_days: Annotated[int, Field(ge=30)]
    day_one: Share
    countries: Parts


class HomeKinds(Declared):
    """Who lives together, in parts."""

    couple: float
    couple_and_child: float
    parent_and_child: float
    siblings: float
    couple_and_two_children: float


class People(Declared):
    """What is true of people before any channel writes it down."""

    shares_home: Share
    home_kinds: HomeKinds
    twins: Share
    junior: Share
    suffix_written: Share
    shared_mailbox: Share
    shared_mobile: Share
    landline: Share
    no_email: Share
    second_email: Share
    third_email: Share
    second_mobile: Share
    changed_mobile_before: Share
    changed_mobile_now: Share
    recycled_mobile: Share
    moved_before: Share
    moved_now: Share
    married_before: Share
    married_now: Share
    hyphenates: Share
    middle_name: Share
    instagram: Share
    facebook: Share
    loyalty_card: Share
    company: Share
    colleagues: Share
    company_records: Share
    travels: Share
    tells_of_changes: Share


class OnlineSales(Declared):
    """Who registers in the web shop, how often again, and how much they order."""

    share: Share
    second_account: Share
    bargain_hunter: Share
    bargain_accounts: Span
    orders: Mean
    guest_orders: Share


class StorePos(Declared):
    """Who is in a store's directory, and how often they buy."""

    share: Share
    same_store_again: Share
    other_store: Share
    instant_profile: Share
    receipts: Mean
    anonymous_receipts: Share


class Social(Declared):
    """Who fills in lead forms and who writes under posts."""

    leads_share: Share
    another_lead: Share
    profiles_share: Share
    engagement: Mean


class Support(Declared):
    """Who writes to support, and how often."""

    share: Share
    another_user: Share
    tickets: Mean


class Channels(Declared):
    """The four channels."""

    online_sales: OnlineSales
    store_pos: StorePos
    social: Social
    support: Support


class ByChannel(Declared):
    """One kind of mess, by the five streams of customer records."""

    online_sales: Share = 0.0
    store_pos: Share = 0.0
    leads: Share = 0.0
    profiles: Share = 0.0
    support: Share = 0.0


class Mess(Declared):
    """What happens to values on their way into a record."""

    romanised: ByChannel
    respelled: ByChannel
    kana: ByChannel
    ascii_folded: ByChannel
    nickname: ByChannel
    swapped_names: ByChannel
    swapped_eastern: ByChannel
    name_typo: ByChannel
    ocr_slip: ByChannel
    name_case: ByChannel
    whitespace: ByChannel
    invisible: ByChannel
    mojibake: ByChannel
    initial_only: ByChannel
    title: ByChannel
    middle_written: ByChannel
    family_missing: ByChannel
    name_missing: ByChannel
    placeholder_name: ByChannel
    given_name_only: ByChannel
    email_missing: ByChannel
    other_email: ByChannel
    plus_tag: ByChannel
    gmail_dots: ByChannel
    email_case: ByChannel
    email_typo: ByChannel
    email_space: ByChannel
    placeholder_email: ByChannel
    store_email: ByChannel
    disposable_email: ByChannel
    phone_missing: ByChannel
    no_country_code: ByChannel
    several_phones: ByChannel
    extension: ByChannel
    excel_phone: ByChannel
    fake_phone: ByChannel
    placeholder_phone: ByChannel
    phone_typo: ByChannel
    store_phone: ByChannel
    swapped_fields: ByChannel
    birthday_given: ByChannel
    birthday_partial: ByChannel
    birthday_fake: ByChannel
    birthday_excel: ByChannel
    birthday_slip: ByChannel
    address_missing: ByChannel
    address_short: ByChannel
    address_abbreviated: ByChannel
    work_address: ByChannel
    company_name: ByChannel
    role_mailbox: ByChannel
    loyalty_written: ByChannel
    handle_written: ByChannel
    note: ByChannel
    note_contact: ByChannel
    contact_in_text: ByChannel


class Delivery(Declared):
    """What happens to rows and files on their way out."""

    late: Share
    late_days: Span
    resent: Share
    resent_files: Share
    deleted: Share
    consent_changed: Share
    unexpected_column_on: Share
    truncated_on: Share
    broken_line_on: Share
    broken_row_on: Share

    @model_validator(mode="after")
    def _in_the_days(self) -> Self:
        for name in ("unexpected_column_on", "truncated_on", "broken_line_on", "broken_row_on"):
            if not 0 < getattr(self, name) < 1:
                raise ValueError(f"{name} must lie between the first day and the last")
        return self


class Rates(Declared):
    """Everything rates.yml declares."""

    version: int
    world: World
    people: People
    channels: Channels
    mess: Mess
    delivery: Delivery


class Store(Declared):
    """One store and the habits of its till."""

    country: str
    name: str
    timezone: str
    currency: str
    phone: str
    email: str
    date: str
    money: str
    decimal: str
    thousands: str


def load(path: Path = FOLDER / "rates.yml") -> Rates:
    """Read and check the rates.

    Raises:
        RatesError: naming the file, the key, and the keys that would be valid there.
    """
    return check(Rates, yaml.safe_load(path.read_text(encoding="utf-8")), path)


def stores(path: Path = FOLDER / "stores.yml") -> dict[str, Store]:
    """Read and check the stores, in the order declared."""
    plain = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {code: check(Store, value, path, code) for code, value in plain.items()}


def check(model: type[Model], plain: object, path: Path, under: str = "") -> Model:
    """Fit plain YAML into a model, or say which key of which file does not fit and which keys would.

    Raises:
        RatesError: for the first key that does not fit; the value itself is not repeated.
    """
    try:
        return model.model_validate(plain)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = [str(part) for part in first["loc"]]
        valid = _valid_keys(model, place[:-1]) if first["type"] == "extra_forbidden" else ()
        problem = "unknown key" if valid else first["msg"]
        raise RatesError(path.name, ".".join([under, *place] if under else place), problem, valid) from None


def _valid_keys(model: type[BaseModel], place: list[str]) -> tuple[str, ...]:
    for name in place:
        inner = model.model_fields[name].annotation
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return ()
        model = inner
    return tuple(model.model_fields)
