"""For every expectation one way to break it. A corruption changes a frame or its facts, and names what else notices."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from include.quality.declared import Fault
from tests.unit.quality.factory import token

ROW = 7


@dataclass(frozen=True)
class Corruption:
    """``also``: expectations that the same fault must break too, because they ask the same at another level."""

    apply: Callable[[pd.DataFrame, dict], pd.DataFrame | None]
    also: frozenset[str] = frozenset()


def cell(column: str, value: Any, *also: str) -> Corruption:
    """One row with one bad value."""

    def apply(frame: pd.DataFrame, facts: dict) -> None:
        frame[column] = frame[column].astype(object)
        frame.at[ROW, column] = value  # noqa: PD008 - loc takes a list for several values

    return Corruption(apply, frozenset(also))


def many(share: float, column: str, value: Any, *also: str) -> Corruption:
    """The same value in a share of the rows."""

    def apply(frame: pd.DataFrame, facts: dict) -> None:
        frame[column] = frame[column].astype(object)
        for row in range(int(len(frame) * share)):
            frame.at[row, column] = value  # noqa: PD008

    return Corruption(apply, frozenset(also))


def declared(fault: Fault) -> Corruption:
    """What a source's own expectation says it is broken by."""

    def apply(frame: pd.DataFrame, facts: dict) -> None:
        for column, value in fault.values.items():  # noqa: PD011 - a declaration, no frame
            frame[column] = frame[column].astype(object)
            for row in [ROW] if fault.share is None else range(int(len(frame) * fault.share)):
                frame.at[row, column] = value  # noqa: PD008

    return Corruption(apply)


def emptied(share: float, columns: list[str], *also: str) -> Corruption:
    """Several columns without a value, in a share of the rows."""

    def apply(frame: pd.DataFrame, facts: dict) -> None:
        rows = int(len(frame) * share)
        for column in columns:
            is_list = isinstance(frame[column].iloc[0], list)
            frame[column] = [([] if is_list else None) if n < rows else old for n, old in enumerate(frame[column])]

    return Corruption(apply, frozenset(also))


