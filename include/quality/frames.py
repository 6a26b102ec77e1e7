"""Which columns each judged frame has, so that a suite that names a column nobody delivers is told so when it is loaded."""

from include.customer import CLEANED_COLUMNS, FIELDS, LANDED_COLUMNS, ROW_COLUMNS, names

CLUSTERED_COLUMNS: tuple[str, ...] = ("record_id", "customer_id", "source", "region")
"""One row a live record: the customer it was put with, and where it comes from."""

GOLDEN_COLUMNS: tuple[str, ...] = (
    "customer_id",
    *(name for name in names("customers", "mapped") if name != "note"),
    "region",
    "sources",
    "record_count",
)
"""One row a customer. Comparison keys and staff notes stay with the records."""


def _mapped(kind: str) -> tuple[str, ...]:
    return (*ROW_COLUMNS, *names(kind, "mapped"))


def _cleaned(kind: str) -> tuple[str, ...]:
    return (*ROW_COLUMNS, *names(kind), *CLEANED_COLUMNS)


FRAMES: dict[str, tuple[str, ...]] = {
    "landed": LANDED_COLUMNS,
    "mapped_customers": _mapped("customers"),
    "mapped_interactions": _mapped("interactions"),
    "cleaned_customers": _cleaned("customers"),
    "cleaned_interactions": _cleaned("interactions"),
    "clustered": CLUSTERED_COLUMNS,
    "golden": GOLDEN_COLUMNS,
}
"""Columns of each frame a suite can judge, by the suite's name."""

TEXTS: frozenset[str] = frozenset(
    {field.name for fields in FIELDS.values() for field in fields if field.type == "texts"} | {"flags", "sources"}
)
"""Columns that hold a list of texts; they are judged text by text."""
