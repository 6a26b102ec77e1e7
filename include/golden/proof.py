"""Where golden values come from, in one row a customer: small enough to be kept for every value of a million records.

A row is ``customer_id``, ``record_ids``, the customer's records sorted by id, and ``fields``, the JSON text of
``{field: [rule, agreeing, holding, [places]]}``. A place is of one of the records, from 1: those that supplied the value, several
for a set. ``rows`` tells the same in a row a value.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from include.golden.fields import GOLDEN, PROVENANCE_COLUMNS

COLUMNS: tuple[str, ...] = ("customer_id", "record_ids", "fields")
"""Columns of a frame of proofs."""

_ORDER = {name: place for place, name in enumerate(GOLDEN)}


def frame(customers: npt.NDArray[np.object_], records: npt.NDArray[np.object_], fields: Mapping[str, pa.Array]) -> pd.DataFrame:
    """Proofs of some customers.

    Args:
        customers: Their ids.
        records: The record ids of each.
        fields: By golden field what ``of_field`` made of it.
    """
    # Not null_handling="skip": Arrow leaves a row out where everything in it is skipped.
    told = [pc.fill_null(fields[name], "") for name in GOLDEN if name in fields]
    joined = pc.binary_join_element_wise(pa.array([""] * len(customers), pa.string()), *told, "")
    whole = pc.binary_join_element_wise("{", pc.utf8_slice_codeunits(joined, 1), "}", "")  # without the first comma
    texts = whole.to_numpy(zero_copy_only=False)
    columns = zip(COLUMNS, (customers, records, texts), strict=True)
    return pd.DataFrame({name: pd.Series(column, dtype=object) for name, column in columns})


def of_field(
    name: str,
    rule: tuple[str, ...],
    agreeing: npt.NDArray[np.int64],
    holding: npt.NDArray[np.int64],
    places: pa.Array,
    without: npt.NDArray[np.bool_],
) -> pa.Array:
    """What one field adds to the text of each customer, after a comma; null for those without."""
    held = pa.array(holding, mask=without).cast(pa.string())
    return pc.binary_join_element_wise(
        f',"{name}":["{", ".join(rule)}",', pa.array(agreeing).cast(pa.string()), ",", held, ",[", places, "]]", ""
    )


def joined(places: npt.NDArray[np.int64], counts: npt.NDArray[np.int64]) -> pa.Array:
    """Places of all customers, so many of each, as a text a customer."""
    offsets = pa.array(np.r_[0, np.cumsum(counts)].astype(np.int32))
    return pc.binary_join(pa.ListArray.from_arrays(offsets, pa.array(places).cast(pa.string())), ",")


def values(proofs: pd.DataFrame, rule: str = "") -> int:
    """How many values are proven; or those that one rule chose."""
    told = f'":["{rule}"' if rule else '":["'
    return sum(text.count(told) for text in proofs["fields"])


def rewritten(text: str, changes: Mapping[str, tuple[str, int, int] | None]) -> str:
    """A customer's text in which some fields have another rule and counts and no record, or (None) are not told of."""
    told = json.loads(text) | {name: change and [*change, []] for name, change in changes.items()}
    kept = {name: told[name] for name in sorted(told, key=_ORDER.__getitem__) if told[name] is not None}
    return json.dumps(kept, separators=(",", ":"))


def rows(proofs: pd.DataFrame) -> pd.DataFrame:
    """``PROVENANCE_COLUMNS``, one row a proven value, in the order of the fields."""
    return pd.DataFrame(_rows(zip(*(proofs[name] for name in COLUMNS), strict=True)), columns=list(PROVENANCE_COLUMNS))


def _rows(proofs: Iterable[tuple[str, Sequence[str], str]]) -> list[tuple[Any, ...]]:
    return [
        (customer, name, [records[place - 1] for place in places], rule, agreeing, holding)
        for customer, records, text in proofs
        for name, (rule, agreeing, holding, places) in json.loads(text).items()
    ]
