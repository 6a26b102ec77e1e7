"""The canonical customer record: every field, its type, its classification and its meaning, declared once.

The warehouse makes its columns from this list, the source declarations may map only to these names, the cleaners fill
them, matching and survivorship read them. A new field is one line here.
"""

from dataclasses import dataclass
from typing import Literal

Type = Literal["text", "texts", "date", "timestamp", "boolean", "integer", "number", "json"]
"""``texts`` is a set of texts (ordered, no repeats); ``date`` is ISO 8601 text and may be partial (``1990``, ``1990-05``,
``--05-17``), because a birthday without a year is common and must not be completed by invention."""

Classification = Literal["internal", "personal", "sensitive"]
"""``internal``: says nothing about a person. ``personal``: identifies or describes one. ``sensitive``: needs extra care."""

Origin = Literal["mapped", "derived"]
"""``mapped``: a source declaration may fill it. ``derived``: only a cleaner fills it."""


@dataclass(frozen=True)
class Field:
    """One canonical field."""

    name: str
    type: Type
    classification: Classification
    meaning: str
    origin: Origin = "mapped"


CUSTOMER_FIELDS: tuple[Field, ...] = (
    # the person
    Field("full_name", "text", "personal", "Name as the customer would write it, in its own script"),
    Field("title", "text", "personal", "Form of address: Mr, Dra., 様"),
    Field("given_name", "text", "personal", "Given name in its own script"),
    Field("middle_name", "text", "personal", "Further given names or patronymic"),
    Field("family_name", "text", "personal", "Family name with its particles, in its own script"),
    Field("name_suffix", "text", "personal", "Generation: Jr, Sr, II, III"),
    Field("nickname", "text", "personal", "What the shop calls the customer"),
    Field("company_name", "text", "personal", "Company, where the record is a company or names one"),
    Field("given_key", "text", "personal", "Romanised, folded given name for comparison", "derived"),
    Field("family_key", "text", "personal", "Romanised, folded family name for comparison", "derived"),
    Field("birth_date", "date", "sensitive", "Date of birth, possibly partial"),
    Field("gender", "text", "sensitive", "female, male or other, where the source states it"),
    Field("language", "text", "personal", "Preferred language, BCP 47 primary tag"),
    # how to reach them
    Field("emails", "texts", "personal", "E-mail addresses as they should be written to"),
    Field("email_keys", "texts", "personal", "Canonical e-mail addresses for comparison", "derived"),
    Field("phones", "texts", "personal", "Phone numbers, E.164"),
    Field("handles", "texts", "personal", "Social handles as platform:handle, e.g. instagram:jane.doe"),
    Field("loyalty_ids", "texts", "personal", "Loyalty card numbers"),
    Field("external_ids", "texts", "personal", "The customer's ids in other systems, as system:id"),
    # where they live
    Field("address_line", "text", "personal", "Street lines as written, joined by a comma"),
    Field("house_number", "text", "personal", "House number taken from the street lines", "derived"),
    Field("street_key", "text", "personal", "Folded street without number or unit, for comparison", "derived"),
    Field("city", "text", "personal", "City, by its name in the gazetteer where it has one"),
    Field("subdivision", "text", "personal", "State, province or prefecture"),
    Field("postcode", "text", "personal", "Postcode in its country's form"),
    Field("country", "text", "personal", "ISO 3166-1 alpha-2"),
    # what they allowed
    Field("email_consent", "boolean", "personal", "Agreed to marketing by e-mail; null when never asked"),
    Field("email_consent_at", "timestamp", "personal", "When that answer was given"),
    Field("sms_consent", "boolean", "personal", "Agreed to marketing by text message; null when never asked"),
    Field("sms_consent_at", "timestamp", "personal", "When that answer was given"),
    Field("phone_consent", "boolean", "personal", "Agreed to marketing by telephone call; null when never asked"),
    Field("phone_consent_at", "timestamp", "personal", "When that answer was given"),
    Field("post_consent", "boolean", "personal", "Agreed to marketing by post; null when never asked"),
    Field("post_consent_at", "timestamp", "personal", "When that answer was given"),
    Field("profiling_consent", "boolean", "personal", "Agreed to be judged by what they do and buy; null when never asked"),
    Field("profiling_consent_at", "timestamp", "personal", "When that answer was given"),
    # how long we know them
    Field("first_seen_at", "timestamp", "personal", "First known contact in this source"),
    Field("last_seen_at", "timestamp", "personal", "Latest known contact in this source"),
    Field("note", "text", "sensitive", "Free text the staff keep on the customer"),
)

