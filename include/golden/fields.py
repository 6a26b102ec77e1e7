"""Which canonical fields a golden customer has, so that rules, hashes and tables speak of the same columns.

Keys made for comparison are no fact about a person, and a staff note belongs to the record it was written on: neither
survives into the golden record.
"""

from include.customer import CUSTOMER_FIELDS, Field

_NOT_GOLDEN = frozenset({"given_key", "family_key", "email_keys", "house_number", "street_key", "note"})

GOLDEN_FIELDS: tuple[Field, ...] = tuple(field for field in CUSTOMER_FIELDS if field.name not in _NOT_GOLDEN)
"""The canonical fields that survive, in their declared order."""

GOLDEN: tuple[str, ...] = tuple(field.name for field in GOLDEN_FIELDS)
"""Their names."""

ADDED: frozenset[str] = frozenset(
    name for answer in ("phone_consent", "post_consent", "profiling_consent") for name in (answer, f"{answer}_at")
)
"""Fields that came when golden customers were hashed already: a customer without one hashes as before it came."""

GOLDEN_COLUMNS: tuple[str, ...] = ("customer_id", *GOLDEN, "region", "sources", "record_count")
"""Columns of a customers frame, in the order its content is hashed."""

PROVENANCE_COLUMNS: tuple[str, ...] = ("customer_id", "field", "record_ids", "rule", "agreeing", "holding")
"""Columns of a provenance frame."""