def copied(column: str, step: int, rows: int, *also: str) -> Corruption:
    """The value of a row repeated ``step`` rows further on, for the first few rows."""

    def apply(frame: pd.DataFrame, facts: dict) -> None:
        for n in range(rows):
            row = 2 * step * (n // step) + n % step
            frame.loc[row + step, column] = frame.loc[row, column]

    return Corruption(apply, frozenset(also))


def fact(**changed: Any) -> Corruption:
    """The caller brings another figure."""
    return Corruption(lambda frame, facts: facts.update(changed))


def without(column: str, *also: str) -> Corruption:
    """A whole column missing."""
    return Corruption(lambda frame, facts: frame.drop(columns=column), frozenset(also))


def both(first: Corruption, second: Corruption, *also: str) -> Corruption:
    """Two changes that are one fault."""

    def apply(frame: pd.DataFrame, facts: dict) -> None:
        first.apply(frame, facts)
        second.apply(frame, facts)

    return Corruption(apply, frozenset(also))


NAMES = ["full_name", "given_name", "family_name"]
CONTACTS = ["emails", "phones", "handles", "loyalty_ids"]
WHOLE = [*NAMES, *CONTACTS, "city", "postcode"]
LATE = pd.Timestamp("2026-10-05", tz="UTC")
OLD = pd.Timestamp("1970-01-01", tz="UTC")
ID = "not-a-token"
THRICE = Corruption(lambda frame, facts: frame.assign(record_id=[token(n // 15 * 5 + n % 5) for n in range(len(frame))]))

CUSTOMER_VALUES = {
    "email_syntax": cell("emails", ["fine@example.com", "jane@@example"]),
    "phone_e164": cell("phones", ["+639171234567", "0917 123"]),
    "handle_form": cell("handles", ["jane.doe"]),
    "country_known": cell("country", "UK"),
    "birth_date_form": cell("birth_date", "17/05/1990"),
    "birth_year_plausible": cell("birth_date", "1890-01-01"),
    "full_name_is_no_placeholder": cell("full_name", "N/A"),
    "last_seen_after_first": cell("last_seen_at", pd.Timestamp("2025-12-01", tz="UTC")),
}

CORRUPTIONS: dict[str, dict[str, Corruption]] = {
    "landed": {
        "volume_is_usual": Corruption(lambda frame, facts: frame.head(700)),
        "columns_present": without("scope"),
        "readable": cell("problem", "line is not JSON"),
        "has_key": cell("record_id", None),
        "opaque_id": cell("record_id", "jane@example.com"),
        "has_raw": cell("raw", None),
        "raw_is_an_object": cell("raw", "[1, 2]"),
        "raw_is_storable": cell("raw", r'{"name": "a\u0000b"}'),
        "raw_is_no_dump": cell("raw", '{"name": "' + "x" * 1_000_000 + '"}'),
        "has_place": cell("file", "/srv/exports/customers.csv"),
        "place_present": cell("file", None),
        "has_position": cell("position", 0),
        "in_window": cell("delivered_on", date(2026, 9, 27)),
        "dated": cell("delivered_on", None),
        "one_row_a_line": copied("position", 5, 1),
        "mostly_readable": many(0.02, "problem", "line is not JSON", "readable"),
        "mostly_keyed": many(0.25, "record_id", None, "has_key", "quarantine_limit"),
        "no_record_dominates": many(0.25, "record_id", "8a9d3f2e-0000-4000-8000-000000000001"),
        "few_repeats_in_a_file": THRICE,
        "quarantine_limit": many(0.06, "position", 0, "has_position", "one_row_a_line"),
    },
    "mapped_customers": {
        "new_customers_are_usual": fact(new_record_share=0.9),
        "emails_are_usual": emptied(0.9, ["emails"]),
        "phones_are_usual": emptied(0.5, ["phones"]),
        "columns_present": without("title"),
        "has_id": cell("record_id", ID),
        "id_present": cell("record_id", None),
        "has_clock": cell("source_updated_at", None),
        "not_from_the_future": cell("source_updated_at", LATE),
        "not_from_before_the_web": cell("source_updated_at", OLD),
        "deleted_is_told": cell("deleted", "maybe"),
        "deleted_is_filled": cell("deleted", None),
        "says_something": emptied(1 / 1_000, WHOLE),
        "full_name_is_no_paragraph": cell("full_name", "a" * 251),
        "given_name_is_no_paragraph": cell("given_name", "a" * 201),
        "family_name_is_no_paragraph": cell("family_name", "a" * 201),
        "birth_date_is_short": cell("birth_date", "1" * 41),
        "country_is_short": cell("country", "x" * 81),
        "few_emails": cell("emails", [f"p{n}@example.com" for n in range(26)]),
        "few_phones": cell("phones", [f"0917{n}" for n in range(26)]),
        "email_is_short": cell("emails", ["a" * 321]),
        "phone_is_short": cell("phones", ["fine", "1" * 61]),
        "note_is_no_dump": cell("note", "x" * 50_001),
        "names_are_mapped": emptied(0.6, NAMES),
        "contacts_are_mapped": emptied(0.9, CONTACTS),
        "deletions_are_exceptions": many(0.6, "deleted", True),
        "no_constant_name": many(0.4, "full_name", "Store Customer"),
        "quarantine_limit": many(0.03, "country", "x" * 81, "country_is_short"),
    },
    "mapped_interactions": {
        "guests_are_usual": emptied(0.5, ["customer_key"]),
        "columns_present": without("channel"),
        "has_id": cell("record_id", ID),
        "id_present": cell("record_id", None),
        "has_type": cell("interaction_type", None),
        "type_is_a_word": cell("interaction_type", "Bought by Jane Doe"),
        "has_time": cell("occurred_at", None),
        "time_is_short": cell("occurred_at", "9" * 61),
        "has_clock": cell("source_updated_at", None),
        "not_from_the_future": cell("source_updated_at", LATE),
        "deleted_is_filled": cell("deleted", None),
        "amount_is_short": cell("amount", "9" * 41),
        "currency_is_short": cell("currency", "p" * 21),
        "item_count_is_short": cell("item_count", "1" * 13),
        "subject_is_a_line": cell("subject", "x" * 5_001),
        "body_is_no_dump": cell("body", "x" * 200_001),
        "owners_are_mapped": emptied(0.9, ["customer_key", "emails", "phones", "handles"]),
        "deletions_are_exceptions": many(0.6, "deleted", True),
        "nobody_owns_everything": many(0.4, "customer_key", "K1"),
        "few_kinds": Corruption(
            lambda frame, facts: frame.assign(interaction_type=["kind_" + "x" * (n % 31) for n in range(len(frame))])
        ),
        "few_repeats_in_a_file": THRICE,
        "quarantine_limit": many(0.03, "currency", "p" * 21, "currency_is_short"),
    },
    "cleaned_customers": {
        **CUSTOMER_VALUES,
        "columns_present": without("title"),
        "id_present": cell("record_id", None),
        "email_key_form": cell("email_keys", ["Jane@example.com"]),
        "gender_known": cell("gender", "f"),
        "language_form": cell("language", "English"),
        "full_name_is_clean": cell("full_name", "Jos\ufffd Reyes"),
        "name_key_form": cell("family_key", "Müller"),
        "postcode_is_short": cell("postcode", "1000 Manila, PH"),
        "not_first_seen_in_the_future": both(cell("first_seen_at", LATE), cell("last_seen_at", LATE)),
        "region_known": cell("region", "Asia Pacific"),
        "flag_form": cell("flags", ["emails:role", "Jane Doe"]),
        "changes_are_readable": cell("changes", "{'field': 'phones'}"),
        "every_row_has_a_region": cell("region", None),
        "no_shared_mailbox_rules": many(0.03, "email_keys", ["shop@example.com"]),
        "no_constant_birth_date": many(0.1, "birth_date", "1990-01-01"),
        "rows_can_be_compared": emptied(0.4, [*NAMES, *CONTACTS, "postcode"]),
        "quarantine_limit": many(0.02, "country", "UK", "country_known"),
    },
    "cleaned_interactions": {
        "columns_present": without("channel"),
        "id_present": cell("record_id", None),
        "has_type": cell("interaction_type", "Bought by Jane Doe"),
        "type_present": cell("interaction_type", None),
        "has_time": cell("occurred_at", None),
        "not_in_the_future": cell("occurred_at", LATE),
        "not_before_the_web": cell("occurred_at", OLD),
        "amount_plausible": cell("amount", 1e12),
        "currency_known": cell("currency", "PESO"),
        "amount_has_currency": cell("currency", None),
        "item_count_plausible": cell("item_count", 4_006_381_333_931.0),
        "email_syntax": cell("emails", ["jane example.com"]),
        "phone_e164": cell("phones", ["+0917"]),
        "handle_form": cell("handles", ["instagram:jane doe"]),
        "details_are_readable": cell("details", "{broken"),
        "every_row_has_a_region": cell("region", None),
        "times_are_read": emptied(0.2, ["occurred_at"], "has_time", "quarantine_limit"),
        "no_constant_amount": many(0.6, "amount", 0.0),
        "few_currencies": Corruption(lambda frame, facts: frame.assign(currency=_currencies(len(frame)))),
        "nobody_owns_everything": many(0.4, "customer_key", "K1"),
        "quarantine_limit": many(0.02, "currency", "PESO", "currency_known"),
    },
    "clustered": {
        "columns_present": without("source", "source_present", "quarantine_limit"),
        "record_present": cell("record_id", None, "quarantine_limit"),
        "record_is_opaque": cell("record_id", ID, "quarantine_limit"),
        "record_has_a_customer": cell("customer_id", None, "quarantine_limit"),
        "source_present": cell("source", None, "quarantine_limit"),
        "region_present": cell("region", None, "quarantine_limit"),
        "no_record_lost": fact(records=1_501),
        "one_customer_a_record": copied("record_id", 5, 1),
        "no_giant": many(0.15, "customer_id", "one", "no_large_customer", "no_dominant_customer", "regions_kept_apart"),
        "no_large_customer": both(many(0.05, "customer_id", "one"), many(0.05, "region", "eu"), "no_dominant_customer"),
        "nothing_was_cut": fact(oversize_groups=1),
        "no_dominant_customer": both(many(0.03, "customer_id", "one"), many(0.03, "region", "eu")),
        "not_everything_merges": Corruption(
            lambda frame, facts: frame.assign(customer_id=[f"c{n // 15}" for n in range(len(frame))], region="eu")
        ),
        "something_merges": Corruption(lambda frame, facts: frame.assign(customer_id=[f"c{n}" for n in range(len(frame))])),
        "regions_kept_apart": cell("region", "eu"),
        "reviews_are_few": fact(reviews=901),
        "match_rate_bounded": fact(matches=90_001),
        "blocking_bounded": fact(pairs=450_001),
        "quarantine_limit": cell("region", None, "region_present"),
    },
    "golden": {
        **CUSTOMER_VALUES,
        "columns_present": without("title"),
        "id_form": cell("customer_id", "8a9d3f2e-0000-4000-8000-000000000001"),
        "has_sources": cell("sources", []),
        "has_records": cell("record_count", 0),
        "known_by_something": emptied(1 / 1_000, [*NAMES, *CONTACTS, "postcode"]),
        "source_form": cell("sources", ["store_pos", "Jane Doe"]),
        "every_customer_has_an_id": cell("customer_id", None),
        "one_row_a_customer": copied("customer_id", 5, 1),
        "every_customer_is_here": fact(customers=1_499),
        "every_customer_has_a_region": cell("region", None),
        "names_survive": emptied(0.4, NAMES),
        "contacts_survive": emptied(0.7, CONTACTS),
        "no_common_name": many(0.03, "full_name", "Store Customer"),
        "quarantine_limit": many(0.01, "country", "UK", "country_known"),
    },
    # what the sources add
}
"""By shared suite, then by expectation id. What a source adds declares its own (``broken_by``)."""


def _currencies(rows: int) -> list[str]:
    from include.quality.suite import reference_set

    return [reference_set("currencies")[n % 61] for n in range(rows)]