INTERACTION_FIELDS: tuple[Field, ...] = (
    Field("customer_key", "text", "personal", "Key of the customer record in the same source, null for a guest"),
    Field("interaction_type", "text", "internal", "order, receipt, ticket, lead, comment, ..."),
    Field("occurred_at", "timestamp", "personal", "When it happened"),
    Field("channel", "text", "internal", "web, store, instagram, e-mail, ..."),
    Field("store", "text", "internal", "Store id, where there is one"),
    Field("status", "text", "internal", "The source's own state: paid, refunded, solved, ..."),
    Field("amount", "number", "personal", "Total in the currency's main unit; negative for a refund"),
    Field("currency", "text", "internal", "ISO 4217"),
    Field("item_count", "integer", "personal", "Number of items bought"),
    Field("subject", "text", "sensitive", "Subject or product line"),
    Field("body", "text", "sensitive", "Free text of a ticket, comment or answer"),
    Field("emails", "texts", "personal", "E-mail addresses given with the interaction"),
    Field("phones", "texts", "personal", "Phone numbers given with the interaction"),
    Field("handles", "texts", "personal", "Social handles given with the interaction"),
    Field("details", "json", "sensitive", "What else the source knows of it, as JSON"),
    Field("mentioned_email_keys", "texts", "personal", "Canonical e-mail addresses in its free text, for comparison", "derived"),
)

FIELDS: dict[str, tuple[Field, ...]] = {"customers": CUSTOMER_FIELDS, "interactions": INTERACTION_FIELDS}
"""The fields of each kind of row."""

CONSENTS: tuple[str, ...] = tuple(field.name for field in CUSTOMER_FIELDS if field.name.endswith("_consent"))
"""The answers that only the person can have given; each has its date beside it, in the field of its name with ``_at``."""

LANDED_COLUMNS: tuple[str, ...] = ("record_id", "file", "position", "delivered_on", "scope", "problem", "raw")
"""Columns of a landed frame: the opaque record id (null if the row has no key), the delivered file relative to the exports
root, the row's line or element number in it (from 1), the delivery's date, the declared scope (a store; null if none), why the
row could not be read (null if it could) and the raw record as a JSON object text."""

ROW_COLUMNS: tuple[str, ...] = (
    "record_id", "file", "position", "delivered_on", "scope", "source_updated_at", "deleted",
)  # fmt: skip
"""Columns every mapped and cleaned frame carries before its canonical fields. ``source_updated_at`` is the source's own clock
where it has one, else the delivery's date at 00:00 UTC; ``deleted`` marks a tombstone."""

MAPPED_COLUMNS: tuple[str, ...] = ("noted",)
"""What a mapped frame adds: flags of the record that mapping found, which cleaning adds its own to."""

CLEANED_COLUMNS: tuple[str, ...] = ("region", "flags", "changes", "cleaning_version")
"""Columns a cleaned frame adds: the region policy applies to, flags as ``field:flag`` texts, what cleaning did as JSON text, and
the number of the cleaning that did it (``ops.cleaning``). ``changes`` is a list of ``{"field", "outcome", "rule", "reason"}``,
with ``old`` and ``new`` where the text changed, and ``source`` and ``confidence`` where the value is inferred; the old form of a
repaired or emptied value stays there, so nothing is lost. docs/cleaning.md tells what the words mean."""


def names(kind: str, origin: Origin | None = None) -> list[str]:
    """Field names of a kind, all or of one origin."""
    return [field.name for field in FIELDS[kind] if origin in (None, field.origin)]
